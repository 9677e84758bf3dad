"""Nobody is offered what they may not do: every link, button and fragment on a page answers.

Someone of each role walks from the first page to wherever the pages lead, in a business that has its
sessions, campaigns and imports in every state. What a page offers must be neither refused nor missing.
"""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from blu.accounts.models import Business
from campaigns.models import Campaign, Reply, SessionAlert
from contacts.models import Import
from sessions.models import State
from tests import factories
from tests.clients import Client
from tests.isolation.world import make_world

pytestmark = pytest.mark.django_db

REFUSED = (403, 404)
# One's own account and language, which have no roles; allauth's pages sign out and ask for passwords.
OWN = ("/conta/", "/admin/", "/static/", "/media/", "/idioma/")
MOST = 1_000
ROWS = ("sent", "uncertain", "failed", "queued")
ROLES = ("viewer", "receptionist")
# Walked apart, so that no test takes long, and what must be met there; the menu of every page leads into
# each. Most is offered about campaigns: those with even and odd keys are walked apart.
SECTIONS = {
    "even campaigns": "/campanhas/",
    "odd campaigns": "/campanhas/",
    "sessions": "/whatsapp/",
    "the rest": "/contatos/",
}
# What stands below a slug.
EVERYWHERE = ("/", "/campanhas/")


class Offer(NamedTuple):
    """Something that a page offers: an address, how it is asked for, and what goes along."""

    method: str
    url: str
    data: tuple[tuple[str, str], ...] = ()
    fragment: bool = False


class Offers(HTMLParser):
    """Collects the offers of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.found: list[Offer] = []
        self.form: tuple[str, str] | None = None
        self.fields: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what an element offers."""
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self._offer("get", given["href"])
        for name in ("get", "post"):
            if f"hx-{name}" in given:
                self._offer(name, given[f"hx-{name}"], fragment=True)
        if tag == "form":
            self.form = (given.get("method", "get").lower(), given.get("action", ""))
            self.fields = []
        if tag in ("input", "button") and given.get("name") and self.form:
            self.fields.append((given["name"], given.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        """A form is sent as it stands, with the values of its buttons."""
        if tag == "form" and self.form:
            self._offer(*self.form, data=tuple(self.fields))
            self.form = None

    def _offer(
        self,
        method: str,
        href: str,
        data: tuple[tuple[str, str], ...] = (),
        *,
        fragment: bool = False,
    ) -> None:
        url = urldefrag(urljoin(self.page, href)).url
        if url.startswith("/") and not url.startswith(OWN):
            self.found.append(Offer(method, url, data if method == "post" else (), fragment))


def offers_of(url: str, page: str) -> list[Offer]:
    parser = Offers(url)
    parser.feed(page)
    return parser.found


class Answer(NamedTuple):
    """What an offer came to, and what the page that answered offers in turn."""

    status: int
    offers: list[Offer]


# What was asked in a business that several tests walk through: nothing that is asked changes it.
Asked = dict[Offer, Answer]


def ask(client: Client, offer: Offer) -> Answer:
    """The final answer to an offer; nothing that it does lasts."""
    headers = {"HX-Request": "true"} if offer.fragment else {}
    with transaction.atomic():
        send = client.post if offer.method == "post" else client.get
        answer = send(offer.url, dict(offer.data), headers=headers, follow=True)
        transaction.set_rollback(True)
    leads_on = offer.method == "get" and answer.status_code == 200
    html = leads_on and answer.headers.get("Content-Type", "").startswith("text/html")
    return Answer(answer.status_code, offers_of(offer.url, answer.content.decode()) if html else [])


def walk(client: Client, section: str, asked: Asked) -> Iterator[tuple[Offer, int]]:
    """Everything that the pages of a section offer, from the first page on, each offer once."""
    waiting, known = [Offer("get", "/")], set()
    while waiting:
        offer = waiting.pop()
        # Two forms to one address are one offer, two pages of a list one page.
        same = (offer.method, offer.url.split("?")[0], len(offer.data), offer.fragment)
        if offer in known or (offer.method == "get" and "?" in offer.url and same in known):
            continue
        known |= {offer, same}
        assert len(known) < MOST * 2, "the pages lead on and on"
        if offer not in asked:
            asked[offer] = ask(client, offer)
        yield offer, asked[offer].status
        if within(offer) in EVERYWHERE or section_of(offer) == section:
            waiting += asked[offer].offers


def within(offer: Offer) -> str:
    """The address without the slug before it."""
    return re.sub(r"^/n/[^/]+", "", offer.url)


def section_of(offer: Offer) -> str:
    """By the beginning of an address; the rest of the house for what has no section of its own."""
    if campaign := re.match(r"/campanhas/(\d+)/", within(offer)):
        return "odd campaigns" if int(campaign[1]) % 2 else "even campaigns"
    return "sessions" if within(offer).startswith("/whatsapp/") else "the rest"


def in_every_state(business: Business) -> None:
    """Sessions, imports and campaigns of every state, and a person for each state of a message."""
    people = {row: factories.make_contact(business) for row in ROWS}
    topic = factories.make_topic(business)
    sessions = {state: factories.make_session(business, state=state) for state in State.values}
    for session in sessions.values():
        SessionAlert.objects.create(
            session=session, kind=SessionAlert.Kind.PHONE, since=timezone.now()
        )
    for status in Campaign.Status.values:
        session = sessions[State.LOGGED_OUT if status == "running" else State.RESTING]
        campaign = factories.make_campaign(
            business, status, name=f"Campanha {status}", topic=topic, session=session, recipients=4
        )
        if status not in ("draft", "launching"):
            # A row looks alike wherever nothing is sent any more.
            for row in ROWS if status in ("running", "paused") else ROWS[:2]:
                reply(business, factories.make_delivery(campaign, people[row], row))
    for status in Import.Status.values:
        Import.objects.create(
            business=business, file_name=f"{status}.xlsx", stored_as="nenhuma.csv", status=status
        )


def reply(business: Business, delivery: object) -> None:
    Reply.objects.create(
        business=business,
        session_id=delivery.session_id,  # type: ignore[attr-defined]
        contact=delivery.contact,  # type: ignore[attr-defined]
        delivery=delivery,
        phone=delivery.phone,  # type: ignore[attr-defined]
        message_id=f"m-{Reply.objects.count()}",
        text="Quero sim!",
        at=timezone.now(),
    )


@pytest.fixture(scope="module")
def later(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Business]:
    """A business that has everything, made once: each test's transaction is one inside of its."""
    with django_db_blocker.unblock(), transaction.atomic():
        business = make_world("jabuticaba").business
        in_every_state(business)
        yield business
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def asked() -> dict[str, Asked]:
    """What was asked of that business, by role."""
    return {role: {} for role in ROLES}


@pytest.mark.parametrize("role", ROLES)
def test_whatever_a_page_offers_on_the_first_day_is_granted(client: Client, role: str) -> None:
    business, asked = factories.make_business(), Asked()
    for section in SECTIONS:
        all_granted(client, business, role, section, asked)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("section", SECTIONS)
def test_whatever_a_page_offers_later_is_granted(
    client: Client, later: Business, asked: dict[str, Asked], role: str, section: str
) -> None:
    all_granted(client, later, role, section, asked[role])


def all_granted(client: Client, business: Business, role: str, section: str, asked: Asked) -> None:
    client.force_login(factories.make_membership(business, role).user)
    walked = list(walk(client, section, asked))
    refused = [(*offer[:2], status) for offer, status in walked if status in REFUSED]
    assert refused == []
    assert SECTIONS[section] in {within(offer) for offer, _ in walked}
