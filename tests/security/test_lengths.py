"""Length comes first: no text of any request is looked into before it is known to be short.

Work is counted, never timed: what is compared, what is scanned, what is asked of the database.
"""

import difflib
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django import forms
from django.conf import settings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import DjangoDbBlocker
from rest_framework import serializers

from blu.db.cached_by_cost import pages
from blu.text import fold
from campaigns.compose.drafts import TEXT_MOST
from campaigns.compose.forms import FALLBACK_MOST, with_fallbacks
from campaigns.messages import content, merge_fields, variables, whatsapp_markup
from campaigns.models import Campaign, Template
from campaigns.models.campaign import BODY_MOST
from contacts.models import Contact, Segment, Topic
from tests import factories
from tests.clients import Client
from tests.isolation import scan
from tests.isolation.declared import LIVE, ROUTES
from tests.isolation.world import World, all_rows, make_world

pytestmark = pytest.mark.django_db

# allauth's name, which no page shows, its codes, and Django's passwords: they end where every value ends.
AS_LONG_AS_ANY = {
    ("CountedAuthenticateForm", "code"),
    ("CountedReauthenticateForm", "code"),
    ("InvitedForm", "username"),
    ("NewUserForm", "password1"),
    ("NewUserForm", "password2"),
    ("PasswordForm", "password1"),
    ("PasswordForm", "password2"),
}
# Addresses that end somebody's session, or answer with a file.
SKIPPED = {"campaign_export", "import_errors"}
QUERIES = 80
ATTRIBUTES = 190

MANY = " ".join(f"{{{{variavel_desconhecida_numero_{n}}}}}" for n in range(80))[:BODY_MOST]
LONG = (MANY + " ") * 5  # longer than any draft


class Work:
    """What was done since the last `clear`."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.compared = self.scanned = self.drawn = 0


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Work:
    """Counts what is compared, scanned for variables and drawn as a bubble."""
    done = Work()
    slots, check, cells = variables.slots, variables.check, whatsapp_markup._cells

    def compare(name: str, known: list[str], **options: Any) -> list[str]:
        done.compared += len(known)
        return difflib.get_close_matches(name, known, **options)

    def scan_for_slots(text: str) -> Any:
        done.scanned += len(text)
        return slots(text)

    def scan_for_faults(text: str, known: Any) -> Any:
        done.scanned += len(text)
        return check(text, known)

    def draw(pieces: Any) -> Any:
        done.drawn += sum(len(piece.text) for piece in pieces)
        return cells(pieces)

    monkeypatch.setattr(variables, "get_close_matches", compare)
    monkeypatch.setattr(variables, "slots", scan_for_slots)
    monkeypatch.setattr(variables, "check", scan_for_faults)
    monkeypatch.setattr(whatsapp_markup, "_cells", draw)
    return done


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """A business with one of everything and 190 attributes: each test's transaction is one inside of its."""
    with django_db_blocker.unblock(), transaction.atomic():
        world = make_world("jabuticaba")
        Contact.objects.filter(pk=world.keys["contact"]).update(
            attributes={f"variavel_conhecida_numero_{n}": "x" * 500 for n in range(ATTRIBUTES)}
        )
        yield world
        transaction.set_rollback(True)


@pytest.fixture
def world(client: Client, made: World) -> World:
    """The same, its owner signed in."""
    client.force_login(made.membership.user)
    return made


def address(route: str, world: World) -> str:
    return world.address(route)


def typed_fields() -> Iterator[tuple[str, str, forms.CharField]]:
    """(form, field, itself) of everything that is typed into one of our forms, the admin's too."""
    for form in _all(forms.BaseForm):
        for name, field in getattr(form, "base_fields", {}).items():
            if isinstance(field, forms.CharField) and form.__module__.split(".")[0] in scan.OURS:
                yield form.__name__, name, field


def _all(base: type) -> set[type]:
    scan.subclasses(base)  # imports every module of ours
    found: set[type] = set()
    left = [base]
    while left:
        below: list[type] = left.pop().__subclasses__()
        found |= set(below)
        left += below
    return found


def test_every_typed_field_has_an_end() -> None:
    endless = {(form, name) for form, name, field in typed_fields() if field.max_length is None}
    assert endless == AS_LONG_AS_ANY


def test_every_text_that_the_api_takes_has_an_end() -> None:
    endless = [
        (cls.__name__, name)
        for cls in scan.subclasses(serializers.BaseSerializer)
        for name, field in getattr(cls(), "fields", {}).items()
        if isinstance(field, serializers.CharField)
        and not field.read_only
        and field.max_length is None
    ]
    assert endless == []


@pytest.fixture(scope="module")
def everywhere() -> list[str]:
    """Every name under which a view or a form takes something."""
    fields = {name for _form, name, _field in typed_fields()}
    return sorted(fields | {name for _module, name in scan.parameters()})


