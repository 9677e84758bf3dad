"""What a host asks the database every few seconds, and what it does about the answer."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from campaigns.ledger.due import WORK
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.limits.fresh_limits import FreshLimits
from campaigns.models import Campaign, Delivery, SessionLimits
from sessions.driving import host as hosts
from sessions.driving import hosted, runners
from sessions.driving.host import Host
from sessions.driving.hosted import Hosted
from sessions.driving.retrying_outbox import RetryingOutbox
from sessions.driving.shares import Spaced
from sessions.models import Lease, WhatsAppSession
from tests import factories
from tests.concurrency.waiting import Beside
from tests.eventually import eventually

pytestmark = pytest.mark.django_db(transaction=True)

LINKS = 50
POOLS = ("step", "look", "close", "send")  # what the threads of a host are called by


@pytest.fixture
def host(settings: Settings) -> Iterator[Host]:
    """A host of this process, as run_host makes it; its last thread has ended before the next test."""
    settings.SIMULATOR_URL = "http://127.0.0.1:9"
    limits = FreshLimits(oldest=600.0)
    with runners.running() as runner:
        made = Host(
            runner,
            WORK,
            outbox=lambda then: RetryingOutbox(LedgerOutbox(limits), after=then),
            limits=limits.seen,
            forget=limits.forget,
            connecting=Spaced(float("inf")),
        )
        yield made
        # As the end of its run would, where a test only stepped it.
        made._sending.shutdown(wait=False)
        # Of a link that hung too, which nobody else waits for.
        eventually(lambda: not [one for one in threading.enumerate() if one.name.startswith(POOLS)])


@transaction.atomic
def send_one(session: WhatsAppSession) -> Delivery:
    """A campaign of one message, queued; both at once, or the host would take the campaign for done."""
    campaign = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)
    return factories.make_delivery(campaign)


def looks(host: Host) -> list[str]:
    """The statements of one look."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        host._look()
    return [query["sql"] for query in asked.captured_queries]


def test_a_link_that_hears_something_while_it_waits_keeps_its_turn(host: Host) -> None:
    """Else, where links are more than a host can step, those that people answer would wait for ever."""
    business = factories.make_business()
    for _ in range(2):
        factories.make_session(business, transport="inprocess")
    host._look()
    first, second = host._in_hand()
    for waiting, long_past in ((first, 0.0), (second, 1.0)):
        waiting.drive = Mock()
        host._turns.comes_due(waiting, long_past)
    host.threads = 1
    host._hear(first)
    assert host._due() == [first]


def test_a_look_is_one_statement_however_many_links_the_host_has(host: Host) -> None:
    for number in range(LINKS):
        if number % 10 == 0:
            business = factories.make_business()
        session = factories.make_session(business, transport="inprocess")
    assert len(looks(host)) == 1
    assert Lease.objects.filter(runner=host.runner.id).count() == LINKS
    send_one(session)
    SessionLimits.objects.create(session=session, daily=7)
    assert len(looks(host)) == 1


def woken(hosted: Hosted) -> bool:
    return hosted.woken


def test_a_quota_that_whatsapp_told_is_seen_by_the_next_look_and_so_is_its_end(host: Host) -> None:
    factories.make_session(factories.make_business(), transport="inprocess", pacing="real")
    host._look()
    (one,) = host._due()
    host._look()
    assert not woken(one)
    for until in (timedelta(hours=1), timedelta(hours=-1)):
        WhatsAppSession.objects.update(new_chats_left=0, new_chats_until=timezone.now() + until)
        host._look()
        assert woken(one)
        one.woken = False


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Looks follow one another at once, and nothing but they wakes a link."""
    monkeypatch.setattr(hosts, "LOOK_EVERY", 0.1)
    for module in (hosts, hosted):
        monkeypatch.setattr(module, "HEAR_EVERY", 3600.0)


@pytest.fixture
def driven(host: Host, quick: None) -> Iterator[Callable[[], Any]]:
    """Call it to let the host drive beside the test."""
    stop = threading.Event()
    driving: list[Beside] = []
    yield lambda: driving.append(Beside(lambda: host.run(stop)))
    stop.set()
    for one in driving:
        one.result()


def test_what_becomes_due_on_a_link_in_hand_is_found_by_a_look(
    driven: Callable[[], Any], host: Host
) -> None:
    session = factories.make_session(factories.make_business(), transport="inprocess")
    driven()
    eventually(lambda: WhatsAppSession.objects.get().state == "online")
    delivery = send_one(session)
    eventually(lambda: Delivery.objects.get(pk=delivery.pk).sent_at)


def test_a_link_that_waits_for_a_limit_goes_on_once_it_is_loosened(
    driven: Callable[[], Any], host: Host
) -> None:
    session = factories.make_session(
        factories.make_business(), transport="inprocess", pacing="real",
        last_sent_at=timezone.now(), idle_until=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    limits = SessionLimits.objects.create(session=session, interval_seconds=3600)
    delivery = send_one(session)
    driven()
    eventually(lambda: WhatsAppSession.objects.get().state == "online")
    eventually(lambda: all(not one.busy and one.due_at for one in host._links.values()))
    assert Delivery.objects.get().sent_at is None
    # As support may: at any hour, and at once.
    SessionLimits.objects.filter(pk=limits.pk).update(
        interval_seconds=1, opens="00:00", closes="23:59:59.999999", sundays=True,
        raised_reason="Combinado", raised_at=timezone.now(),
    )  # fmt: skip
    eventually(lambda: Delivery.objects.get(pk=delivery.pk).sent_at)


def test_a_lease_that_ran_out_is_taken_again_and_what_drove_under_it_is_closed(
    driven: Callable[[], Any], host: Host, settings: Settings
) -> None:
    settings.TIME_SCALE = 0.02  # of the while after which a link is tried again
    session = factories.make_session(factories.make_business(), transport="inprocess")
    driven()
    eventually(lambda: WhatsAppSession.objects.get().state == "online")
    (first,) = host._links.values()
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    eventually(lambda: host._links and first not in host._links.values())
    delivery = send_one(session)
    eventually(lambda: Delivery.objects.get(pk=delivery.pk).sent_at)
    (now,) = host._links.values()
    lease = Lease.objects.get()
    assert lease.fence == now.held.token.fence > first.held.token.fence
    assert lease.runner_id == host.runner.id
    eventually(lambda: first.drive is not None and not first.drive.transport._open)
