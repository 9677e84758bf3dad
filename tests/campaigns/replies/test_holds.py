"""A doubtful answer holds whatever would go to that number, by any door, until a person has decided."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from blu.accounts.models import Membership
from blu.accounts.refused import Refused
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Hold, Notice, Reply
from campaigns.models.hold_rules import NEVER
from campaigns.models.ledger_states import Status
from campaigns.replies import holds
from contacts import stops
from contacts.models import State, Stop, Subscription
from sessions.events import Address, Incoming, Text
from sessions.interfaces import Idle, LeaseToken
from tests import factories
from tests.campaigns.ledger.claiming import claim, reread
from tests.clients import Client

DOUBT = "número errado"
LID = "90017"

pytestmark = pytest.mark.django_db


def say(
    token: LeaseToken, address: Address, text: str, message_id: str = "A1", **said: bool
) -> Reply | None:
    event = Incoming(address, message_id, Text(text), timezone.now(), **said)
    LedgerOutbox().record_event(token.session_id, event)
    return Reply.objects.filter(message_id=message_id).first()


def doubts(
    token: LeaseToken, delivery: Delivery, text: str = DOUBT, message_id: str = "A1"
) -> Hold:
    """The delivery's person answers something that only a person can read."""
    say(token, Address(delivery.phone), text, message_id)
    return Hold.objects.latest("pk")


def decided(hold: Hold, decision: str) -> None:
    """Somebody decided eleven minutes ago."""
    holds.decide(hold=hold, decision=decision, actor=factories.make_user())
    Hold.objects.filter(pk=hold.pk).update(decided_at=timezone.now() - timedelta(minutes=11))


def test_a_doubt_holds_what_is_queued_and_what_comes_later(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign)
    hold = doubts(token, delivery)
    assert (reread(delivery).reason, delivery.not_before) == ("held", NEVER)
    later = factories.make_campaign(
        campaign.business, Campaign.Status.RUNNING, topic=campaign.topic, session=campaign.session
    )
    fresh = factories.make_delivery(later, delivery.contact)
    idle = LedgerOutbox().next(token)
    assert idle == Idle(None), "nothing is due, and nothing ever by itself"
    assert (reread(fresh).status, fresh.reason, fresh.attempts) == (Status.QUEUED, "held", 0)
    assert hold.key == delivery.phone
    later.refresh_from_db()
    assert later.status == Campaign.Status.RUNNING, "it waits for a person"


def test_the_answer_waits_for_a_person_and_says_why(campaign: Campaign, token: LeaseToken) -> None:
    hold = doubts(token, factories.make_delivery(campaign, status=Status.SENT))
    assert (hold.reply.kind, hold.reply.reason) == ("hold", "other_person")
    assert hold.reply.handled_at is None
    assert list(holds.undecided(campaign.business)) == [hold]


def test_other_people_go_on(campaign: Campaign, token: LeaseToken) -> None:
    doubts(token, factories.make_delivery(campaign))
    other = factories.make_delivery(campaign)
    assert claim(token).key.id == other.pk


def test_raw_sql_and_the_admin_are_held_as_well(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign)
    doubts(token, delivery)
    Delivery.objects.update(not_before=timezone.now(), reason="")
    Delivery.objects.update(status=Status.SENDING)
    assert (reread(delivery).status, delivery.reason) == (Status.QUEUED, "held")


def test_neither_a_test_nor_a_code_goes_to_a_held_number(
    campaign: Campaign, token: LeaseToken
) -> None:
    session = campaign.session
    assert session
    notice = factories.make_notice(session)
    contact = factories.make_contact(campaign.business, phone=notice.phone)
    doubts(token, factories.make_delivery(campaign, contact, Status.SENT))
    with pytest.raises(IntegrityError, match="may go to this number now"), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(status=Status.SENDING)
    assert isinstance(LedgerOutbox().next(token), Idle)
    notice.refresh_from_db()
    assert notice.status == Status.SKIPPED


@pytest.mark.parametrize("decision", ["stop", "go_on", "other_person"])
def test_a_decision_changes_nothing_for_ten_minutes_and_may_be_taken_back(
    campaign: Campaign, token: LeaseToken, decision: str
) -> None:
    delivery = factories.make_delivery(campaign)
    hold = doubts(token, delivery)
    holds.decide(hold=hold, decision=decision, actor=factories.make_user())
    assert holds.carry_out() == 0
    assert isinstance(LedgerOutbox().next(token), Idle)
    assert reread(delivery).status == Status.QUEUED
    holds.undo(hold=hold)
    Hold.objects.update(at=Hold.objects.values("at"))
    assert holds.carry_out() == 0
    assert list(holds.undecided(campaign.business)) == [hold]


def test_who_may_go_on_is_written_to_again(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign)
    hold = doubts(token, delivery)
    decided(hold, "go_on")
    assert holds.carry_out() == 1
    assert claim(token).key.id == delivery.pk
    hold.reply.refresh_from_db()
    assert (hold.reply.kind, hold.reply.handled_at) == ("message", None), "somebody answers it"
    assert not holds.waiting(campaign.business).exists()