@pytest.mark.parametrize("half", [0, 1])
def test_no_address_does_more_than_a_little_for_a_long_text_in_every_field(
    client: Client, world: World, work: Work, everywhere: list[str], half: int
) -> None:
    assert len(everywhere) > 30
    sent = dict.fromkeys(everywhere, LONG) | {"topic": str(world.keys["topic"]), "acao": "salvar"}
    body, kind = urlencode(sent), "application/x-www-form-urlencoded"
    for route in sorted(ROUTES.keys() - SKIPPED)[half::2]:
        work.clear()
        mark = transaction.savepoint()
        with CaptureQueriesContext(connection) as asked:
            answer = client.post(address(route, world), body, content_type=kind)
        assert answer.status_code < 500, route
        assert len(asked) < QUERIES, (route, len(asked))
        assert work.compared == 0, route
        assert work.scanned <= 12 * TEXT_MOST, (route, work.scanned)
        assert work.drawn <= 4 * whatsapp_markup.SHOWN_MOST, (route, work.drawn)
        assert answer.status_code != 302 or _longest() < len(LONG), route
        transaction.savepoint_rollback(mark)
        client.force_login(world.membership.user)


@pytest.mark.parametrize("text", [MANY, "{{x" * 1300, "{{{{" * 1000, "*a* " * 1000])
def test_a_text_that_may_be_sent_costs_a_little_everywhere(
    client: Client, world: World, work: Work, text: str
) -> None:
    sent = {"name": "x", "body": text, "topic": str(world.keys["topic"]), "acao": "salvar"}
    for route in ("campaign_edit", *LIVE, "template_edit", "template_new"):
        work.clear()
        with CaptureQueriesContext(connection) as asked:
            client.post(address(route, world), sent)
        assert len(asked) < QUERIES, (route, len(asked))
        assert work.compared <= variables.SUGGESTIONS * variables.COMPARED, route
        assert work.scanned <= 12 * BODY_MOST, (route, work.scanned)
        assert work.drawn <= 4 * whatsapp_markup.SHOWN_MOST, (route, work.drawn)


def _longest() -> int:
    """Letters of the longest text that a row holds."""
    rows = (row for rows in all_rows().values() for row in json.loads(rows or "[]"))
    return max(len(v) for row in rows for v in row.values() if isinstance(v, str))


