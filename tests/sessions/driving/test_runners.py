"""Runners: one heartbeat for all leases of a process, and what becomes of the last holder's browser."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psutil
import pytest
from django.db import DataError, InterfaceError, InternalError
from django.utils import timezone
from pytest_django import Settings

from sessions import registry
from sessions.driving import leases, runners
from sessions.interfaces import LeaseToken
from sessions.models import Lease, Link, Runner, WhatsAppSession
from sessions.transports.browser import backend as browser_backend
from tests import factories
from tests.concurrency.waiting import owner_connection
from tests.eventually import eventually
from tests.leasing import leased, take_link

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    return factories.make_session(factories.make_business())


@pytest.fixture
def quick(settings: Settings) -> None:
    """Leases live for a second and a half."""
    settings.TIME_SCALE = 0.05


def lease_of(session: WhatsAppSession) -> Lease:
    return Lease.objects.get(session=session)


def expire() -> None:
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


@pytest.mark.usefixtures("quick")
def test_all_leases_are_renewed_by_one_thread_and_given_back_at_the_end(
    session: WhatsAppSession,
) -> None:
    other = factories.make_session(session.business)
    with runners.running() as runner:
        held = [runner.take(one.link.pk) for one in (session, other)]
        assert all(held)
        assert [thread.name for thread in threading.enumerate()].count("heartbeat") == 1
        first = lease_of(session).expires_at
        assert first is not None
        eventually(lambda: timezone.now() > first)
        assert not any(one.is_set() for one in held if one)
        assert leased(session.pk) is None
        assert lease_of(session).runner is not None
    assert {lease.expires_at for lease in Lease.objects.all()} == {None}
    assert not Runner.objects.exists()


def test_one_lease_may_be_given_back_while_the_others_stay(session: WhatsAppSession) -> None:
    other = factories.make_session(session.business)
    with runners.running() as runner:
        held, kept = runner.take(session.link.pk), runner.take(other.link.pk)
        assert held is not None
        assert kept is not None
        runner.give_back(held)
        assert held.is_set()
        assert leased(session.pk) is not None
        runner.renew()
        assert not kept.is_set()


@pytest.mark.usefixtures("quick")
def test_a_runner_notices_which_lease_was_taken(session: WhatsAppSession) -> None:
    other = factories.make_session(session.business)
    with runners.running() as runner:
        held, kept = runner.take(session.link.pk), runner.take(other.link.pk)
        assert held is not None
        assert kept is not None
        Lease.objects.filter(session=session).update(fence=held.token.fence + 1)
        eventually(held.is_set)
        assert not kept.is_set()


def test_a_lease_that_was_taken_is_not_given_back(session: WhatsAppSession) -> None:
    with runners.running() as runner:
        assert runner.take(session.link.pk) is not None
        expire()
        assert leased(session.pk) is not None
    assert lease_of(session).expires_at is not None


def test_a_runner_that_could_not_renew_for_the_ttl_has_lost_its_leases(
    session: WhatsAppSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted by its own clock, whatever stands in a database that it can't reach."""
    start = 1000.0
    monkeypatch.setattr(runners.time, "monotonic", lambda: start)
    runner = runners.Heartbeat()
    Runner.objects.create(pk=runner.id, node="a", host="here", pid=1, born=0)
    held = runner.take(session.link.pk)
    assert held is not None
    start += leases.TTL - 1
    assert not held.is_set()
    runner.renew()
    start += leases.TTL - 1
    assert not held.is_set()
    start += 2
    assert held.is_set()


def test_a_lease_whose_row_is_locked_costs_no_other_lease_its_time(
    session: WhatsAppSession,
) -> None:
    """It is not lost either: it lives until its own time is up, and the next beat asks for it again."""
    other = factories.make_session(session.business)
    with runners.running() as runner:
        locked, free = runner.take(session.link.pk), runner.take(other.link.pk)
        assert locked is not None
        assert free is not None
        until = dict(runner._held)
        with owner_connection() as beside:
            lock = "SELECT FROM wa_sessions_lease WHERE link_id = %s FOR UPDATE"
            beside.execute(lock, [session.link.pk])
            runner.renew()
            assert runner._held[free.token] > until[free.token]
            assert runner._held[locked.token] == until[locked.token]
            assert not locked.is_set()
        runner.renew()
        assert runner._held[locked.token] > until[locked.token]


