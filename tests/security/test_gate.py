"""Nothing passes the gate: whatever bars a number, by whichever door somebody tries."""

from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

import hypothesis.strategies as st
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from blu.accounts.models import Membership
from blu.accounts.refused import Refused
from campaigns import lifecycle
from campaigns.ledger import decisions, snapshot
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Hold, Notice
from campaigns.models.ledger_states import Status
from campaigns.notices import own_number
from campaigns.notices.opt_in_codes import OptInMessenger
from contacts import consent, stops
from contacts.models import Contact, OptIn, Source, State, Subscription
from contacts.models.preferences import LinkFrom
from contacts.optin import confirming
from contacts.people.services import note_stop
from contacts.preferences import services as preferences
from contacts.preferences.links import Link
from sessions.events import Address, Incoming, Text
from sessions.interfaces import Idle, LeaseToken
from sessions.models import Chat
from tests import factories
from tests.clients import Client
from tests.leasing import leased

pytestmark = pytest.mark.django_db

PHONE, OLD_FORM, LID = "+5511987654321", "+551187654321", "90017"


class World(NamedTuple):
    """A person who was written to, and agreed to everything, as far as the topic goes."""

    campaign: Campaign
    contact: Contact
    token: LeaseToken


def world() -> World:
    business = factories.make_business()
    campaign = factories.make_campaign(business, Campaign.Status.RUNNING)
    contact = factories.make_contact(business, "Lúcia", phone=PHONE)
    assert campaign.topic
    factories.subscribe(contact, campaign.topic)
    Chat.objects.create(session_id=campaign.session_id, phone=PHONE, lid=LID, username="lucia")
    token = leased(campaign.session_id or 0)
    assert token
    return World(campaign, contact, token)


# What bars


def answer(text: str, address: Address) -> Callable[[World], None]:
    def bar(at: World) -> None:
        event = Incoming(address, "A1", Text(text), timezone.now())
        LedgerOutbox().record_event(at.token.session_id, event)

    return bar


def stop(key: str) -> Callable[[World], object]:
    return lambda at: factories.make_stop(at.campaign.business, key)


def of_another_person(at: World) -> None:
    stops.keep(
        business_id=at.campaign.business_id, keys=[PHONE], why="other_person",
        source=Source.WHATSAPP,
    )  # fmt: skip


def link_of(at: World, link_from: LinkFrom) -> Link:
    return Link(at.contact, link_from, timezone.now())


def on_their_page(at: World) -> None:
    preferences.stop(link_of(at, LinkFrom.TEAM))


def noted(at: World) -> None:
    note_stop(contact=at.contact, actor=factories.make_user(), said="no balcão")


BARS: dict[str, Callable[[World], object]] = {
    "SAIR": answer("SAIR", Address(PHONE)),
    "SAIR from the old form": answer("sair", Address(OLD_FORM)),
    "SAIR from the LID": answer("Me tirem daqui", Address(lid=LID)),
    "SAIR by name": answer("não quero mais receber", Address(username="lucia")),
    "a doubt": answer("número errado", Address(PHONE)),
    "a doubt from the LID": answer("quem é?", Address(lid=LID)),
    "a bare stop": stop(PHONE),
    "the old form's stop": stop(OLD_FORM),
    "the LID's stop": stop(f"lid:{LID}"),
    "the name's stop": stop("@lucia"),
    "another person's": of_another_person,
    "the page of preferences": on_their_page,
    "the team's note": noted,
}


# By which door


def launched(at: World) -> None:
    other = factories.make_campaign(
        at.campaign.business, Campaign.Status.LAUNCHING, topic=at.campaign.topic,
        session=at.campaign.session,
    )  # fmt: skip
    snapshot.take(other.pk)


def queued(at: World) -> None:
    Delivery.objects.get_or_create(
        campaign=at.campaign, contact=at.contact,
        defaults={
            "business_id": at.campaign.business_id, "phone": PHONE,
            "session_id": at.campaign.session_id,
        },
    )  # fmt: skip


def typed(sql: str) -> Callable[[World], None]:
    def door(at: World) -> None:
        queued(at)
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return door


def saved(at: World) -> None:
    """As the admin or any code would."""
    queued(at)
    for row in Delivery.objects.filter(campaign=at.campaign):
        row.status, row.not_before, row.reason = Status.SENDING, timezone.now(), ""
        row.save()


def granted_again(at: World) -> None:
    """By a member, who says that they asked once more."""
    with suppress(consent.Refused):
        consent.grant(
            contact=at.contact, topic=at.campaign.topic, source=Source.PAPER,  # type: ignore[arg-type]
            actor=factories.make_user(),
        )  # fmt: skip
    queued(at)


def granted_by_raw_sql(at: World) -> None:
    factories.subscribe(at.contact, at.campaign.topic)  # type: ignore[arg-type]
    queued(at)


def another_contact(at: World) -> None:
    """The same number once more, written otherwise."""
    contact = factories.make_contact(at.campaign.business, "Lúcia P.", phone=OLD_FORM)
    factories.make_delivery(at.campaign, contact)


def self_tested(at: World) -> None:
    """A test to oneself, and the code before it, to that number."""
    member = factories.make_membership(at.campaign.business)
    Notice.objects.create(
        business=at.campaign.business, session_id=at.token.session_id, kind="self_test",
        cause="1", phone=PHONE, text="Oi", asked_by=member.user,
    )  # fmt: skip


def coded(at: World) -> None:
    member = factories.make_membership(at.campaign.business)
    session = at.campaign.session
    assert session
    with suppress(own_number.Refused):
        own_number.ask_for_code(membership=member, session=session, phone=PHONE)


