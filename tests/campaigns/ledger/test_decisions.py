"""A person settles what is in doubt: who, when and why stay written, and the first answer wins."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from blu.accounts.models import User
from blu.accounts.refused import Refused
from campaigns.ledger import decisions
from campaigns.lifecycle import cancel, cancel_rows, finish_if_done
from campaigns.models import Campaign, Decision, Delivery
from campaigns.models.ledger_states import Reason, Status
from campaigns.reports import timeline
from sessions.models import Chat
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana() -> User:
    return factories.make_user(name="Ana Ribeiro")


@pytest.fixture
def doubt() -> Delivery:
    campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    delivery = factories.make_delivery(campaign, status=Status.UNCERTAIN)
    pressed = timezone.now() - timedelta(minutes=20)
    Delivery.objects.filter(pk=delivery.pk).update(
        pressed_at=pressed, sending_at=pressed, reason=Reason.CRASH, fence=7, message_id="OLD"
    )
    delivery.refresh_from_db()
    return delivery


def settle(doubt: Delivery, ana: User, *, arrived: bool) -> Decision:
    return decisions.decide(delivery=doubt, arrived=arrived, actor=ana, reason="Olhei a conversa")


def decision_of(row: Delivery) -> tuple[object, bool, str]:
    """Under which decision the row moved."""
    decision = Decision.objects.get(pk=row.decision_id, delivery=row)
    return decision.actor, decision.arrived, decision.reason


def test_what_arrived_counts_as_sent_when_it_was_pressed(doubt: Delivery, ana: User) -> None:
    settle(doubt, ana, arrived=True)
    assert doubt.status == Status.SENT
    assert doubt.reason == Reason.PERSON
    assert doubt.sent_at == doubt.pressed_at
    assert doubt.ended_at is None
    assert decision_of(doubt) == (ana, True, "Olhei a conversa")


def test_what_arrived_counts_towards_the_days_new_chats(doubt: Delivery, ana: User) -> None:
    for phone in (doubt.phone, "+5511900000001"):
        Chat.objects.create(session_id=doubt.session_id, phone=phone)
    settle(doubt, ana, arrived=True)
    assert [chat.phone for chat in Chat.objects.filter(opened_at=doubt.pressed_at)] == [doubt.phone]


def test_what_did_not_arrive_waits_again_without_a_trace_of_that_attempt(
    doubt: Delivery, ana: User
) -> None:
    settle(doubt, ana, arrived=False)
    assert doubt.status == Status.QUEUED
    assert doubt.message_id == ""
    assert [doubt.pressed_at, doubt.sending_at, doubt.ended_at] == [None, None, None]
    assert decision_of(doubt) == (ana, False, "Olhei a conversa")


def test_a_campaign_done_with_the_rest_runs_again_for_it(doubt: Delivery, ana: User) -> None:
    assert finish_if_done(session_id=doubt.session_id) == 1
    settle(doubt, ana, arrived=False)
    campaign = Campaign.objects.get()
    assert campaign.status == Campaign.Status.RUNNING
    assert campaign.ended_at is None


def test_a_campaign_that_was_paused_stays_so(doubt: Delivery, ana: User) -> None:
    Campaign.objects.update(status=Campaign.Status.PAUSED)
    settle(doubt, ana, arrived=False)
    assert Campaign.objects.get().status == Campaign.Status.PAUSED


def test_in_a_cancelled_campaign_nothing_is_sent_any_more(doubt: Delivery, ana: User) -> None:
    cancel(campaign=doubt.campaign, actor=ana)
    settle(doubt, ana, arrived=False)
    assert doubt.status == Status.FAILED
    assert cancel_rows(doubt.campaign_id) == 0


def test_where_the_words_about_each_person_are_forgotten_nothing_is_sent_any_more(
    doubt: Delivery, ana: User
) -> None:
    Campaign.objects.update(status=Campaign.Status.DONE, variables_forgotten_at=timezone.now())
    settle(doubt, ana, arrived=False)
    assert doubt.status == Status.FAILED
    assert Campaign.objects.get().status == Campaign.Status.DONE


def test_a_session_put_to_sleep_is_woken_for_it(
    doubt: Delivery, ana: User, django_capture_on_commit_callbacks: Any
) -> None:
    session = doubt.campaign.session
    session.idle_until = timezone.now() + timedelta(hours=1)
    session.save()
    with django_capture_on_commit_callbacks(execute=True):
        settle(doubt, ana, arrived=False)
    session.refresh_from_db()
    assert session.idle_until is None


@pytest.mark.parametrize("reason", ["", "  \n "])
def test_without_a_reason_nothing_is_decided(doubt: Delivery, ana: User, reason: str) -> None:
    with pytest.raises(Refused, match="Falta dizer"):
        decisions.decide(delivery=doubt, arrived=True, actor=ana, reason=reason)
    assert Delivery.objects.get().status == Status.UNCERTAIN


def test_a_proof_that_came_first_wins_and_the_person_is_told(doubt: Delivery, ana: User) -> None:
    Delivery.objects.filter(pk=doubt.pk).update(status=Status.DELIVERED)
    with pytest.raises(Refused, match="encontrou a prova"):
        settle(doubt, ana, arrived=False)
    assert Delivery.objects.get().status == Status.DELIVERED
    assert not Decision.objects.exists()


def test_of_two_people_the_first_decides(doubt: Delivery, ana: User) -> None:
    settle(doubt, ana, arrived=False)
    with pytest.raises(Refused, match="Ana Ribeiro já decidiu"):
        settle(doubt, factories.make_user(name="Bia"), arrived=True)
    assert Decision.objects.count() == 1


def test_the_same_words_settle_a_second_doubt_of_the_same_row(doubt: Delivery, ana: User) -> None:
    settle(doubt, ana, arrived=False)
    for status in (Status.SENDING, Status.UNCERTAIN):
        Delivery.objects.filter(pk=doubt.pk).update(status=status, ended_at=timezone.now())
    settle(doubt, ana, arrived=True)
    assert doubt.status == Status.SENT


def test_every_decision_is_on_the_timeline(doubt: Delivery, ana: User) -> None:
    settle(doubt, ana, arrived=False)
    [event] = [
        e for e in timeline.timeline(doubt, [], [], doubt.decisions.all()) if e.icon == "user"
    ]
    assert event.title == "Ana Ribeiro disse que não chegou"
    assert event.quote == "Olhei a conversa"


def test_nobody_writes_sent_without_a_proof_or_a_decision(doubt: Delivery) -> None:
    Delivery.objects.filter(pk=doubt.pk).update(message_id="")
    with pytest.raises(IntegrityError, match="neither a proof"), transaction.atomic():
        Delivery.objects.filter(pk=doubt.pk).update(status=Status.SENT)
    decision = factories.decide(doubt.pk, arrived=True)
    Delivery.objects.filter(pk=doubt.pk).update(status=Status.SENT, decision_id=decision)


@pytest.mark.parametrize("status", [Status.DELIVERED, Status.READ])
def test_no_persons_word_says_delivered_or_read(doubt: Delivery, status: str) -> None:
    Delivery.objects.filter(pk=doubt.pk).update(message_id="")
    with pytest.raises(IntegrityError, match="neither a proof"), transaction.atomic():
        Delivery.objects.filter(pk=doubt.pk).update(
            status=status, decision_id=factories.decide(doubt.pk, arrived=True)
        )
