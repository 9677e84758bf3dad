"""From the first day nobody sees, or touches, another business's rows.

Two businesses own one of everything. The first one's owner asks for every address with the second
one's keys, gives every choice and parameter a foreign key, and gets 404 or a refusal; nothing changes.
"""

from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.urls import reverse
from pytest_django import DjangoDbBlocker

from blu.accounts.tenancy import KEY
from tests import support
from tests.clients import Client
from tests.factories import make_membership, make_user
from tests.isolation import declared, scan
from tests.isolation.world import World, all_rows, make_world

pytestmark = pytest.mark.django_db

MINE, THEIRS = "jabuticaba", "maracuja"
KEYED = [name for name, keys in declared.ROUTES.items() if keys]
NOT_ALLOWED = 405


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[list[World]]:
    """Both businesses, made once: each test's transaction is one inside of theirs."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield [make_world(MINE), make_world(THEIRS)]
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def cookies(worlds: list[World], django_db_blocker: DjangoDbBlocker) -> SimpleCookie:
    """Those of the first business's owner, who signed in once, inside of the same transaction."""
    browser, user = Client(), worlds[0].membership.user
    with django_db_blocker.unblock():
        browser.force_login(user)
        support.confirm_again(browser, user)
    return browser.cookies


@pytest.fixture
def owner(cookies: SimpleCookie, worlds: list[World]) -> Client:
    """The browser of the first business's owner."""
    browser = Client()
    browser.cookies.load({name: one.value for name, one in cookies.items()})
    browser.slug = worlds[0].business.slug
    return browser


@pytest.fixture
def mine(worlds: list[World]) -> World:
    return worlds[0]


@pytest.fixture
def theirs(worlds: list[World]) -> World:
    return worlds[1]


def body(response: Any) -> str:
    if response.streaming:
        return b"".join(response.streaming_content).decode("latin-1")
    return str(response.content.decode("latin-1"))


def shows(response: HttpResponse, secret: str) -> bool:
    return secret in body(response)


def exempt(name: str) -> bool:
    return any(name.startswith(beginning) for beginning in declared.EXEMPT)


def test_every_address_is_declared_with_all_its_keys() -> None:
    told = scan.told_by_kinds()  # tests/sessions/transports/test_registry.py: they ask who sends
    real = {
        name: keys for name, keys in scan.routes().items() if not exempt(name) and name not in told
    }
    below_slug = declared.ROUTES.keys() - set(declared.OUTSIDE)
    assert {
        name: set(keys) | ({KEY} if name in below_slug else set())
        for name, keys in declared.ROUTES.items()
    } == real


def test_every_choice_among_rows_is_declared() -> None:
    assert set(declared.FIELDS) == scan.choices()


def test_every_parameter_that_a_view_reads_is_declared() -> None:
    found = {(module, name) for module, name in scan.parameters() if name not in declared.WORDS}
    assert found == set(declared.PARAMETERS)


def test_every_field_and_filter_of_the_api_is_declared() -> None:
    assert scan.writable() == declared.WRITABLE
    assert scan.filters() == declared.FILTERS


@pytest.mark.parametrize("route", KEYED)
def test_a_foreign_key_in_the_address_is_a_404(
    owner: Client, mine: World, theirs: World, route: str
) -> None:
    before = all_rows()
    for foreign in ways_to(route, mine, theirs):
        answers = [
            owner.get(foreign),
            owner.post(foreign),
            owner.get(foreign, headers={"HX-Request": "true"}),
        ]
        codes = [answer.status_code for answer in answers]
        assert 404 in codes, foreign
        assert set(codes) <= {404, NOT_ALLOWED}, foreign
        assert not any(shows(answer, THEIRS) for answer in answers)
    assert all_rows() == before


def ways_to(route: str, mine: World, theirs: World) -> tuple[str, str]:
    """A foreign row below one's own slug and below its own.

    One's own row below a foreign slug: test_a_foreign_slug_is_as_one_that_nobody_has.
    """
    return mine.address(route, theirs), theirs.address(route)


@pytest.mark.parametrize("route", [name for name in KEYED if name.startswith("api_")])
def test_the_api_changes_no_foreign_row(
    owner: Client, mine: World, theirs: World, route: str
) -> None:
    before = all_rows()
    for foreign in ways_to(route, mine, theirs):
        for method in (owner.put, owner.patch, owner.delete):
            answer = method(foreign, {"name": "x", "body": "x"}, content_type="application/json")
            assert answer.status_code in (404, NOT_ALLOWED), foreign
    assert all_rows() == before


