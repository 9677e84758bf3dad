"""Nobody is offered what they may not do: every link, button and fragment on a page answers.

Someone of each role walks from the first page to wherever the pages lead, in a business that has its
sessions, campaigns and imports in every state. What a page offers must be neither refused nor missing.
"""

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import urldefrag, urljoin

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from blu.accounts.models import Business
from campaigns.models import Campaign, Reply, SessionAlert
from contacts.models import Import
from sessions.models import State
from tests import factories
from tests.isolation.world import World, make_world

pytestmark = pytest.mark.django_db

REFUSED = (403, 404)
# One's own account and language, which have no roles; allauth's pages sign out and ask for passwords.
OWN = ("/conta/", "/admin/", "/static/", "/media/", "/idioma/")
MOST = 1_000
ROWS = ("sent", "uncertain", "failed", "queued")
# Walked apart, so that no test takes long; the menu of every page leads into each.
SECTIONS = {"/campanhas/": "/campanhas/", "/whatsapp/": "/whatsapp/", "": "/contatos/"}
STATUSES = Campaign.Status.values
# Who may decide is offered most, and of campaigns by far: walked by halves of their states.
LATER = [
    *(("viewer", section, STATUSES) for section in SECTIONS),
    *(("receptionist", section, STATUSES) for section in ("/whatsapp/", "")),
    *(("receptionist", "/campanhas/", half) for half in (STATUSES[::2], STATUSES[1::2])),
]


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


def ask(client: Client, offer: Offer) -> tuple[int, str]:
    """The final answer to an offer, and its page; nothing that it does lasts."""
    headers = {"HX-Request": "true"} if offer.fragment else {}
    with transaction.atomic():
        send = client.post if offer.method == "post" else client.get
        answer = send(offer.url, dict(offer.data), headers=headers, follow=True)
        transaction.set_rollback(True)
    html = answer.headers.get("Content-Type", "").startswith("text/html")
    return answer.status_code, answer.content.decode() if html else ""


def walk(client: Client, section: str) -> Iterator[tuple[Offer, int]]:
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
        status, page = ask(client, offer)
        yield offer, status
        if offer.method == "get" and status == 200 and section_of(offer) in (section, "/"):
            waiting += offers_of(offer.url, page)


def section_of(offer: Offer) -> str:
    """The beginning of an address; the rest of the house for what has no section of its own."""
    if offer.url == "/":
        return "/"
    return next((one for one in SECTIONS if one and offer.url.startswith(one)), "")


def in_every_state(world: World, statuses: list[str]) -> None:
    """Sessions and imports of every state, campaigns of these, and a person for each state of a message."""
    business = world.business
    people = {row: factories.make_contact(business) for row in ROWS}
    topic = factories.make_topic(business)
    sessions = {state: factories.make_session(business, state=state) for state in State.values}
    for session in sessions.values():
        SessionAlert.objects.create(
            session=session, kind=SessionAlert.Kind.PHONE, since=timezone.now()
        )
    for status in statuses:
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


@pytest.mark.parametrize("role", ["viewer", "receptionist"])
@pytest.mark.parametrize("section", SECTIONS)
def test_whatever_a_page_offers_on_the_first_day_is_granted(
    client: Client, role: str, section: str
) -> None:
    all_granted(client, factories.make_business(), role, section)


@pytest.mark.parametrize(("role", "section", "statuses"), LATER)
def test_whatever_a_page_offers_later_is_granted(
    client: Client, role: str, section: str, statuses: list[str]
) -> None:
    world = make_world("jabuticaba")
    in_every_state(world, statuses)
    all_granted(client, world.business, role, section)


def all_granted(client: Client, business: Business, role: str, section: str) -> None:
    client.force_login(factories.make_membership(business, role).user)
    asked = list(walk(client, section))
    refused = [(*offer[:2], status) for offer, status in asked if status in REFUSED]
    assert refused == []
    assert SECTIONS[section] in {offer.url for offer, _ in asked}
