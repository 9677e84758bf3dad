"""The one statement that says what is due, and leases it: what is taken, by whom, in which order."""

import threading
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from blu.accounts.models import Business
from campaigns.ledger.due import WORK
from campaigns.models import Campaign, Delivery, SessionLimits
from campaigns.models.ledger_states import Status
from campaigns.notices import own_number
from sessions.driving import leases, link_updates, nodes, runners
from sessions.driving.claim_due import HostWork, claim_due, claim_for_host, count_due
from sessions.driving.history import set_state
from sessions.linking.claim_pairing import claim_pairing, count_waiting
from sessions.models import Lease, Link, Node, Pairing, SessionEvent, WhatsAppSession
from sessions.states import State
from tests import factories
from tests.concurrency.waiting import Beside, owner_connection
from tests.eventually import GENEROUS
from tests.leasing import hold, leased, take_link

pytestmark = pytest.mark.django_db

AGO = timedelta(minutes=5)


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    """A session that rests, visited a moment ago."""
    return factories.make_session(factories.make_business(), visited_at=timezone.now())


@pytest.fixture
def due(campaign: Campaign) -> Delivery:
    """A row that is due now."""
    return factories.make_delivery(campaign)


def change(session: WhatsAppSession, **values: object) -> None:
    factories.change_session(session, **values)


def number_due() -> int:
    return count_due(WORK, limit=10)


def claimed(runner: runners.Heartbeat, limit: int = 1, **options: object) -> list[int]:
    """The sessions that this runner gets, in order."""
    taken = claim_due(runner, WORK, limit=limit, **options)  # type: ignore[arg-type]
    return [one.held.token.session_id for one in taken]


# What is due


def test_a_session_with_a_due_row_is_leased(
    session: WhatsAppSession, due: Delivery, runner: runners.Heartbeat
) -> None:
    assert number_due() == 1
    (taken,) = claim_due(runner, WORK, limit=5)
    assert taken.opens
    assert not taken.held.is_set()
    assert leases.renew(runner.id, {taken.held.token}) == {taken.held.token: True}
    assert number_due() == 0


def test_a_session_with_nothing_to_do_is_left_alone(
    session: WhatsAppSession, runner: runners.Heartbeat
) -> None:
    assert claimed(runner) == []


def test_one_that_was_just_tried_in_vain_waits_a_while(
    session: WhatsAppSession, due: Delivery, runner: runners.Heartbeat
) -> None:
    assert claimed(runner) == [session.pk]
    Lease.objects.update(expires_at=None)
    assert number_due() == 0
    change(session, retry_at=timezone.now() - timedelta(seconds=1))
    assert claimed(runner) == [session.pk]


def test_a_link_without_a_line_is_tried_ever_more_rarely_and_never_all_at_the_same_moment(
    runner: runners.Heartbeat,
) -> None:
    def pauses(offline_for: timedelta) -> list[float]:
        """Seconds until twenty links that went away so long ago are tried again."""
        business = factories.make_business()
        sessions = [factories.make_session(business, transport="inprocess") for _ in range(20)]
        links = [session.link for session in sessions]
        for link in links:
            set_state(link.pk, State.ONLINE)
            set_state(link.pk, State.OFFLINE, "offline")
        SessionEvent.objects.update(at=Now() - offline_for)
        claim_for_host(runner, WORK, limit=20)
        found = Link.objects.filter(pk__in=[link.pk for link in links])
        return [(link.retry_at - timezone.now()).total_seconds() for link in found if link.retry_at]

    for offline_for, seconds in ((1, 30), (240, 120), (86_400, 300)):
        waits = pauses(timedelta(seconds=offline_for))
        assert len(waits) == 20
        assert seconds * 0.7 < min(waits) < max(waits) < seconds * 1.3
        assert len({round(wait, 1) for wait in waits}) > 5


def test_after_a_fine_visit_it_may_be_visited_at_once(
    session: WhatsAppSession, due: Delivery, runner: runners.Heartbeat
) -> None:
    (taken,) = claim_due(runner, WORK, limit=1)
    Lease.objects.update(expires_at=None)
    link_updates.rest(taken.held.token, idle_until=None)
    assert number_due() == 1


def test_a_session_that_is_being_driven_is_left_to_its_driver(
    session: WhatsAppSession, due: Delivery
) -> None:
    token = hold(session.pk)
    assert number_due() == 0
    leases.release(token)
    assert number_due() == 1