def asked_on_the_page(at: World) -> OptIn:
    """As anybody may ask who types the number, and the code for it."""
    topic = at.campaign.topic
    assert topic
    wish = factories.make_opt_in(factories.make_opt_in_text(topic), PHONE)
    with suppress(Refused):
        OptInMessenger().send_code(wish)
    return wish


def typed_on_the_page(at: World) -> None:
    """The code was seen by somebody, from before whatever bars."""
    wish = asked_on_the_page(at)
    OptIn.objects.filter(pk=wish.pk, code_asked_at=None).update(
        typed_code="123456", code_asked_at=timezone.now()
    )
    with suppress(Refused):
        confirming.by_typed_code(wish, OptIn.objects.get(pk=wish.pk).typed_code)
    queued(at)


def turned_on_by_the_team(at: World) -> None:
    """By the link that a member gave, as if they were the person."""
    for change in (
        lambda link: preferences.turn_on(link, at.campaign.topic_id or 0),
        preferences.come_back,
    ):
        with suppress(Refused):
            change(link_of(at, LinkFrom.TEAM))
    queued(at)


def confirmed(at: World) -> None:
    """As if they had come back."""
    Notice.objects.create(
        business=at.campaign.business, session_id=at.token.session_id, cause="A1",
        kind="return_confirmation", phone=PHONE, text="Pronto",
    )  # fmt: skip


def taken_from_doubt(at: World) -> None:
    """A row that was in doubt, of which a person says that it never arrived."""
    other = factories.make_contact(at.campaign.business)
    row = factories.make_delivery(at.campaign, other, Status.UNCERTAIN)
    decisions.decide(delivery=row, arrived=False, actor=factories.make_user(), reason="Não chegou")
    Delivery.objects.filter(pk=row.pk).update(contact=at.contact, phone=PHONE)


def resumed(at: World) -> None:
    queued(at)
    lifecycle.pause(campaign=at.campaign, actor=factories.make_user())
    lifecycle.resume(campaign=at.campaign, actor=factories.make_user())


SENDING = "UPDATE campaigns_delivery SET status = 'sending'"
DOORS: dict[str, Callable[[World], object]] = {
    "launch": launched,
    "claim": queued,
    "raw SQL": typed(SENDING),
    "raw SQL as if it were due": typed(SENDING + ", not_before = now(), reason = '', fence = 1"),
    "raw SQL under another session": typed(SENDING + ", session_id = session_id + 1"),
    "the admin": saved,
    "a member's grant": granted_again,
    "a raw grant": granted_by_raw_sql,
    "the number's other form": another_contact,
    "test": self_tested,
    "code": coded,
    "a code from the public page": asked_on_the_page,
    "a code typed there": typed_on_the_page,
    "the team's link to the page of preferences": turned_on_by_the_team,
    "confirmation of a return": confirmed,
    "a decision": taken_from_doubt,
    "resumption": resumed,
}


def went() -> list[str]:
    """Numbers to which something is on its way, or went."""
    gone = (Status.SENDING, Status.SENT, Status.DELIVERED, Status.READ)
    rows = [*Delivery.objects.filter(status__in=gone), *Notice.objects.filter(status__in=gone)]
    return [
        row.phone for row in rows
        if not (isinstance(row, Notice) and row.kind == "stop_confirmation")
    ]  # fmt: skip


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    bars=st.lists(st.sampled_from(sorted(BARS)), min_size=1, max_size=2, unique=True),
    before=st.lists(st.sampled_from(["claim", "launch"]), max_size=1),
    doors=st.lists(st.sampled_from(sorted(DOORS)), min_size=1, max_size=4),
)
def test_nothing_goes_to_whom_something_bars_by_any_door(
    db: None, bars: list[str], before: list[str], doors: list[str]
) -> None:
    with transaction.atomic():
        at = world()
        for door in before:
            DOORS[door](at)
        for bar in bars:
            BARS[bar](at)
        for door in doors:
            with suppress(IntegrityError, lifecycle.Refused), transaction.atomic():
                DOORS[door](at)
            for _claim in range(5):
                if isinstance(LedgerOutbox().next(at.token), Idle):
                    break
        assert not {PHONE, OLD_FORM} & set(went()), (bars, doors)
        transaction.set_rollback(True)


@pytest.mark.parametrize("door", ["launch", "claim", "raw SQL", "the admin", "a member's grant"])
def test_the_same_doors_are_open_where_nothing_bars(door: str) -> None:
    at = world()
    DOORS[door](at)
    LedgerOutbox().next(at.token)
    assert PHONE in went()


def test_every_bar_is_a_row_that_stands() -> None:
    for name, bar in BARS.items():
        with transaction.atomic():
            at = world()
            bar(at)
            keys = [PHONE, f"lid:{LID}", "@lucia"]
            stands = stops.standing(at.campaign.business_id, keys).exists()
            held = Hold.objects.filter(business=at.campaign.business_id, key__in=keys).exists()
            assert stands or held, name
            transaction.set_rollback(True)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_api_has_no_door_at_all(client: Client, owner: Membership, method: str) -> None:
    campaign = factories.make_campaign(owner.business, Campaign.Status.RUNNING)
    delivery = factories.make_delivery(campaign)
    for path in (
        "campaigns/",
        f"campaigns/{campaign.pk}/",
        f"campaigns/{campaign.pk}/deliveries/",
        "replies/",
    ):
        answer = getattr(client, method)(f"/api/v1/{path}", {"status": "sending"})
        assert answer.status_code in (403, 404, 405), path
    delivery.refresh_from_db()
    assert delivery.status == Status.QUEUED
    assert Subscription.objects.get().state == State.GRANTED
