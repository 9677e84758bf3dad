"""Who is written to in the chaos: contacts, linked accounts, and the campaigns that are launched."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any, Protocol

from django.conf import settings

from blu.accounts.models import Business, Membership, Role, User
from blu.lab.bench import seeding
from campaigns import lifecycle
from campaigns.models import Campaign
from contacts.models import Segment, Topic
from sessions.linking import services as session_services
from sessions.models import Link, Pairing, WhatsAppSession

SECONDS = 120.0
# Seconds until WhatsApp's answer to a direct link, which has its receipt by then: at once would be between two kills.
ANSWERS_AFTER = 1.0
WAVE = 1000  # the numbers of one wave of campaigns
LAST = WAVE - 1  # that of the campaign to those who stopped


class Simulator(Protocol):
    """What the chaos asks of the simulator."""

    def scan(self, ref: str, phone: str) -> dict[str, Any]: ...
    def set_fault(self, account: str, fault: str, **values: Any) -> dict[str, Any]: ...
    def set_behaviour(self, *, phone: str | None = None, **values: float) -> dict[str, Any]: ...
    def messages(self, **filters: str) -> list[dict[str, Any]]: ...


class NotReady(Exception):
    """One line that says what the cast could not do."""


def assemble(
    simulator: Simulator, *, recipients: int, sessions: int,
    browser: int, browsers: int = 1, direct: int = 0, directs: int = 1,
) -> list[Campaign]:  # fmt: skip
    """Link every account as people do, and launch: `recipients` over simulated sessions, `browser` more
    through real browsers, `browsers` of them, `direct` more over so many direct links. Gives the launched
    campaigns, in this order.
    """
    owner = User.objects.create_user("caos@blu.local", None)
    business = seeding.business("Caos")
    Membership.objects.create(user=owner, business=business, role=Role.OWNER)
    topic = Topic.objects.create(business=business, name="Avisos")
    cast = (
        ("simulated", recipients, sessions),
        ("browser", browser, browsers if browser else 0),
        ("direct", direct, directs if direct else 0),
    )
    seeding.subscribers(business, topic, recipients + browser + direct)
    kinds = [kind for kind, _whole, number in cast for _each in range(number)]
    _share_out(business, [part for _kind, *share in cast for part in _parts(*share)])
    linked = [_linked(simulator, business, owner, n, kind) for n, kind in enumerate(kinds)]
    for session in linked[len(kinds) - cast[-1][-1] :]:
        simulator.set_fault(session.phone, "receipt_first", seconds=ANSWERS_AFTER)
    return [_launched(owner, topic, session, n) for n, session in enumerate(linked)]


def again(campaigns: list[Campaign], wave: int) -> list[Campaign]:
    """Launch another campaign to the people of each of these, with another text."""
    made = []
    for campaign in campaigns:
        owner, topic, session = campaign.created_by, campaign.topic, campaign.session
        assert owner
        assert topic
        assert session
        number = int(campaign.name.rsplit(" ", 1)[-1]) % WAVE + wave * WAVE
        made.append(_launched(owner, topic, session, number))
    return made


def through_linked(recipients: int, kinds: dict[str, int]) -> list[Campaign]:
    """Launch campaigns to `recipients` new people each through the first accounts that were linked, so many of each
    kind of link.
    """
    first = [
        campaign
        for kind, number in kinds.items()
        for campaign in Campaign.objects.filter(session__active_link__transport=kind).order_by("pk")[:number]
    ]  # fmt: skip
    for campaign in first:
        people, segment = campaign.business.contact_set, campaign.segment
        assert campaign.topic
        assert segment
        seeding.subscribers(campaign.business, campaign.topic, recipients, after=people.count())
        people.filter(tags=["bench"]).update(tags=segment.filter["tags"])
    return again(first, 1)


def once_more(campaigns: list[Campaign], stopped: Iterable[str]) -> Campaign:
    """Launch a last campaign, to those who stopped and as many who didn't, through the first one's session."""
    first = campaigns[0]
    assert first.created_by
    assert first.topic
    assert first.session
    everybody = first.business.contact_set
    phones = list(stopped)
    others = everybody.exclude(phone__in=phones).order_by("pk").values_list("pk", flat=True)
    tag = [f"lote-{LAST}"]
    everybody.filter(phone__in=phones).update(tags=tag)
    everybody.filter(pk__in=list(others[: len(phones)])).update(tags=tag)
    return _launched(first.created_by, first.topic, first.session, LAST)


def _parts(whole: int, number: int) -> list[int]:
    return [whole // number + (n < whole % number) for n in range(number)]


def _share_out(business: Business, shares: list[int]) -> None:
    """Tag the contacts so that each campaign has people of its own."""
    contacts = list(business.contact_set.order_by("id").values_list("pk", flat=True))
    start = 0
    for number, share in enumerate(shares):
        chunk = contacts[start : start + share]
        business.contact_set.filter(pk__in=chunk).update(tags=[f"lote-{number}"])
        start += share


def _linked(
    simulator: Simulator, business: Business, owner: User, number: int, transport: str
) -> WhatsAppSession:
    session = session_services.create_session(business=business, name=f"Caos {number}", actor=owner)
    Link.objects.filter(session=session).update(transport=transport)
    session_services.accept_terms(session=session, actor=owner)
    pairing = session_services.request_pairing(session=session, actor=owner)
    phone = f"+5511910{settings.PORT % 100:02d}{number:04d}"
    deadline = time.monotonic() + SECONDS
    scanned = ""
    while time.monotonic() < deadline:
        pairing.refresh_from_db()
        if pairing.status == Pairing.Status.LINKED:
            session.refresh_from_db()
            return session
        if pairing.code and pairing.code != scanned:
            scanned = pairing.code
            simulator.scan(scanned, phone)
        time.sleep(0.05)
    raise NotReady(f"session {number} was not linked: {pairing.status} {pairing.reason}")


def _launched(owner: User, topic: Topic, session: WhatsAppSession, number: int) -> Campaign:
    business = topic.business
    part = number % WAVE
    segment, _new = Segment.objects.get_or_create(
        business=business, name=f"Lote {part}", defaults={"filter": {"tags": [f"lote-{part}"]}}
    )
    campaign = Campaign.objects.create(
        business=business, name=f"Caos {number}", topic=topic, segment=segment, session=session,
        body="Olá, {{nome_completo|você}}! Aviso número " + str(number) + ".", created_by=owner,
    )  # fmt: skip
    return lifecycle.launch(campaign_id=campaign.pk, business=business, actor=owner)
