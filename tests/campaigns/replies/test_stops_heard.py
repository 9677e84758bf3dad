"""Who writes SAIR is stopped under every key that we know, whatever list they come into later."""

import pytest
from django.utils import timezone

from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Notice, Reply
from campaigns.models.ledger_states import Status
from contacts import consent, stops
from contacts.models import Source, Stop
from sessions import chats
from sessions.events import Address, Incoming, Text
from sessions.interfaces import Idle, LeaseToken
from sessions.models import Chat
from tests import factories
from tests.campaigns.ledger.claiming import claim, reread

PHONE, WA_ID, LID = "+5511987654321", "551187654321", "90017"

pytestmark = pytest.mark.django_db


def say(token: LeaseToken, address: Address, text: str, message_id: str = "A1") -> None:
    event = Incoming(address, message_id, Text(text), timezone.now())
    LedgerOutbox().record_event(token.session_id, event)


def keys() -> set[str]:
    """Under which stops stand."""
    return set(Stop.objects.filter(lifted_at=None).values_list("key", flat=True))


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        (Address(PHONE), {PHONE}),
        (Address(wa_id=WA_ID), {PHONE}),
        (Address(lid=LID), {f"lid:{LID}"}),
        (Address(username="Ana.Souza"), {"@ana.souza"}),
        (Address(PHONE, WA_ID, LID, "ana"), {PHONE, f"lid:{LID}"}),
        (Address(lid=LID, username="ana"), {f"lid:{LID}"}),
        (Address(), set()),
    ],
)
def test_a_strangers_stop_stands_under_all_that_lasts_of_them(
    token: LeaseToken, address: Address, kept: set[str]
) -> None:
    say(token, address, "SAIR")
    assert keys() == kept
    assert set(Stop.objects.values_list("evidence_ref", flat=True)) <= {"A1"}


@pytest.mark.parametrize("address", [Address(lid=LID), Address(username="ana")])
def test_when_the_chat_learns_the_number_the_numbers_stop_is_written(
    token: LeaseToken, address: Address
) -> None:
    say(token, address, "SAIR")
    chats.resolve(token.session_id, Address(PHONE, lid=LID, username="ana"))
    assert {PHONE, f"lid:{LID}"} <= keys()


def test_when_a_number_is_given_up_its_holder_stays_stopped_under_the_new_one(
    token: LeaseToken,
) -> None:
    say(token, Address(PHONE, lid=LID), "SAIR")
    chats.resolve(token.session_id, Address("+5511911112222", lid=LID))
    assert keys() == {PHONE, "+5511911112222", f"lid:{LID}"}


def test_a_chats_key_stops_nobody_of_another_business(token: LeaseToken) -> None:
    say(token, Address(lid=LID), "SAIR")
    other = factories.make_session(factories.make_business())
    chats.resolve(other.pk, Address(PHONE, lid=LID))
    assert keys() == {f"lid:{LID}"}


def test_the_claim_asks_for_the_chats_lid(campaign: Campaign, token: LeaseToken) -> None:
    """Heard by another number of the business, which knows the LID alone."""
    contact = factories.make_contact(campaign.business, phone=PHONE)
    delivery = factories.make_delivery(campaign, contact)
    other = factories.make_session(campaign.business)
    say(LeaseToken(other.pk, 1), Address(lid=LID), "SAIR")
    Chat.objects.filter(session=token.session_id).delete()
    Chat.objects.create(session_id=token.session_id, phone=PHONE)
    Chat.objects.filter(session=token.session_id).update(lid=LID)
    assert isinstance(LedgerOutbox().next(token), Idle)
    assert (reread(delivery).status, delivery.reason) == (Status.SKIPPED, "stop")


def test_voltar_lifts_it_under_every_key(token: LeaseToken) -> None:
    say(token, Address(lid=LID), "SAIR")
    say(token, Address(PHONE, lid=LID), "SAIR", "A2")
    say(token, Address(PHONE, lid=LID), "VOLTAR", "A3")
    assert keys() == set()
    assert set(Stop.objects.values_list("lifted_ref", flat=True)) == {"A3"}


def test_voltar_through_another_number_of_the_business_lifts_it_as_well(
    campaign: Campaign, token: LeaseToken
) -> None:
    contact = factories.make_delivery(campaign, status=Status.SENT).contact
    say(token, Address(contact.phone, lid=LID), "SAIR")
    other = factories.make_session(campaign.business)
    say(LeaseToken(other.pk, 1), Address(contact.phone), "VOLTAR", "A2")
    assert keys() == set()


def test_a_stop_skips_what_is_queued_in_every_campaign_and_ends_those_that_are_through(
    campaign: Campaign, token: LeaseToken, django_capture_on_commit_callbacks
) -> None:
    delivery = factories.make_delivery(campaign)
    paused = factories.make_campaign(
        campaign.business, Campaign.Status.PAUSED, topic=campaign.topic, session=campaign.session
    )
    waiting = factories.make_delivery(paused, delivery.contact)
    other = factories.make_delivery(paused)
    with django_capture_on_commit_callbacks(execute=True):
        say(token, Address(delivery.phone), "SAIR")
    for row in (delivery, waiting):
        assert (reread(row).status, row.reason) == (Status.SKIPPED, "stop")
    assert reread(other).status == Status.QUEUED
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.DONE


def test_a_stop_is_confirmed_once_and_then_there_is_silence(
    campaign: Campaign, token: LeaseToken
) -> None:
    contact = factories.make_delivery(campaign, status=Status.SENT).contact
    for number in range(3):
        say(token, Address(contact.phone), "SAIR", f"A{number}")
    assert claim(token).key.kind == "notice"
    assert isinstance(LedgerOutbox().next(token), Idle)
    assert Notice.objects.get().cause == "A0"


def test_no_other_message_of_theirs_is_confirmed_under_the_stop(
    campaign: Campaign, token: LeaseToken
) -> None:
    """Whoever queues it: the rule of the kind says so."""
    contact = factories.make_delivery(campaign, status=Status.SENT).contact
    for number in range(2):
        say(token, Address(contact.phone), "SAIR", f"A{number}")
    reply = Reply.objects.get(message_id="A1")
    with pytest.raises(Exception, match="may go to this number now"):
        Notice.objects.create(
            business=campaign.business,
            session_id=token.session_id,
            kind=Notice.Kind.STOP_CONFIRMATION,
            cause=reply.message_id,
            phone=reply.phone,
            text="Pronto.",
        )


def test_a_member_is_refused_in_words_who_grants_to_who_stopped_before_they_were_a_contact(
    campaign: Campaign, token: LeaseToken
) -> None:
    say(token, Address(PHONE), "SAIR")
    contact = factories.make_contact(campaign.business, phone=PHONE)
    assert campaign.topic is not None
    with pytest.raises(consent.Refused):
        consent.grant(
            contact=contact,
            topic=campaign.topic,
            source=Source.PAPER,
            actor=factories.make_user(),
        )
    assert stops.of_number(campaign.business_id, PHONE)
