"""The business: created, changed, entered; whose it is on each request."""

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blu.accounts.models import Business, Membership, Role
from blu.accounts.refused import Refused
from blu.accounts.services import BUSINESSES_MOST, create_another, create_business
from blu.web import dates
from tests import support
from tests.clients import Client
from tests.concurrency.waiting import Beside
from tests.factories import make_business, make_membership, make_user
from tests.isolation import declared
from tests.isolation.world import make_world

pytestmark = pytest.mark.django_db


def test_a_new_business_is_shown_at_once(client: Client) -> None:
    membership = make_membership()
    client.force_login(membership.user)
    page = client.post(
        "/empresa/nova/",
        {"name": "Segunda Clínica", "time_zone": "America/Manaus", "default_area_code": ""},
        follow=True,
    )
    assert page.context["request"].business.name == "Segunda Clínica"


def test_the_owner_changes_the_data_of_the_business(client: Client) -> None:
    membership = make_membership()
    client.force_login(membership.user)
    form = {"name": "Novo Nome", "time_zone": "America/Rio_Branco", "default_area_code": "68"}
    page = client.post("/empresa/", form, follow=True)
    assert "Dados do negócio salvos." in page.content.decode()
    membership.business.refresh_from_db()
    assert membership.business.time_zone == "America/Rio_Branco"
    assert membership.business.default_area_code == "68"


@pytest.fixture
def two(client: Client) -> list[Business]:
    """The businesses of somebody signed in who works in two."""
    user = make_user()
    found = [make_membership(make_business(n), user=user).business for n in ("Primeira", "Segunda")]
    client.force_login(user)
    return found


def test_who_belongs_to_one_business_is_led_to_it(client: Client) -> None:
    business = make_membership().business
    client.force_login(business.users.get())
    assert client.get("/")["Location"] == f"/n/{business.slug}/"


def test_who_belongs_to_several_is_shown_them_and_no_other(
    client: Client, two: list[Business]
) -> None:
    other = make_business("De outra pessoa")
    page = client.get("/").content.decode()
    assert [f'href="/n/{one.slug}/"' in page for one in (*two, other)] == [True, True, False]
    assert "De outra pessoa" not in page


def test_who_belongs_to_none_is_led_to_a_first_one_and_the_support_to_the_admin(
    client: Client,
) -> None:
    for user, page in ((make_user(), "/empresa/nova/"), (make_user(is_staff=True), "/admin/")):
        client.force_login(user)
        assert client.get("/")["Location"] == page
        assert client.post("/").status_code == 405


def test_two_tabs_are_two_businesses(client: Client, two: list[Business]) -> None:
    for business in (*two, *two):
        page = client.get(business.address("business_edit"))
        assert page.context["request"].business == business
    form = {"name": "Novo nome", "time_zone": "America/Manaus", "default_area_code": ""}
    client.post(two[0].address("business_edit"), form)
    assert [Business.objects.get(pk=one.pk).name for one in two] == ["Novo nome", "Segunda"]


def test_every_link_and_form_of_a_page_stays_in_its_business(client: Client) -> None:
    """Who belongs to several gets no way from one into another but by the list of them."""
    world = make_world("jabuticaba")
    other = make_membership(user=world.membership.user).business
    client.force_login(world.membership.user)
    support.confirm_again(client, world.membership.user)
    seen = 0
    for route in declared.ROUTES.keys() - set(declared.OUTSIDE):
        answer = client.get(world.address(route))
        html = "" if answer.streaming else answer.content.decode("latin-1")
        seen += html.count(f"/n/{world.business.slug}/")
        assert f"/n/{other.slug}/" not in html, route
    assert seen > len(declared.ROUTES)


def test_pages_of_ones_own_show_the_only_business_and_of_several_none(client: Client) -> None:
    first = make_membership()
    client.force_login(first.user)
    page = client.get("/conta/")
    assert page.context["request"].business is None
    assert first.business.address("contact_list") in page.content.decode()
    second = make_membership(make_business("Segunda"), user=first.user)
    said = client.get("/conta/").content.decode()
    assert not [one for one in (first, second) if f"/n/{one.business.slug}/" in said]
    assert 'href="/"' in said