def test_who_asked_to_leave_has_left_by_their_own_word(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign)
    hold = doubts(token, delivery)
    decided(hold, "stop")
    assert holds.carry_out() == 1
    assert (reread(delivery).status, delivery.reason) == (Status.SKIPPED, "stop")
    stop = stops.of_number(campaign.business_id, delivery.phone)
    assert stop
    assert (stop.why, stop.evidence_ref, stop.actor is not None) == ("asked", "A1", True)
    subscription = Subscription.objects.get(contact=delivery.contact)
    assert (subscription.state, subscription.by_contact) == (State.REVOKED, True)
    hold.reply.refresh_from_db()
    assert (hold.reply.kind, hold.reply.handled_at is not None) == ("stop", True)
    say(token, Address(delivery.phone), "VOLTAR", "A2")
    assert stops.of_number(campaign.business_id, delivery.phone) is None


def test_a_number_of_another_person_is_barred(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign)
    decided(doubts(token, delivery), "other_person")
    holds.carry_out()
    assert (reread(delivery).status, delivery.reason) == (Status.SKIPPED, "stop")
    assert Stop.objects.get(key=delivery.phone).why == "other_person"
    subscription = Subscription.objects.get(contact=delivery.contact)
    assert (subscription.state, subscription.by_contact) == (State.REVOKED, False)
    say(token, Address(delivery.phone), "VOLTAR", "A2")
    assert Subscription.objects.get(contact=delivery.contact).state == State.REVOKED


def test_two_people_do_not_decide_twice_and_nothing_is_undone_late(
    campaign: Campaign, token: LeaseToken
) -> None:
    hold = doubts(token, factories.make_delivery(campaign))
    decided(hold, "stop")
    with pytest.raises(Refused, match="já decidiu"):
        holds.decide(hold=hold, decision="go_on", actor=factories.make_user())
    with pytest.raises(Refused, match="já vale"):
        holds.undo(hold=hold)


def test_another_doubt_takes_back_a_decision_that_does_not_count_yet(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign)
    hold = doubts(token, delivery)
    holds.decide(hold=hold, decision="go_on", actor=factories.make_user())
    assert doubts(token, delivery, "quem é?", "A2").pk == hold.pk
    hold.refresh_from_db()
    assert (hold.decision, hold.decided_at, hold.reply.message_id) == ("", None, "A2")


@pytest.mark.parametrize(
    ("clear", "status"), [("SAIR", "skipped"), ("quero voltar a receber", "queued")]
)
def test_a_clear_word_of_theirs_decides(
    campaign: Campaign, token: LeaseToken, clear: str, status: str
) -> None:
    delivery = factories.make_delivery(campaign)
    hold = doubts(token, delivery)
    say(token, Address(delivery.phone), clear, "A2")
    hold.refresh_from_db()
    assert hold.done_at is not None
    assert hold.decided_by is None
    assert reread(delivery).status == status
    assert delivery.reason != "held"


def test_what_nobody_decides_in_seven_days_is_skipped_and_the_number_stays_held(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign)
    say(token, Address(lid=LID, phone=delivery.phone), "oi", "A0")
    reply = say(token, Address(delivery.phone), "obrigada", "A1")
    assert reply
    Hold.objects.create(
        business=campaign.business, key=delivery.phone, reply=reply,
        at=timezone.now() - timedelta(days=7, minutes=1),
    )  # fmt: skip
    holds.carry_out()
    assert (reread(delivery).status, delivery.reason) == (Status.SKIPPED, "held")
    later = factories.make_campaign(
        campaign.business, Campaign.Status.RUNNING, topic=campaign.topic, session=campaign.session
    )
    fresh = factories.make_delivery(later, delivery.contact)
    assert isinstance(LedgerOutbox().next(token), Idle)
    assert (reread(fresh).status, fresh.reason) == (Status.SKIPPED, "held")


def test_what_waited_too_long_is_skipped_however_many_others_wait(
    campaign: Campaign, token: LeaseToken
) -> None:
    long_ago = timezone.now() - timedelta(days=8)
    sent = factories.make_delivery(campaign, status=Status.SENT)
    reply = say(token, Address(sent.phone), DOUBT, "A0")
    Hold.objects.bulk_create(
        Hold(business=campaign.business, key=f"+55119{70000000 + n}", reply=reply, at=long_ago)
        for n in range(holds.AT_ONCE)
    )
    delivery = factories.make_delivery(campaign)
    theirs = say(token, Address(delivery.phone), "oi", "A1")
    Delivery.objects.filter(pk=delivery.pk).update(not_before=NEVER, reason="held")
    Hold.objects.create(business=campaign.business, key=delivery.phone, reply=theirs, at=long_ago)
    holds.carry_out()
    assert (reread(delivery).status, delivery.reason) == (Status.SKIPPED, "held")