def test_any_error_of_the_database_is_outlived_by_the_heartbeat(
    session: WhatsAppSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that was just replaced says InternalError, and others may say what nobody thought of."""
    real, answers = leases.renew, iter([InternalError("read-only"), DataError(), InterfaceError()])

    def renew(*asked: Any) -> dict[LeaseToken, bool]:
        for error in answers:
            raise error
        return real(*asked)

    monkeypatch.setattr(runners, "RENEW_EVERY", 0.01)
    with runners.running() as runner:
        held = runner.take(session.link.pk)
        assert held is not None
        monkeypatch.setattr(leases, "renew", renew)
        before = lease_of(session).expires_at
        assert before is not None
        eventually(lambda: (lease_of(session).expires_at or before) != before)


def test_a_process_whose_heartbeat_fails_by_another_fault_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(runners, "RENEW_EVERY", 0.0)
    runner = runners.Heartbeat()
    monkeypatch.setattr(runner, "renew", lambda: next(iter(())))
    runner.run()
    assert ended == [1]


# What the last holder left running


@pytest.fixture
def browser(tmp_path: object, settings: Settings, session: WhatsAppSession) -> Iterator["Open"]:
    """A process on the session's profile, and beside it a worker that drives other accounts."""
    settings.VAR = tmp_path
    Link.objects.filter(session=session).update(transport="browser")
    session.refresh_from_db()
    profile = session.link.home_folder
    profile.mkdir(parents=True)
    worker = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    driven = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(60)", f"--user-data-dir={profile}"]
    )
    yield worker, driven
    for process in (worker, driven):
        process.kill()
        process.wait()


Open = tuple["subprocess.Popen[bytes]", "subprocess.Popen[bytes]"]


@pytest.mark.nodes
def test_taking_over_ends_the_browser_on_the_profile_and_no_worker(
    session: WhatsAppSession, browser: Open
) -> None:
    worker, driven = browser
    with runners.running() as first:
        assert first.take(session.link.pk) is not None
        worker.send_signal(signal.SIGSTOP)
        expire()
        with runners.running() as second:
            held = second.take(session.link.pk)
            assert held is not None
            assert held.token.fence == 2
            assert driven.wait(5) == -signal.SIGKILL
            assert worker.poll() is None
            assert psutil.Process().is_running()


@pytest.mark.nodes
def test_what_was_given_back_well_is_not_looked_for(
    session: WhatsAppSession, browser: Open
) -> None:
    _worker, driven = browser
    for _visit in range(2):
        with runners.running() as runner:
            assert runner.take(session.link.pk) is not None
    assert driven.poll() is None


@pytest.mark.nodes
def test_a_browser_that_does_not_die_keeps_the_lease_from_us(
    session: WhatsAppSession, browser: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process stuck in the kernel might still come back to its Enter."""
    monkeypatch.setattr(browser_backend, "kill_on", lambda *_args: [])
    leased(session.pk)
    expire()
    with runners.running() as runner:
        assert runner.take(session.link.pk) is None
    taken = take_link(session.link.pk)
    assert taken is not None
    assert taken.left_open


@pytest.mark.nodes
def test_eviction_holds_no_transaction_open(
    session: WhatsAppSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bool] = []

    def looks(_backend: registry.Backend, _link: Link) -> bool:
        seen.append(bool(lease_of(session).runner))
        return not runners.connection.in_atomic_block

    monkeypatch.setattr(registry.Backend, "evict", looks)
    leased(session.pk)
    expire()
    with runners.running() as runner:
        assert runner.take(session.link.pk) is not None
    assert seen == [True]