def test_the_slug_stays_when_the_name_changes(client: Client) -> None:
    business = create_business(owner=make_user(), name="Clínica São João")
    assert business.slug == "clinica-sao-joao"
    client.force_login(business.users.get())
    form = {"name": "Outro nome", "time_zone": "America/Manaus", "default_area_code": ""}
    client.post(business.address("business_edit"), form | {"slug": "outro"})
    business.refresh_from_db()
    assert (business.name, business.slug) == ("Outro nome", "clinica-sao-joao")


@pytest.mark.parametrize("name", ["admin", "api", "Conta", "n", "Static", "Empresa nova", "123"])
def test_no_name_takes_the_place_of_another_page(client: Client, name: str) -> None:
    """Nothing else stands beside a slug, so that no word has to be reserved."""
    business = create_business(owner=make_user(), name=name)
    client.force_login(business.users.get())
    page = client.get(business.address("dashboard"))
    assert page.context["request"].business == business


@pytest.mark.parametrize("slug", ["", "a/b", "a b", "ação", "a\n"])
def test_a_slug_that_fits_no_address_is_none(slug: str) -> None:
    with pytest.raises(IntegrityError):
        make_business(slug=slug)


def test_hours_are_told_where_the_business_is(client: Client) -> None:
    membership = make_membership(make_business(time_zone="America/Rio_Branco"))
    client.force_login(membership.user)
    before = greeting_in(membership.business)
    page = client.get("/", follow=True)
    # The hour may strike between them.
    assert page.context["hello"].startswith((before, greeting_in(membership.business)))


def greeting_in(business: Business) -> str:
    with timezone.override(business.zone):
        return dates.greeting(timezone.now())


def test_a_long_name_is_cut_into_a_slug_between_letters() -> None:
    business = create_business(owner=make_user(), name=f"{'a' * 69} bela")
    assert business.slug == "a" * 69


def test_a_name_of_signs_only_still_gets_a_slug() -> None:
    business = create_business(owner=make_user(), name="★★★")
    assert business.slug == "negocio"


def test_a_business_is_never_left_without_its_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Membership.objects, "create", fail)
    with pytest.raises(RuntimeError):
        create_business(owner=make_user(), name="Clínica")
    assert not Business.objects.exists()


def test_everybody_with_access_is_listed_with_their_role(client: Client) -> None:
    membership = make_membership()
    make_membership(membership.business, Role.VIEWER, make_user(name="Caio Lima"))
    client.force_login(membership.user)
    page = client.get("/empresa/").content.decode()
    assert "Caio Lima" in page
    assert str(Role.VIEWER.label) in page


def test_a_person_and_their_places_are_one_question_of_a_page(
    client: Client, owner: Membership
) -> None:
    make_membership(user=owner.user, role=Role.VIEWER)
    with CaptureQueriesContext(connection) as asked:
        request = client.get(owner.business.address("topic_list")).wsgi_request
    about = [query["sql"] for query in asked if "accounts_membership" in query["sql"]]
    assert len(about) == 1
    assert not [query["sql"] for query in asked if 'FROM "accounts_user"' in query["sql"]]
    assert (request.membership, len(request.memberships)) == (owner, 2)


@pytest.mark.django_db(transaction=True)
def test_who_asks_twice_at_once_has_no_more_businesses_than_they_may() -> None:
    owner = make_user()
    for number in range(BUSINESSES_MOST - 1):
        create_business(owner=owner, name=f"Clínica {number}")

    def another() -> bool:
        try:
            return bool(create_another(owner=owner, name="Mais uma"))
        except Refused:
            return False

    at_once = [Beside(another) for _ in range(4)]
    assert [one.result() for one in at_once].count(True) == 1
    assert owner.memberships.count() == BUSINESSES_MOST