def test_the_lease_of_a_silent_driver_is_taken_under_a_newer_fence(
    session: WhatsAppSession, due: Delivery, runner: runners.Heartbeat
) -> None:
    leased(session.pk)
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    (taken,) = claim_due(runner, WORK, limit=1)
    assert taken.held.token.fence == 2


def test_one_session_may_be_asked_for_whatever_was_tried_before(
    session: WhatsAppSession, runner: runners.Heartbeat
) -> None:
    change(session, retry_at=timezone.now() + AGO)
    assert claimed(runner, always=True, only=session.link.pk) == [session.pk]


def test_a_host_takes_all_that_nobody_drives_though_nothing_is_due(
    session: WhatsAppSession, runner: runners.Heartbeat
) -> None:
    other = factories.make_session(session.business, visited_at=timezone.now())
    gone = factories.make_session(session.business, state=State.LOGGED_OUT)
    taken = claimed(runner, 10, always=True)
    assert sorted(taken) == [session.pk, other.pk]
    assert gone.pk not in taken
    assert claimed(runner, 10, always=True, kinds=("browser",)) == []


@pytest.mark.parametrize(
    ("state", "number"),
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
    session: WhatsAppSession, due: Delivery, state: str, number: int
) -> None:
    change(session, state=state)
    assert number_due() == number


@pytest.mark.parametrize(("minutes", "number"), [(5, 0), (-5, 1)])
def test_a_restriction_is_waited_out(
    session: WhatsAppSession, due: Delivery, minutes: int, number: int
) -> None:
    until = timezone.now() + timedelta(minutes=minutes)
    change(session, state=State.RESTRICTED, state_until=until)
    assert number_due() == number


@pytest.mark.parametrize(("minutes", "number"), [(5, 0), (-5, 1)])
def test_a_link_that_stopped_by_itself_is_not_due_before_its_time(
    session: WhatsAppSession, due: Delivery, minutes: int, number: int
) -> None:
    until = timezone.now() + timedelta(minutes=minutes)
    change(session, state=State.STOPPED, state_until=until)
    assert number_due() == number


def test_an_account_that_nobody_linked_is_not_visited(
    session: WhatsAppSession, due: Delivery
) -> None:
    change(session, linked_at=None)
    assert number_due() == 0


@pytest.mark.parametrize("state", [State.LOGGED_OUT, State.UNLINKED, State.CONFLICT])
def test_what_a_dead_driver_left_is_due_also_where_nobody_may_open_the_session(
    session: WhatsAppSession, due: Delivery, state: str, runner: runners.Heartbeat
) -> None:
    change(session, state=state, linked_at=None)
    assert number_due() == 0
    Delivery.objects.update(status=Status.SENDING, sending_at=timezone.now())
    (taken,) = claim_due(runner, WORK, limit=1)
    assert not taken.opens


@pytest.mark.parametrize(
    "status", [Campaign.Status.PAUSED, Campaign.Status.CANCELLED, Campaign.Status.LAUNCHING]
)
def test_rows_of_a_campaign_that_does_not_run_are_not_due(
    session: WhatsAppSession, status: str
) -> None:
    factories.make_delivery(factories.make_campaign(session.business, status, session=session))
    assert number_due() == 0


def test_rows_of_later_are_not_due_yet(campaign: Campaign) -> None:
    factories.make_delivery(campaign, not_before=timezone.now() + AGO)
    assert number_due() == 0


def test_limits_that_keep_it_idle_are_respected_until_it_is_woken(
    session: WhatsAppSession, due: Delivery
) -> None:
    change(session, idle_until=timezone.now() + AGO)
    assert number_due() == 0
    link_updates.wake(session.pk)
    assert number_due() == 1


def test_a_notice_makes_even_an_idle_session_due(session: WhatsAppSession, due: Delivery) -> None:
    change(session, idle_until=timezone.now() + AGO)
    factories.make_notice(session, "stop_confirmation")
    assert number_due() == 1


def test_what_a_dead_driver_left_in_hand_is_due(session: WhatsAppSession, due: Delivery) -> None:
    Delivery.objects.update(status=Status.SENDING, fence=0)
    Campaign.objects.update(status=Campaign.Status.PAUSED)
    assert number_due() == 1


def test_a_notice_left_in_hand_is_due(session: WhatsAppSession) -> None:
    factories.make_notice(session, status=Status.SENDING, fence=0)
    assert number_due() == 1


@pytest.mark.parametrize(
    ("pacing", "seconds", "number"),
    [("trial", 10, 0), ("trial", 20, 1), ("real", 20, 0), ("real", 700, 1)],
)
def test_replies_are_looked_for_once_in_a_while(
    session: WhatsAppSession, pacing: str, seconds: int, number: int
) -> None:
    change(session, pacing=pacing, visited_at=timezone.now() - timedelta(seconds=seconds))
    assert number_due() == number


