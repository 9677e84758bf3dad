"""The doorbell's clockwork: what is rung for, what isn't, and that a lost ring is rung again."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from blu import rounds
from blu.lib import queue
from campaigns import own_number
from campaigns.models import Campaign, Delivery
from campaigns.transitions import Status
from sessions import leases, nodes, services
from sessions.models import Pairing, State, WhatsAppSession
from tests import factories

pytestmark = pytest.mark.django_db

Rung = list[tuple[object, ...]]
AGO = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def rung(monkeypatch: pytest.MonkeyPatch) -> Rung:
    """What was rung for: (task, argument). Node a is there, with room."""
    rings: Rung = []
    monkeypatch.setattr(
        queue, "enqueue", lambda task, *args, **_to: rings.append((task.split(".")[-1], *args))
    )
    nodes.claim(uuid4(), wait=0)
    return rings


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    """A session that rests, visited a moment ago."""
    return factories.make_session(factories.make_business(), visited_at=timezone.now())


@pytest.fixture
def campaign(session: WhatsAppSession) -> Campaign:
    return factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)


@pytest.fixture
def due(campaign: Campaign) -> Delivery:
    """A row that is due now."""
    return factories.make_delivery(campaign)


def change(session: WhatsAppSession, **values: object) -> None:
    if "state" in values:
        factories.lead(session, str(values["state"]))
    WhatsAppSession.objects.filter(pk=session.pk).update(**values)


# Sessions


def test_a_session_with_a_due_row_is_rung_for(
    session: WhatsAppSession, due: Delivery, rung: Rung
) -> None:
    assert rounds.ring_sessions() == 1
    assert rung == [("visit", session.pk)]
    session.refresh_from_db()
    assert session.rung_at is not None


def test_a_session_with_nothing_to_do_is_left_alone(session: WhatsAppSession, rung: Rung) -> None:
    assert rounds.ring_sessions() == 0
    assert rung == []


def test_a_ring_is_not_repeated_at_once_and_a_lost_one_is_rung_again(
    session: WhatsAppSession, due: Delivery, rung: Rung
) -> None:
    rounds.ring_sessions()
    assert rounds.ring_sessions() == 0
    change(session, rung_at=timezone.now() - timedelta(seconds=31))
    assert rounds.ring_sessions() == 1


def test_a_session_that_is_being_driven_is_left_to_its_driver(
    session: WhatsAppSession, due: Delivery, rung: Rung
) -> None:
    grip = leases.acquire(session.pk)
    assert grip is not None
    assert rounds.ring_sessions() == 0
    leases.release(grip)
    change(session, rung_at=None)
    assert rounds.ring_sessions() == 1


@pytest.mark.parametrize(
    ("state", "rings"),
    [
        (State.RESTING, 1),
        (State.ONLINE, 1),
        (State.OFFLINE, 1),
        (State.LOGGED_OUT, 0),
        (State.CONFLICT, 0),
        (State.UNLINKED, 0),
        (State.PAIRING, 0),
        (State.STOPPED, 0),
        (State.BANNED, 0),
        (State.NEEDS_PASSKEY, 0),
    ],
)
def test_only_a_link_that_can_work_is_visited(
    session: WhatsAppSession, due: Delivery, state: str, rings: int
) -> None:
    change(session, state=state)
    assert rounds.ring_sessions() == rings


@pytest.mark.parametrize(("minutes", "rings"), [(5, 0), (-5, 1)])
def test_a_restriction_is_waited_out(
    session: WhatsAppSession, due: Delivery, minutes: int, rings: int
) -> None:
    until = timezone.now() + timedelta(minutes=minutes)
    change(session, state=State.RESTRICTED, state_until=until)
    assert rounds.ring_sessions() == rings


@pytest.mark.parametrize(("minutes", "rings"), [(5, 0), (-5, 1)])
def test_a_link_that_stopped_by_itself_is_not_rung_before_its_time(
    session: WhatsAppSession, due: Delivery, minutes: int, rings: int
) -> None:
    until = timezone.now() + timedelta(minutes=minutes)
    change(session, state=State.STOPPED, state_until=until)
    assert rounds.ring_sessions() == rings


def test_an_account_that_nobody_linked_is_not_visited(
    session: WhatsAppSession, due: Delivery
) -> None:
    change(session, linked_at=None)
    assert rounds.ring_sessions() == 0


@pytest.mark.parametrize("state", [State.LOGGED_OUT, State.UNLINKED, State.CONFLICT])
def test_what_a_dead_driver_left_is_rung_for_also_where_nobody_may_open_the_session(
    session: WhatsAppSession, due: Delivery, state: str
) -> None:
    change(session, state=state, linked_at=None)
    assert rounds.ring_sessions() == 0
    Delivery.objects.update(status=Status.SENDING, sending_at=timezone.now())
    assert rounds.ring_sessions() == 1


@pytest.mark.parametrize(
    "status", [Campaign.Status.PAUSED, Campaign.Status.CANCELLED, Campaign.Status.LAUNCHING]
)
def test_rows_of_a_campaign_that_does_not_run_ring_nobody(
    session: WhatsAppSession, status: str
) -> None:
    factories.make_delivery(factories.make_campaign(session.business, status, session=session))
    assert rounds.ring_sessions() == 0


def test_rows_that_are_due_later_ring_nobody_yet(campaign: Campaign) -> None:
    factories.make_delivery(campaign, not_before=timezone.now() + AGO)
    assert rounds.ring_sessions() == 0


def test_limits_that_keep_it_idle_are_respected_until_it_is_woken(
    session: WhatsAppSession, due: Delivery
) -> None:
    change(session, idle_until=timezone.now() + AGO)
    assert rounds.ring_sessions() == 0
    services.wake(session.pk)
    assert rounds.ring_sessions() == 1


def test_a_notice_rings_even_an_idle_session(session: WhatsAppSession, due: Delivery) -> None:
    change(session, idle_until=timezone.now() + AGO)
    factories.make_notice(session, "stop_confirmation")
    assert rounds.ring_sessions() == 1


def test_what_a_dead_driver_left_in_hand_is_due(session: WhatsAppSession, due: Delivery) -> None:
    Delivery.objects.update(status=Status.SENDING, fence=0)
    Campaign.objects.update(status=Campaign.Status.PAUSED)
    assert rounds.ring_sessions() == 1


def test_a_notice_left_in_hand_is_due(session: WhatsAppSession) -> None:
    factories.make_notice(session, status=Status.SENDING, fence=0)
    assert rounds.ring_sessions() == 1


@pytest.mark.parametrize(
    ("pacing", "seconds", "rings"),
    [("trial", 10, 0), ("trial", 20, 1), ("real", 20, 0), ("real", 700, 1)],
)
def test_replies_are_looked_for_once_in_a_while(
    session: WhatsAppSession, pacing: str, seconds: int, rings: int
) -> None:
    change(session, pacing=pacing, visited_at=timezone.now() - timedelta(seconds=seconds))
    assert rounds.ring_sessions() == rings


@pytest.mark.parametrize(
    ("status", "age", "rings"), [("sent", 30, 1), ("sent", 400, 0), ("delivered", 30, 0)]
)
def test_a_test_that_has_not_arrived_is_looked_for_soon_while_somebody_watches(
    session: WhatsAppSession, status: str, age: int, rings: int
) -> None:
    seen = timezone.now() - timedelta(seconds=age)
    change(session, pacing="real", visited_at=timezone.now() - timedelta(seconds=25))
    factories.make_notice(session, status=status, message_id="3EB0T", sent_at=seen)
    assert rounds.ring_sessions() == rings


def test_a_session_that_somebody_writes_a_word_to_is_looked_at_soon(
    session: WhatsAppSession,
) -> None:
    change(session, pacing="real", visited_at=timezone.now() - timedelta(seconds=25))
    assert rounds.ring_sessions() == 0
    member = factories.make_membership(session.business)
    own_number.ask_for_word(membership=member, session=session)
    assert rounds.ring_sessions() == 1


# Pairings


@pytest.fixture
def waiting(session: WhatsAppSession) -> Pairing:
    """An attempt that was asked for a while ago and that nobody opened."""
    change(session, state=State.PAIRING, linked_at=None)
    return Pairing.objects.create(
        session=session, requested_at=timezone.now() - timedelta(seconds=20)
    )


def test_an_attempt_that_nobody_opened_is_rung_for_again_but_not_each_round(
    waiting: Pairing, rung: Rung
) -> None:
    for _round in range(3):
        rounds.ring_pairings()
    assert rung == [("pair", waiting.pk)]


def test_an_attempt_that_was_just_asked_for_is_given_time(waiting: Pairing, rung: Rung) -> None:
    Pairing.objects.update(requested_at=timezone.now())
    assert rounds.ring_pairings() == 0


def test_an_attempt_in_hand_is_not_rung_for(waiting: Pairing, rung: Rung) -> None:
    leases.acquire(waiting.session_id)
    assert rounds.ring_pairings() == 0


def test_an_attempt_that_was_forgotten_ends(waiting: Pairing, rung: Rung) -> None:
    Pairing.objects.update(requested_at=timezone.now() - timedelta(minutes=11))
    rounds.ring_pairings()
    waiting.refresh_from_db()
    assert waiting.status == Pairing.Status.EXPIRED
    assert WhatsAppSession.objects.get(pk=waiting.session_id).state == State.UNLINKED
    assert rung == []


# Campaigns


def test_a_launch_whose_task_got_lost_is_rung_for_again(campaign: Campaign, rung: Rung) -> None:
    campaign = factories.make_campaign(campaign.business, Campaign.Status.LAUNCHING)
    assert rounds.ring_campaigns() == 0
    Campaign.objects.update(updated_at=timezone.now() - AGO)
    assert rounds.ring_campaigns() == 1
    assert rounds.ring_campaigns() == 0
    assert rung == [("take_snapshot", campaign.pk)]


def test_a_cancellation_that_left_rows_is_rung_for_again(
    campaign: Campaign, due: Delivery, rung: Rung
) -> None:
    Campaign.objects.update(
        status=Campaign.Status.CANCELLED,
        ended_at=timezone.now() - AGO,
        updated_at=timezone.now() - AGO,
    )
    assert rounds.ring_campaigns() == 1
    assert rung == [("cancel_rows", campaign.pk)]
    Delivery.objects.update(status=Status.CANCELLED)
    Campaign.objects.update(updated_at=timezone.now() - AGO)
    assert rounds.ring_campaigns() == 0
