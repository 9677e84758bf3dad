"""What a host does when the database goes away, an answer of it is lost, or nothing may be sent for long."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import InternalError, OperationalError
from django.utils import timezone
from pytest_django import Settings

from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, SessionLimits
from campaigns.models.ledger_states import Status
from sessions.driving import hanging, leases, link_updates
from sessions.driving import host as hosts
from sessions.driving.host import Host
from sessions.interfaces import (
    Batch,
    Idle,
    InDoubt,
    LeaseLost,
    LeaseToken,
    NotSent,
    Outcome,
    Outgoing,
    Sent,
)
from sessions.models import Lease, Link, WhatsAppSession
from sessions.transports.inprocess import InProcessTransport, backend
from tests import factories
from tests.concurrency.waiting import Beside
from tests.eventually import eventually
from tests.leasing import hold, leased
from tests.sessions.driving.test_host_looks import driven, host, quick, send_one

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["driven", "host", "quick"]


def away(*_args: Any, **_kwargs: Any) -> None:
    raise OperationalError("server closed the connection unexpectedly")


def fails(*_args: Any, **_kwargs: Any) -> None:
    raise InternalError("cannot execute UPDATE in a read-only transaction")


def expire() -> None:
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    Link.objects.update(retry_at=None)


def drive_once(host: Host) -> None:
    host._look()
    while due := host._due():
        for hosted in due:
            host._step(hosted)


def resting(number: int) -> None:
    """Hosted sessions with a message that the interval holds back for an hour."""
    for n in range(number):
        if n % 10 == 0:
            business = factories.make_business()
        session = factories.make_session(
            business, transport="inprocess", pacing="real", last_sent_at=timezone.now()
        )
        SessionLimits.objects.create(session=session, interval_seconds=3600)
        send_one(session)


def test_a_claim_whose_answer_was_lost_is_settled_under_a_new_fence(
    driven: Callable[[], Any], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TIME_SCALE = 0.05  # of the while after which a link is tried again
    session = factories.make_session(factories.make_business(), transport="inprocess")
    delivery = send_one(session)
    real, lost = LedgerOutbox.next, threading.Event()

    def loses_one(outbox: LedgerOutbox, token: LeaseToken) -> Outgoing | Idle:
        found = real(outbox, token)
        if isinstance(found, Outgoing) and not lost.is_set():
            lost.set()
            away()
        return found

    monkeypatch.setattr(LedgerOutbox, "next", loses_one)
    driven()
    eventually(lambda: Delivery.objects.get(pk=delivery.pk).sent_at)
    row = Delivery.objects.get(pk=delivery.pk)
    assert row.attempts == 2
    assert row.fence == Lease.objects.get().fence


def test_a_runner_that_could_not_renew_closes_its_links_without_the_database(
    driven: Callable[[], Any], host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.make_session(factories.make_business(), transport="inprocess")
    driven()
    eventually(lambda: WhatsAppSession.objects.get().state == "online")
    (one,) = host._links.values()
    eventually(lambda: not one.busy)
    drive = one.drive
    assert drive is not None
    for where, name in ((hosts, "claim_for_host"), (leases, "renew"), (leases, "release")):
        monkeypatch.setattr(where, name, away)
    now = host.runner.now
    monkeypatch.setattr(host.runner, "now", lambda: now() + 2 * leases.TTL)
    eventually(lambda: not host._links)
    assert not drive.transport._open  # type: ignore[attr-defined]


def test_a_look_that_fails_by_any_error_of_the_database_is_followed_by_another(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.make_session(factories.make_business(), transport="inprocess")
    with monkeypatch.context() as patched:
        patched.setattr(hosts, "claim_for_host", fails)
        host._look()
    assert not host._links
    host._look()
    assert len(host._links) == 1


def test_a_link_is_listened_to_however_far_its_next_message_is(host: Host) -> None:
    resting(1)
    for _round in range(3):
        drive_once(host)
    (one,) = host._links.values()
    assert one.drive is not None
    assert one.drive.idle_until is not None
    assert one.drive.idle_until > timezone.now() + timedelta(minutes=50)
    again = host._stepped(one)
    assert again is not None
    assert again <= hosts.HEAR_EVERY


def test_looks_of_a_resting_host_wake_no_link(host: Host) -> None:
    resting(50)
    for _round in range(3):
        drive_once(host)
    assert len(host._links) == 50
    assert not WhatsAppSession.objects.filter(idle_until=None).exists()
    for _look in range(100):
        host._look()
        assert host._due() == []


def test_who_is_woken_is_driven_and_put_to_sleep_again(host: Host) -> None:
    resting(1)
    for _round in range(3):
        drive_once(host)
    session = WhatsAppSession.objects.get()
    link_updates.wake(session.pk)
    (one,) = host._links.values()
    # Woken after its step asked, and before that says so: it stays awake.
    one.asleep_until = None
    one.put_to_sleep(timezone.now() + timedelta(hours=1), timezone.now())
    session.refresh_from_db()
    assert session.idle_until is None
    host._look()
    assert host._due() == [one]
    host._step(one)
    session.refresh_from_db()
    assert session.idle_until is not None


def test_a_new_holder_starts_only_after_the_old_one_was_closed(host: Host) -> None:
    factories.make_session(factories.make_business(), transport="inprocess")
    host._look()
    (old,) = host._due()  # its step hangs
    expire()
    host._look()
    assert Lease.objects.get().fence == old.held.token.fence + 1
    assert list(host._links.values()) == [old]
    assert host._due() == []
    host._close(old)
    expire()
    host._look()
    (new,) = host._links.values()
    assert host._due() == [new]
    assert new.held.token.fence == Lease.objects.get().fence


class Hanging(InProcessTransport):
    """Polls until it is let go."""

    released = threading.Event()

    def poll(self, timeout: float) -> Batch:
        self.released.wait()
        return super().poll(timeout)


def test_links_that_hang_are_let_go_and_too_many_of_them_end_the_host(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hanging, "HANGS_AFTER", 0.5)
    monkeypatch.setattr(hosts, "CLOSE_WITHIN", 0.1)
    monkeypatch.setattr(backend, "make", lambda _link, **_wiring: Hanging())
    monkeypatch.setattr(Hanging, "released", threading.Event())
    host.threads = 3
    business, stop = factories.make_business(), threading.Event()
    for _number in range(2):
        factories.make_session(business, transport="inprocess")
    driving = Beside(lambda: host.run(stop))
    try:
        eventually(lambda: len(host._links) == 2)
        hung = list(host._links.values())
        eventually(lambda: all(one.held.is_set() for one in hung))
        assert not host.runner._held, "others may drive them"
        factories.make_session(business, transport="inprocess")
        host.look_soon()
        assert driving.result() is False
    finally:
        stop.set()
        Hanging.released.set()
    eventually(lambda: not host._links)


def test_a_lone_link_that_hung_is_opened_anew_by_the_same_host(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = [InProcessTransport(), Hanging(), Hanging()]
    monkeypatch.setattr(hanging, "HANGS_AFTER", 0.2)
    monkeypatch.setattr(hosts, "CLOSE_WITHIN", 0.1)
    monkeypatch.setattr(hosts, "LOOK_EVERY", 0.2)
    monkeypatch.setattr(backend, "make", lambda _link, **_wiring: opened.pop())
    monkeypatch.setattr(Hanging, "released", threading.Event())
    delivery = send_one(factories.make_session(factories.make_business(), transport="inprocess"))
    stop = threading.Event()
    driving = Beside(lambda: host.run(stop))
    try:
        eventually(lambda: len(host._hanging) == 1)
        expire()
        eventually(lambda: len(host._hanging) == 2)
        # A third opening would take a third thread, and so on until the host ends for all others.
        expire()
        host._look()
        assert len(opened) == 1
        Hanging.released.set()
        eventually(lambda: not host._hanging)
        expire()
        eventually(lambda: Delivery.objects.get(pk=delivery.pk).sent_at)
    finally:
        Hanging.released.set()
        stop.set()
    assert driving.result() is True


@pytest.mark.parametrize(
    "outcome",
    [
        Sent("3EB0AA", timezone.now()),
        InDoubt("link_lost"),
        NotSent("refused", permanent=True),
        NotSent("timeout", permanent=False),
    ],
)
def test_a_settlement_whose_answer_was_lost_is_repeated(outcome: Outcome) -> None:
    campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    factories.make_delivery(campaign)
    token, outbox = hold(campaign.session_id), LedgerOutbox()
    claimed = outbox.next(token)
    assert isinstance(claimed, Outgoing)
    outbox.before_wire(token, claimed.key)
    outbox.settle(token, claimed.key, outcome)
    before = Delivery.objects.values().get()
    outbox.settle(token, claimed.key, outcome)
    assert Delivery.objects.values().get() == before
    with pytest.raises(LeaseLost):
        outbox.settle(
            LeaseToken(token.session_id, token.fence + 1, token.link_id), claimed.key, outcome
        )
    if not isinstance(outcome, InDoubt):
        # Another outcome is none of a repetition.
        with pytest.raises(LeaseLost):
            outbox.settle(token, claimed.key, Sent("3EB0BB", timezone.now()))
    assert Delivery.objects.values().get() == before


def test_what_a_newer_holder_made_of_a_row_is_no_settlement_of_the_old_one() -> None:
    campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    factories.make_delivery(campaign)
    old, outbox = leased(campaign.session_id), LedgerOutbox()
    assert old is not None
    claimed = outbox.next(old)
    assert isinstance(claimed, Outgoing)
    expire()
    new = hold(campaign.session_id)
    LedgerOutbox().recover(new)
    assert Delivery.objects.get().status == Status.QUEUED
    with pytest.raises(LeaseLost):
        outbox.settle(old, claimed.key, NotSent("timeout", permanent=False))