def test_who_was_let_go_on_in_time_is_not_skipped_while_that_settles(
    campaign: Campaign, token: LeaseToken
) -> None:
    sent = factories.make_delivery(campaign, status=Status.SENT)
    reply = say(token, Address(sent.phone), "oi", "A0")
    later = factories.make_campaign(
        campaign.business, Campaign.Status.RUNNING, topic=campaign.topic, session=campaign.session
    )
    waiting = factories.make_delivery(later, sent.contact)
    Delivery.objects.filter(pk=waiting.pk).update(not_before=NEVER, reason="held")
    Hold.objects.create(
        business=campaign.business, key=sent.phone, reply=reply, decision="go_on",
        at=timezone.now() - timedelta(days=7, minutes=1), decided_by=factories.make_user(),
        decided_at=timezone.now() - timedelta(minutes=2),
    )  # fmt: skip
    holds.carry_out()
    assert reread(waiting).status == Status.QUEUED


def test_who_is_known_by_a_lid_alone_is_held_when_their_number_shows(
    campaign: Campaign, token: LeaseToken
) -> None:
    sent = factories.make_delivery(campaign, status=Status.SENT)
    say(token, Address(lid=LID), "quem é?")
    assert Hold.objects.get().key == f"lid:{LID}"
    say(token, Address(sent.phone, lid=LID), "oi", "A2")
    later = factories.make_campaign(
        campaign.business, Campaign.Status.RUNNING, topic=campaign.topic, session=campaign.session
    )
    fresh = factories.make_delivery(later, sent.contact)
    assert isinstance(LedgerOutbox().next(token), Idle)
    assert (reread(fresh).status, fresh.reason) == (Status.QUEUED, "held")


def test_a_doubt_of_who_has_stopped_holds_nothing(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign, status=Status.SENT)
    say(token, Address(delivery.phone), "SAIR", "A0")
    reply = say(token, Address(delivery.phone), DOUBT, "A1")
    assert reply
    assert (reply.kind, Hold.objects.count()) == ("message", 0)


def test_cancelar_after_a_reminder_is_the_appointment(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign, status=Status.SENT)
    topic = campaign.topic
    assert topic
    topic.kind = "appointment"
    topic.save()
    reply = say(token, Address(delivery.phone), "CANCELAR")
    assert reply
    assert (reply.kind, reply.reason) == ("message", "appointment")
    Delivery.objects.update(sent_at=timezone.now() - timedelta(days=8))
    reply = say(token, Address(delivery.phone), "CANCELAR", "A2")
    assert reply
    assert reply.kind == "stop"


def test_a_very_long_answer_is_a_persons_to_read(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign, status=Status.SENT)
    doubts(token, delivery, "muito obrigada pela atenção. " * 2_000)
    assert Hold.objects.get().reply.kind == "hold"


# The page


@pytest.fixture
def open_hold(owner: Membership) -> Hold:
    campaign = factories.make_campaign(owner.business, Campaign.Status.RUNNING)
    delivery = factories.make_delivery(
        campaign, factories.make_contact(owner.business, "Rita Nogueira")
    )
    return doubts(LeaseToken(campaign.session_id or 0, 1), delivery)


def test_the_list_shows_who_waits_with_one_tap_for_each_answer(
    client: Client, owner: Membership, open_hold: Hold
) -> None:
    page = client.get("/respostas/a-decidir/").content.decode()
    for words in (
        "Rita Nogueira",
        DOUBT,
        "Pediu para sair",
        "Pode continuar",
        "Número de outra pessoa",
    ):
        assert words in page
    assert "1 mensagem espera" in page
    assert "1 número espera por você" in client.get("/", follow=True).content.decode()


@pytest.mark.parametrize("decision", Hold.Decision.values)
def test_one_tap_decides_and_another_takes_it_back(
    client: Client, owner: Membership, open_hold: Hold, decision: str
) -> None:
    url = f"/respostas/a-decidir/{open_hold.pk}/"
    client.post(url, {"decisao": decision})
    open_hold.refresh_from_db()
    assert (open_hold.decision, open_hold.decided_by) == (decision, owner.user)
    assert "Desfazer" in client.get("/respostas/a-decidir/").content.decode()
    client.post(url, {"desfazer": "1"})
    open_hold.refresh_from_db()
    assert (open_hold.decision, open_hold.decided_at) == ("", None)


def test_no_answer_is_no_decision(client: Client, owner: Membership, open_hold: Hold) -> None:
    client.post(f"/respostas/a-decidir/{open_hold.pk}/", {"decisao": "talvez"})
    open_hold.refresh_from_db()
    assert open_hold.decision == ""


def test_a_doubt_is_not_counted_twice(client: Client, owner: Membership, open_hold: Hold) -> None:
    """It waits in a list of its own, and not among what is to be answered."""
    assert DOUBT not in client.get("/respostas/").content.decode()
