"""Leases: one holder at a time, an ever-growing fence, and what becomes of the last holder."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import psutil
import pytest
from django.utils import timezone
from pytest_django import Settings

from sessions import leases
from sessions.models import Lease, WhatsAppSession
from tests import factories
from tests.concurrency.waiting import Beside, owner_connection
from tests.eventually import GENEROUS, eventually

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    return factories.make_session(factories.make_business())


def expire() -> None:
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


def lease_of(session: WhatsAppSession) -> Lease:
    return Lease.objects.get(session=session)


def test_every_holder_gets_a_greater_fence(session: WhatsAppSession) -> None:
    fences = []
    for _number in range(3):
        grip = leases.acquire(session.pk)
        assert grip is not None
        fences.append(grip.fence)
        leases.release(grip)
    assert fences == [1, 2, 3]


def test_a_held_lease_is_nobody_elses(session: WhatsAppSession) -> None:
    assert leases.acquire(session.pk) is not None
    assert leases.acquire(session.pk) is None


def test_an_expired_lease_is_taken(session: WhatsAppSession) -> None:
    assert leases.acquire(session.pk) is not None
    expire()
    second = leases.acquire(session.pk)
    assert second is not None
    assert second.fence == 2


def test_it_lives_by_the_databases_clock(session: WhatsAppSession) -> None:
    """A holder whose own clock is wrong by hours has the same thirty seconds."""
    leases.acquire(session.pk)
    left = lease_of(session).expires_at
    assert left is not None
    assert 25 < (left - timezone.now()).total_seconds() <= 30


def test_renewing_prolongs_only_ones_own(session: WhatsAppSession) -> None:
    first = leases.acquire(session.pk)
    assert first is not None
    expire()
    assert leases.renew(first)
    expire()
    second = leases.acquire(session.pk)
    assert second is not None
    assert not leases.renew(first)
    assert leases.renew(second)


def test_an_old_holder_does_not_release_the_new_ones(session: WhatsAppSession) -> None:
    first = leases.acquire(session.pk)
    assert first is not None
    expire()
    leases.acquire(session.pk)
    assert not leases.release(first)
    assert leases.acquire(session.pk) is None


def test_the_holder_stands_in_the_lease_from_its_first_moment(session: WhatsAppSession) -> None:
    """A holder stopped right after taking it can still be found and ended."""
    leases.acquire(session.pk, holder="a:1")
    lease = lease_of(session)
    assert (lease.holder, lease.node) == ("a:1", "a")
    assert [pid for pid, _born in lease.pids] == [os.getpid()]


@pytest.mark.nodes
def test_a_process_that_is_gone_is_not_noted(session: WhatsAppSession) -> None:
    grip = leases.acquire(session.pk)
    assert grip is not None
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    leases.note_pids(grip, [os.getpid(), gone.pid])
    assert [pid for pid, _born in lease_of(session).pids] == [os.getpid()]


# Ending the last holder


@pytest.fixture
def sleeper() -> Iterator["subprocess.Popen[str]"]:
    """A process with a child, as a worker with its browser."""
    script = (
        "import subprocess, sys, time;"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(child.pid, flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    yield process
    # The child too: it holds the pipe that communicate() reads to its end.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.communicate()


def left_by(process: "subprocess.Popen[str]", session: WhatsAppSession, **fields: object) -> None:
    """The lease as that process left it."""
    born = psutil.Process(process.pid).create_time()
    values = {"fence": 7, "node": "a", "pids": [[process.pid, born]]} | fields
    Lease.objects.filter(session=session).update(
        **values, expires_at=timezone.now() - timedelta(seconds=1)
    )


def dead(pid: int) -> bool:
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.nodes
def test_a_stopped_holder_and_its_browser_are_dead_before_the_lease_is_ours(
    session: WhatsAppSession, sleeper: "subprocess.Popen[str]"
) -> None:
    assert sleeper.stdout is not None
    child = int(sleeper.stdout.readline())
    left_by(sleeper, session)
    sleeper.send_signal(signal.SIGSTOP)
    grip = leases.acquire(session.pk)
    assert dead(sleeper.pid)
    assert dead(child)
    assert grip is not None
    assert grip.fence == 8


@pytest.mark.nodes
def test_a_pid_that_now_belongs_to_another_process_is_spared(
    session: WhatsAppSession, sleeper: "subprocess.Popen[str]"
) -> None:
    left_by(sleeper, session, pids=[[sleeper.pid, time.time() - 86_400]])
    assert leases.acquire(session.pk) is not None
    assert sleeper.poll() is None


@pytest.mark.nodes
def test_a_holder_on_another_node_is_not_ours_to_kill(
    session: WhatsAppSession, sleeper: "subprocess.Popen[str]"
) -> None:
    left_by(sleeper, session, node="b")
    assert leases.acquire(session.pk) is not None
    assert sleeper.poll() is None


def test_we_do_not_end_ourselves(session: WhatsAppSession) -> None:
    leases.acquire(session.pk)
    expire()
    assert leases.acquire(session.pk) is not None


@pytest.mark.nodes
def test_who_does_not_die_keeps_the_lease_from_us(
    session: WhatsAppSession, sleeper: "subprocess.Popen[str]", monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process stuck in the kernel might still come back to its Enter."""
    monkeypatch.setattr(leases, "DYING", 0.1)
    monkeypatch.setattr(psutil.Process, "kill", lambda _self: None)
    left_by(sleeper, session)
    assert leases.acquire(session.pk) is None
    assert lease_of(session).fence == 7


# Keeping


@pytest.mark.django_db(transaction=True)
class TestKept:
    @pytest.fixture(autouse=True)
    def quick(self, settings: Settings) -> None:
        settings.TIME_SCALE = 0.05

    def test_it_is_renewed_while_it_is_kept_and_released_at_the_end(
        self, session: WhatsAppSession
    ) -> None:
        grip = leases.acquire(session.pk)
        assert grip is not None
        with leases.kept(grip) as keeper:
            first = lease_of(session).expires_at
            assert first is not None
            eventually(lambda: timezone.now() > first)
            assert not keeper.lost.is_set()
            assert leases.acquire(session.pk) is None
        assert lease_of(session).expires_at is None

    def test_the_keeper_notices_when_it_is_taken(self, session: WhatsAppSession) -> None:
        grip = leases.acquire(session.pk)
        assert grip is not None
        with leases.kept(grip) as keeper:
            Lease.objects.update(fence=grip.fence + 1)
            assert keeper.lost.wait(GENEROUS)
        assert lease_of(session).expires_at is not None

    def test_two_at_once_get_it_once(self, session: WhatsAppSession) -> None:
        with owner_connection() as other:
            other.execute("LOCK TABLE wa_sessions_lease")
            both = [Beside(lambda: leases.acquire(session.pk)) for _number in range(2)]
            for one in both:
                one.waits()
            other.rollback()
            grips = [one.result() for one in both]
        assert sorted(grip is not None for grip in grips) == [False, True]
        assert lease_of(session).fence == 1

    def test_a_claim_in_flight_keeps_a_new_holder_waiting_for_the_next_round(
        self, session: WhatsAppSession
    ) -> None:
        """The claim holds the lease row: whoever takes over sees it finished, or doesn't take over."""
        leases.acquire(session.pk)
        expire()
        with owner_connection() as other:
            other.execute("SELECT 1 FROM wa_sessions_lease FOR SHARE")
            assert leases.acquire(session.pk) is None
            other.rollback()
        assert leases.acquire(session.pk) is not None
