"""The circuit breaker: it looks in time, pauses, explains, and counts only since a person resumed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import lifecycle
from campaigns.ledger.outbox import LOOK_EVERY, LedgerOutbox
from campaigns.limits import circuit_breaker
from campaigns.models import Campaign, Delivery, Reply
from campaigns.models.campaign_states import PauseReason
from campaigns.models.ledger_states import Status
from sessions.driving import history, leases
from sessions.events import Address, Incoming, Text
from sessions.interfaces import Idle, LeaseToken, NotSent, Outgoing
from sessions.models import Link, SessionEvent, State
from tests import factories

pytestmark = pytest.mark.django_db


def rows(campaign: Campaign, number: int, status: str, **values: object) -> list[Delivery]:
    made = [factories.make_delivery(campaign, status=status) for _number in range(number)]
    now = timezone.now()
    Delivery.objects.filter(pk__in=[row.pk for row in made]).update(sending_at=now, **values)
    return made


def stop(delivery: Delivery) -> None:
    Reply.objects.create(
        business_id=delivery.business_id, session_id=delivery.session_id, delivery=delivery,
        message_id=f"A{delivery.pk}", phone=delivery.phone, kind=Reply.Kind.STOP, text="SAIR",
        at=timezone.now(),
    )  # fmt: skip


def status_of(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    return campaign.status


def test_four_of_fifty_who_leave_pause_the_campaign_and_say_so(campaign: Campaign) -> None:
    for delivery in rows(campaign, 50, Status.SENT)[:4]:
        stop(delivery)
    assert circuit_breaker.check(campaign.pk) == PauseReason.TOO_MANY_LEFT
    assert status_of(campaign) == Campaign.Status.PAUSED
    assert "4 das últimas 50 pessoas pediram para sair" in campaign.why_paused
    assert "(8\N{NO-BREAK SPACE}%; o limite é 6\N{NO-BREAK SPACE}%)" in campaign.why_paused
    assert campaign.paused_by is None
    assert campaign.paused_at is not None


def test_three_of_fifty_who_leave_are_no_reason(campaign: Campaign) -> None:
    for delivery in rows(campaign, 50, Status.SENT)[:3]:
        stop(delivery)
    assert circuit_breaker.check(campaign.pk) == ""
    assert status_of(campaign) == Campaign.Status.RUNNING


def test_too_many_numbers_without_whatsapp_pause_it(campaign: Campaign) -> None:
    rows(campaign, 45, Status.SENT)
    rows(campaign, 11, Status.FAILED, reason="not_on_whatsapp")
    assert circuit_breaker.check(campaign.pk) == PauseReason.TOO_MANY_INVALID
    campaign.refresh_from_db()
    assert "11 dos últimos 50 números não têm WhatsApp" in campaign.why_paused


def test_numbers_without_whatsapp_before_the_last_fifty_count_no_more(campaign: Campaign) -> None:
    rows(campaign, 11, Status.FAILED, reason="not_on_whatsapp")
    rows(campaign, 40, Status.SENT)
    assert circuit_breaker.check(campaign.pk) == ""


def test_fewer_than_fifty_people_say_nothing(campaign: Campaign) -> None:
    rows(campaign, 30, Status.FAILED, reason="not_on_whatsapp")
    assert circuit_breaker.check(campaign.pk) == ""


def test_what_a_person_has_seen_and_resumed_counts_no_more(campaign: Campaign) -> None:
    for delivery in rows(campaign, 50, Status.SENT)[:10]:
        stop(delivery)
    circuit_breaker.check(campaign.pk)
    Delivery.objects.update(sent_at=timezone.now() - timedelta(minutes=1))
    campaign.refresh_from_db()
    lifecycle.resume(campaign=campaign, actor=factories.make_user())
    assert circuit_breaker.check(campaign.pk) == ""
    assert status_of(campaign) == Campaign.Status.RUNNING


# When it looks


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The campaigns that were looked at."""
    asked: list[int] = []
    monkeypatch.setattr(circuit_breaker, "check", asked.append)
    return asked


def drive(outbox: LedgerOutbox, token: LeaseToken, number: int) -> None:
    """Claim and settle: no number has WhatsApp."""
    for _number in range(number):
        claimed = outbox.next(token)
        assert isinstance(claimed, Outgoing)
        outbox.settle(token, claimed.key, NotSent("not_on_whatsapp", permanent=True))