@pytest.mark.parametrize(
    ("status", "age", "number"), [("sent", 30, 1), ("sent", 400, 0), ("delivered", 30, 0)]
)
def test_a_test_that_has_not_arrived_is_looked_for_soon_while_somebody_watches(
    session: WhatsAppSession, status: str, age: int, number: int
) -> None:
    seen = timezone.now() - timedelta(seconds=age)
    change(session, pacing="real", visited_at=timezone.now() - timedelta(seconds=25))
    factories.make_notice(session, status=status, message_id="3EB0T", sent_at=seen)
    assert number_due() == number


def test_a_session_that_somebody_writes_a_word_to_is_looked_at_soon(
    session: WhatsAppSession,
) -> None:
    change(session, pacing="real", visited_at=timezone.now() - timedelta(seconds=25))
    assert number_due() == 0
    member = factories.make_membership(session.business)
    own_number.ask_for_word(membership=member, session=session)
    assert number_due() == 1


# What a host's look says of the links that it holds


def test_a_look_says_what_waits_on_the_links_that_this_runner_holds(
    session: WhatsAppSession, campaign: Campaign, runner: runners.Heartbeat
) -> None:
    change(session, transport="inprocess")
    other = factories.make_session(session.business, transport="inprocess")
    first = claim_for_host(runner, WORK, limit=5)
    assert {one.held.token.link_id for one in first.due} == {session.link.pk, other.link.pk}
    assert first.waiting == set()
    factories.make_delivery(campaign)
    second = claim_for_host(runner, WORK, limit=5)
    assert (second.due, second.waiting) == ([], {session.link.pk})
    assert second.limits == first.limits
    assert second.limits.keys() == {session.pk, other.pk}


def test_a_look_says_nothing_of_what_another_drives(
    session: WhatsAppSession, due: Delivery, runner: runners.Heartbeat
) -> None:
    change(session, transport="inprocess")
    take_link(session.link.pk)
    assert claim_for_host(runner, WORK, limit=5) == HostWork()


def test_a_link_that_is_not_the_active_one_has_nothing_waiting(
    session: WhatsAppSession, due: Delivery, runner: runners.Heartbeat
) -> None:
    old = factories.make_link(session, transport="inprocess")
    assert [one.held.token.link_id for one in claim_for_host(runner, WORK, limit=5).due] == [old.pk]
    assert claim_for_host(runner, WORK, limit=5).waiting == set()


@pytest.mark.parametrize(
    "change_them",
    [
        lambda session: SessionLimits.objects.create(session=session, daily=7),
        lambda session: WhatsAppSession.objects.update(pacing="real"),
        lambda session: Link.objects.update(linked_at=timezone.now()),
        lambda session: Business.objects.update(time_zone="America/Manaus"),
    ],
)
def test_a_look_sees_that_limits_have_changed(
    session: WhatsAppSession, runner: runners.Heartbeat, change_them: Callable[..., object]
) -> None:
    change(session, transport="inprocess")
    before = claim_for_host(runner, WORK, limit=1).limits
    assert claim_for_host(runner, WORK, limit=0).limits == before
    change_them(session)
    assert claim_for_host(runner, WORK, limit=0).limits != before


# In which order, and where


def test_sending_goes_before_looking_for_replies(runner: runners.Heartbeat) -> None:
    business = factories.make_business()
    factories.make_session(business)
    campaign = factories.make_campaign(business, status="running")
    factories.make_delivery(campaign)
    assert claimed(runner) == [campaign.session_id]


def test_businesses_take_turns_however_many_sessions_they_have(runner: runners.Heartbeat) -> None:
    """Of three slots the business with one session gets one; with one slot, every second visit."""
    many, one = factories.make_business(), factories.make_business()
    theirs = [factories.make_session(many).pk for _number in range(4)]
    single = factories.make_session(one).pk
    assert sorted(claimed(runner, 3)) == [*theirs[:2], single]
    Lease.objects.update(expires_at=None)
    visits = []
    for _visit in range(4):
        Link.objects.update(retry_at=None)
        visits += claimed(runner)
        Lease.objects.update(expires_at=None)
        # In a test's transaction the statements' clock goes on.
        Link.objects.filter(session=visits[-1]).update(visited_at=None)
    assert visits.count(single) == 2