@pytest.mark.parametrize("length", [39_000, 156_000, 5_000_000])
def test_the_recipe_of_the_review_costs_nothing(
    client: Client, world: World, work: Work, length: int
) -> None:
    body = (MANY * (length // len(MANY) + 1))[:length]
    paths = [world.address(f"campaign_{name}") for name in ("edit", "preview")]
    paths += [world.address("template_edit"), world.address("template_new")]
    for path in paths:
        client.post(path, {"name": "x", "body": body, "acao": "salvar"})
    client.post(world.address("api_template-list"), {"name": "x", "body": body}, "application/json")
    assert work.compared == 0
    assert work.scanned <= 30 * BODY_MOST
    assert not Template.objects.filter(body=body).exists()
    assert not Campaign.objects.filter(body=body).exists()


def test_a_text_gets_three_suggestions_and_no_more(work: Work) -> None:
    known = {f"variavel_{n}": None for n in range(1000)}
    problems = variables.check("{{variavel_1x}} " * 100, known)
    assert len(problems) == 100
    assert sum("Seria" in str(problem) for problem in problems) == variables.SUGGESTIONS
    assert work.compared == variables.SUGGESTIONS * variables.COMPARED


def test_a_long_text_is_refused_for_its_length_alone(world: World, work: Work) -> None:
    (fault,) = content.faults(world.business, MANY * 2)
    assert fault.fault == variables.Fault.TOO_LONG
    assert "passou do limite" in str(fault)
    assert work.scanned == 0


def test_a_text_uses_so_many_data_and_is_told_so(world: World) -> None:
    body = " ".join(f"{{{{v{n}}}}}" for n in range(merge_fields.USED_MOST + 1))
    (fault,) = content.faults(world.business, body)
    assert str(fault) == "Use até 30 dados diferentes no mesmo texto."
    assert len(merge_fields.used(world.business, MANY)) <= merge_fields.USED_MOST


def test_attributes_beyond_the_commonest_are_not_looked_at(world: World) -> None:
    for n in range(3):
        factories.make_contact(
            world.business, attributes={f"outra_{n}_{each}": "x" for each in range(190)}
        )
    assert (
        len(merge_fields.known(world.business, thorough=True)) <= 5 + merge_fields.ATTRIBUTES_MOST
    )


def test_fallbacks_are_written_in_one_pass(work: Work) -> None:
    many = {f"reserva-v{n}": "novo" for n in range(400)} | {
        f"reserva-era-v{n}": "" for n in range(400)
    }
    body = " ".join(f"{{{{v{n}}}}}" for n in range(400))
    written = with_fallbacks({**many, "body": body})["body"]
    assert written.count("|novo") == 400
    assert work.scanned == 2 * len(body)


@pytest.mark.parametrize("action", ["previa", "rascunho", "salvar"])
def test_a_fallback_does_not_make_a_short_text_long(
    client: Client, world: World, work: Work, action: str
) -> None:
    """3,200 places for one of 65,000 letters were a page of 200 MB."""
    body, long = "{{a}}" * (TEXT_MOST // 5), "x" * 65_000
    sent = {"name": "x", "body": body, "reserva-a": long, "reserva-era-a": "", "acao": action}
    assert len(with_fallbacks(sent)["body"]) <= len(body) * (1 + FALLBACK_MOST)
    answer = client.post(world.address("campaign_edit"), sent)
    assert len(answer.content) < 8 * len(body) * (1 + FALLBACK_MOST) / 5
    assert work.drawn <= 4 * whatsapp_markup.SHOWN_MOST


def test_the_field_of_a_fallback_takes_as_much_as_is_kept() -> None:
    page = (settings.BASE / "templates/campaigns/_fallbacks.html").read_text("utf-8")
    assert f'maxlength="{FALLBACK_MOST}"' in page


def test_the_preview_shows_the_beginning_of_what_is_too_long(client: Client, world: World) -> None:
    path = world.address("campaign_preview")
    page = client.post(path, {"body": "a" * (BODY_MOST + 1)}).content.decode()
    assert "a" * BODY_MOST in page
    assert "a" * (BODY_MOST + 1) not in page
    assert "mostra só o começo" in page
    assert "mostra só o começo" not in client.post(path, {"body": "a"}).content.decode()


def test_data_without_end_are_cut_where_they_are_drawn() -> None:
    html = whatsapp_markup.to_html("a" * 100_000)
    assert len(html) < whatsapp_markup.SHOWN_MOST + 20
    assert "a…" in html


def test_a_search_looks_for_a_few_words() -> None:
    assert fold.query(1, "a " * 10_000).count("&") <= fold.SEARCH_MOST


@pytest.mark.parametrize("staff", [False, True])
def test_a_search_box_takes_as_much_as_a_name_has(
    client: Client, world: World, staff: bool
) -> None:
    paths = [address(route, world) for route in ROUTES]
    if staff:
        client.force_login(factories.make_user(is_staff=True, is_superuser=True))
        paths = [reverse("admin:support_search"), reverse("admin:accounts_user_changelist")]
        assert client.get(reverse("admin:autocomplete"), {"term": "a " * 101}).status_code == 414
    for path in paths:
        assert client.get(path, {"q": "a " * 101}).status_code == 414, path
        assert client.get(path, {"q": "a" * 200}).status_code != 414, path


@pytest.mark.parametrize("half", [0, 1])
def test_pages_ask_the_same_number_of_questions_whatever_there_is(
    client: Client, world: World, half: int
) -> None:
    """Forty topics, segments, templates and sessions cost as many queries as two."""
    routes = sorted(ROUTES.keys() - SKIPPED)[half::2]
    before = _questions(client, world, routes)
    for n in range(40):
        Topic.objects.create(business=world.business, name=f"Assunto {n}")
        Segment.objects.create(business=world.business, name=f"P {n}", filter={"tags": [f"t{n}"]})
        Template.objects.create(business=world.business, name=f"Modelo {n}", body="Olá")
    for n in range(15):
        factories.make_session(world.business, name=f"WhatsApp {n}")
    after = _questions(client, world, routes)
    grown = {r: (before[r], after[r]) for r in routes if after[r] > before[r] + 3}
    assert grown == {}


def _questions(client: Client, world: World, routes: list[str]) -> dict[str, int]:
    found = {}
    for route in routes:
        pages.clear()  # what was counted costs nothing for as long as it took to count
        with CaptureQueriesContext(connection) as asked:
            client.get(address(route, world))
        found[route] = len(asked)
    return found


@pytest.mark.parametrize("opening", ["[", '{"name":'])
def test_the_api_refuses_what_is_nested_without_end(
    client: Client, world: World, opening: str
) -> None:
    answer = client.post(world.address("api_template-list"), opening * 50_000, "application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "sent", [{"body": "x" * 65_537}, {"x": [{"y": "x" * 65_537}]}, {"x" * 65_537: 1}, "x" * 65_537]
)
def test_a_text_of_the_api_ends_where_one_of_a_form_does(
    client: Client, world: World, sent: Any
) -> None:
    answer = client.post(
        world.address("api_template-list"), json.dumps(sent), content_type="application/json"
    )
    assert answer.status_code == 400
    assert answer.json() == {"detail": "É grande demais. Nada foi salvo."}