@pytest.mark.parametrize("claims_a_visit", [1, 9])
def test_the_slowest_pace_is_looked_at_as_each_visit_begins(
    campaign: Campaign, token: LeaseToken, claims_a_visit: int
) -> None:
    rows(campaign, 51 - claims_a_visit, Status.FAILED, reason="not_on_whatsapp")
    for _number in range(12):
        factories.make_delivery(campaign)
    drive(LedgerOutbox(), token, claims_a_visit - 1)
    assert status_of(campaign) == Campaign.Status.RUNNING
    first = LedgerOutbox().next(token)
    assert (isinstance(first, Idle), status_of(campaign)) == (True, Campaign.Status.PAUSED)


def test_each_of_two_campaigns_that_take_turns_is_looked_at(
    campaign: Campaign, token: LeaseToken, looked: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.ledger.outbox.LOOK_AGAIN", -1.0)
    other = factories.make_campaign(
        campaign.business, Campaign.Status.RUNNING, session=campaign.session
    )
    for _number in range(LOOK_EVERY + 1):
        factories.make_delivery(campaign)
        factories.make_delivery(other)
    outbox = LedgerOutbox()
    outbox.next(token)
    looked.clear()
    drive(outbox, token, 2 * LOOK_EVERY + 1)
    assert sorted(looked) == [campaign.pk, other.pk]


def test_every_answer_that_asks_to_stop_is_looked_at_once(
    campaign: Campaign, token: LeaseToken, looked: list[int]
) -> None:
    [delivery] = rows(campaign, 1, Status.SENT, sent_at=timezone.now())
    answer = Incoming(Address(delivery.phone), "A1", Text("SAIR"), timezone.now())
    LedgerOutbox().record_event(token.session_id, answer)
    LedgerOutbox().record_event(token.session_id, answer)
    LedgerOutbox().record_event(
        token.session_id, Incoming(Address(delivery.phone), "A2", Text("Obrigada!"), timezone.now())
    )
    assert looked == [campaign.pk]


# Time-locks


def locked(campaign: Campaign) -> None:
    """WhatsApp restricts the session, after the campaign was launched."""
    Campaign.objects.update(launched_at=timezone.now() - timedelta(hours=1))
    history.set_state(
        leases.active_link(campaign.session_id or 0), State.RESTRICTED, "no_new_chats"
    )


def test_a_time_lock_pauses_what_runs_through_the_session_and_explains(campaign: Campaign) -> None:
    other = factories.make_campaign(campaign.business, Campaign.Status.RUNNING)
    locked(campaign)
    assert circuit_breaker.pause_restricted() == 1
    assert (status_of(campaign), campaign.paused_by) == (Campaign.Status.PAUSED, None)
    assert campaign.pause_reason == PauseReason.TIME_LOCK
    assert status_of(other) == Campaign.Status.RUNNING


def test_a_time_lock_that_ended_before_anybody_looked_pauses_too(
    campaign: Campaign, token: LeaseToken
) -> None:
    factories.make_delivery(campaign)
    locked(campaign)
    history.set_state(token.link_id, State.ONLINE)
    assert LedgerOutbox().next(token) == Idle(None)
    assert status_of(campaign) == Campaign.Status.PAUSED


def test_who_resumes_under_a_time_lock_knows_of_it_and_a_second_one_pauses_again(
    campaign: Campaign, token: LeaseToken
) -> None:
    locked(campaign)
    circuit_breaker.pause_restricted()
    campaign.refresh_from_db()
    SessionEvent.objects.update(at=timezone.now() - timedelta(minutes=1))
    lifecycle.resume(campaign=campaign, actor=factories.make_user())
    assert circuit_breaker.pause_restricted() == 0
    circuit_breaker.check_session(token.session_id)
    assert status_of(campaign) == Campaign.Status.RUNNING
    Campaign.objects.update(resumed_at=timezone.now() - timedelta(minutes=1))
    history.set_state(token.link_id, State.ONLINE)
    history.set_state(token.link_id, State.RESTRICTED)
    assert circuit_breaker.pause_restricted() == 1


def test_a_campaign_launched_under_a_time_lock_waits_in_its_queue(campaign: Campaign) -> None:
    Link.objects.update(state=State.RESTRICTED)
    SessionEvent.objects.create(
        session_id=campaign.session_id, state=State.RESTRICTED,
        at=timezone.now() - timedelta(hours=1),
    )  # fmt: skip
    assert circuit_breaker.pause_restricted() == 0
    assert status_of(campaign) == Campaign.Status.RUNNING