def _node(name: str, *, silence: float = 0, steady: float = 0) -> None:
    Node.objects.create(
        name=name, slots=2, token=uuid4(), host="elsewhere:8000",
        seen_at=Now() - timedelta(seconds=silence), steady_since=Now() - timedelta(seconds=steady),
    )  # fmt: skip


@pytest.fixture
def far(session: WhatsAppSession, due: Delivery) -> WhatsAppSession:
    """A browser session whose profile is on node b."""
    change(session, transport="browser", node="b")
    return session


def test_a_profile_is_opened_on_its_own_node(
    far: WhatsAppSession, runner: runners.Heartbeat, settings: object
) -> None:
    _node("b")
    assert claimed(runner) == []
    settings.NODE = "b"  # type: ignore[attr-defined]
    assert claimed(runner) == [far.pk]


def test_what_is_bound_to_no_node_is_driven_anywhere(
    far: WhatsAppSession, runner: runners.Heartbeat
) -> None:
    _node("b")
    change(far, transport="simulated")
    assert claimed(runner) == [far.pk]


def test_others_wait_for_a_late_node_and_open_what_a_gone_one_had(
    far: WhatsAppSession, runner: runners.Heartbeat
) -> None:
    _node("a", steady=2 * nodes.gone_after())
    _node("b", silence=nodes.gone_after() - 5)
    assert claimed(runner) == []
    Node.objects.filter(name="b").update(seen_at=Now() - timedelta(seconds=nodes.gone_after() + 1))
    assert claimed(runner) == [far.pk]


def test_after_an_outage_of_the_database_nobody_is_taken_for_gone_too_early(
    far: WhatsAppSession, runner: runners.Heartbeat
) -> None:
    """All nodes were silent then, one's own too."""
    _node("a", steady=nodes.gone_after() - 5)
    _node("b", silence=2 * nodes.gone_after())
    assert claimed(runner) == []


def test_what_a_dead_driver_had_in_hand_is_settled_on_any_node(
    far: WhatsAppSession, runner: runners.Heartbeat
) -> None:
    _node("b")
    Delivery.objects.update(status=Status.SENDING, sending_at=timezone.now())
    (taken,) = claim_due(runner, WORK, limit=1)
    assert not taken.opens


@pytest.mark.django_db(transaction=True)
def test_two_at_once_get_different_sessions() -> None:
    business = factories.make_business()
    made = {factories.make_session(business).pk for _number in range(2)}

    def one() -> list[int]:
        with runners.running() as runner:
            got = claimed(runner)
            all_have.wait()
            return got

    all_have = threading.Barrier(2, timeout=GENEROUS)
    both = [Beside(one) for _number in range(2)]
    assert {session for each in both for session in each.result()} == made


@pytest.mark.django_db(transaction=True)
def test_a_lease_that_somebody_locks_is_passed_over() -> None:
    business = factories.make_business()
    made = [factories.make_session(business).pk for _number in range(2)]
    with owner_connection() as other, runners.running() as runner:
        other.execute("SELECT 1 FROM wa_sessions_lease WHERE session_id = %s FOR SHARE", made[:1])
        assert claimed(runner, 5) == made[1:]


# Attempts to link


def attempt(session: WhatsAppSession, seconds: float = 0) -> int:
    """An attempt that was asked for so many seconds ago."""
    change(session, state=State.PAIRING, linked_at=None)
    asked = timezone.now() - timedelta(seconds=seconds)
    return Pairing.objects.create(link=session.link, requested_at=asked).pk


def test_whoever_waits_longest_is_next_and_a_slot_is_left_to_other_businesses(
    runner: runners.Heartbeat,
) -> None:
    many, one = factories.make_business(), factories.make_business()
    first = attempt(factories.make_session(many), 30)
    attempt(factories.make_session(many), 20)
    other = attempt(factories.make_session(one), 10)
    assert count_waiting() == 3
    taken = [claim_pairing(runner) for _slot in range(3)]
    assert [each and each.pairing_id for each in taken] == [first, other, None]
    assert count_waiting() == 0


def test_an_attempt_in_hand_or_closed_is_nobody_elses(
    session: WhatsAppSession, runner: runners.Heartbeat
) -> None:
    mine = attempt(session)
    leased(session.pk)
    assert claim_pairing(runner) is None
    Lease.objects.update(expires_at=None)
    Pairing.objects.update(status=Pairing.Status.EXPIRED)
    assert claim_pairing(runner, only=mine) is None


def test_an_account_is_linked_again_where_its_profile_is(
    far: WhatsAppSession, runner: runners.Heartbeat
) -> None:
    _node("b")
    attempt(far)
    assert claim_pairing(runner) is None
    assert count_waiting() == 0