def test_a_foreign_slug_is_as_one_that_nobody_has(
    owner: Client, mine: World, theirs: World
) -> None:
    """At every address below a slug, whatever it takes or holds, by whatever method.

    What the slug of nobody gets is asked for once an address.
    """
    before, tried = all_rows(), 0
    for route, keys in scan.routes().items():
        if KEY not in keys:
            continue
        tried += 1
        rows = {name: mine.keys[kind] for name, kind in declared.ROUTES.get(route, {}).items()}
        nobodys = owner.get(reverse(route, kwargs={KEY: "ninguem", **rows}))
        foreign = reverse(route, kwargs={KEY: theirs.business.slug, **rows})
        assert nobodys.status_code == 404, route
        for method in (owner.get, owner.post, owner.put, owner.patch, owner.delete):
            answer = method(foreign)
            assert answer.status_code == 404, route
            assert answer.content == nobodys.content, route
    assert tried > len(KEYED)
    assert all_rows() == before


def test_a_slug_that_one_has_left_is_foreign(client: Client, theirs: World) -> None:
    member = make_membership(theirs.business)
    make_membership(user=member.user)
    client.force_login(member.user)
    page = theirs.business.address("contact_list")
    assert client.get(page).status_code == 200
    member.delete()
    assert client.get(page).status_code == 404


def test_half_a_foreign_address_is_a_404_too(owner: Client, mine: World, theirs: World) -> None:
    """Somebody else's delivery under one's own campaign, and the other way round."""
    for route, keys in declared.ROUTES.items():
        for foreign in keys if len(keys) > 1 else ():
            mixed = {n: (theirs if n == foreign else mine).keys[kind] for n, kind in keys.items()}
            asked = reverse(route, kwargs={KEY: mine.business.slug, **mixed})
            codes = {owner.get(asked).status_code, owner.post(asked).status_code}
            assert 404 in codes, route
            assert codes <= {404, NOT_ALLOWED}, route


# A file that a job writes when somebody asks for it: tests/contacts/takeout.
NOT_YET_WRITTEN = {"takeout_file"}
PRESENT = (200, 302, NOT_ALLOWED)


@pytest.mark.parametrize("route", KEYED)
def test_an_act_on_ones_own_row_is_answered(owner: Client, mine: World, route: str) -> None:
    assert owner.post(mine.address(route)).status_code in (200, 302, 400, NOT_ALLOWED)


def test_ones_own_pages_are_there_and_show_nothing_foreign(
    owner: Client, mine: World, theirs: World
) -> None:
    """Without a page the tests above would pass as well."""
    for route in declared.ROUTES:
        # A page may repeat what was searched for, so the search is for the beginning of the word.
        for asked in ({}, {"q": THEIRS[:5]}):
            answer = owner.get(mine.address(route), asked)
            assert answer.status_code in PRESENT or route in NOT_YET_WRITTEN, route
            assert not shows(answer, THEIRS), route


def test_someone_signed_out_sees_nothing(client: Client, theirs: World) -> None:
    before = all_rows()
    for route in declared.ROUTES:
        for answer in (client.get(theirs.address(route)), client.post(theirs.address(route))):
            assert answer.status_code in (302, 401, 403, 404, NOT_ALLOWED), route
            if answer.status_code == 302:
                assert answer["Location"].startswith(reverse("account_login")), route
            assert not shows(answer, THEIRS), route
    assert all_rows() == before


def test_someone_without_a_business_sees_nothing(client: Client, theirs: World) -> None:
    client.force_login(make_user())
    before = all_rows()
    for route in declared.ROUTES:
        for answer in (client.get(theirs.address(route)), client.post(theirs.address(route))):
            assert answer.status_code in (200, 302, 403, 404, NOT_ALLOWED), route
            assert not shows(answer, THEIRS), route
    assert all_rows() == before


TRIES = [
    *[(f"{form}.{field}", one) for (form, field), one in declared.FIELDS.items()],
    *[(f"{module}:{n}", t) for (module, n), tries in declared.PARAMETERS.items() for t in tries],
]


@pytest.mark.parametrize("attempt", [one for _, one in TRIES], ids=[name for name, _ in TRIES])
def test_a_foreign_key_in_a_field_is_refused_and_changes_nothing(
    owner: Client, mine: World, theirs: World, attempt: declared.Try
) -> None:
    before = all_rows()
    own = mine.address(attempt.route)
    data = attempt.data | {attempt.name: theirs.keys[attempt.kind]}
    answer = (owner.get if attempt.method == "get" else owner.post)(own, data)
    assert answer.status_code in (200, 302, 400, 404)
    assert not shows(answer, THEIRS)
    assert all_rows() == before


SAVED = [(name, one) for name, one in TRIES if one.method == "post" and one.saves]


@pytest.mark.parametrize("attempt", [one for _, one in SAVED], ids=[name for name, _ in SAVED])
def test_the_same_field_takes_ones_own_key(
    owner: Client, mine: World, attempt: declared.Try
) -> None:
    """Otherwise the test above would pass for want of something else in the form."""
    before = all_rows()
    data = attempt.data | {attempt.name: mine.keys[attempt.kind]}
    assert owner.post(mine.address(attempt.route), data).status_code == 302
    assert all_rows() != before
