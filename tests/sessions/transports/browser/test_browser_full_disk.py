"""Whole visits with a real Chromium on a real disk that fills: no link is lost, nothing is repeated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from campaigns.ledger.due import WORK
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Delivery
from sessions.driving import visit as visits
from sessions.events import Link
from sessions.interfaces import InDoubt, NotSent
from sessions.models import State, WhatsAppSession
from sessions.transports.browser import reasons
from tests.full_disk import SmallDisk, small_disk
from tests.sessions.linked_account import (
    SCALE,
    linked_browser,
    linked_session,
    new_account,
    new_person,
    nothing,
    outgoing,
    reopened,
)
from tests.sessions.linked_session import running_campaign
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LEAST_FREE = 40 * 1024**2


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "disk", 160) as disk:
        yield disk


@pytest.fixture
def session(simulator: SimulatorProcess, disk: SmallDisk, settings: Settings) -> WhatsAppSession:
    settings.VAR = disk.path
    settings.LEAST_FREE = LEAST_FREE
    settings.TIME_SCALE = SCALE
    settings.SIMULATOR_URL = settings.WHATSAPP_WEB_URL = simulator.url
    return linked_session(simulator, new_account())


class Watched(LedgerOutbox):
    """A ledger that does something when it has given out `after` messages."""

    def __init__(self, after: int, then: Callable[[], None]) -> None:
        super().__init__()
        self.left, self.then = after, then

    def next(self, token: Any) -> Any:
        if self.left == 0:
            self.then()
        self.left -= 1
        return super().next(token)


def _visited(session: WhatsAppSession, outbox: LedgerOutbox | None = None) -> str:
    done = visits.visit(
        only=session.pk, work=WORK, outbox=outbox or LedgerOutbox(), stop=threading.Event()
    )
    session.refresh_from_db()
    return done.outcome


def test_a_disk_that_fills_in_mid_campaign_or_later_stops_the_visit_and_loses_no_link(
    session: WhatsAppSession, disk: SmallDisk, simulator: SimulatorProcess
) -> None:
    campaign = running_campaign(session, 8)
    assert _visited(session, Watched(3, disk.fill)) == "link lost"
    assert (session.state, session.state_reason) == (State.OFFLINE, reasons.DISK_FULL)
    assert session.state_until is None
    assert 3 <= campaign.deliveries.filter(status="queued").count() <= 5
    # As often as it is enqueued, no browser is opened, and nothing new is said.
    said = session.events.count()
    fence = session.link.home_fence
    for _again in range(2):
        assert _visited(session) == "link lost"
    assert (session.state, session.state_reason) == (State.OFFLINE, reasons.DISK_FULL)
    assert (session.events.count(), session.link.home_fence) == (said, fence)
    disk.empty()
    Delivery.objects.filter(status="queued").update(not_before=timezone.now())
    for _visit in range(2):
        assert (_visited(session), session.state_reason) == ("done", "")
        assert session.state == State.RESTING
    assert not campaign.deliveries.filter(status__in=("queued", "uncertain", "failed")).exists()
    for row in campaign.deliveries.all():
        assert [seen["id"] for seen in simulator.messages(to=row.phone)] == [row.message_id]
    running_campaign(session, 1)
    # Full once the only message was sent, while the visit stays for its ticks.
    assert _visited(session, Watched(1, disk.fill)) == "link lost"
    assert session.state_reason == reasons.DISK_FULL
    disk.empty()
    assert _visited(session) == "done"
    assert session.state == State.RESTING


def test_a_link_outlasts_a_browser_that_could_not_write(
    simulator: SimulatorProcess, disk: SmallDisk
) -> None:
    """No check was in time: the browser's own databases end in the middle of a record."""
    with linked_browser(disk.path, simulator, new_account(), apart=True) as transport:
        transport.send(outgoing(new_person()), nothing)
        disk.fill()
        with pytest.raises((NotSent, InDoubt)):
            transport.send(outgoing(new_person()), nothing)
    disk.empty()
    # The first opening would overlook the torn record, and the second one throw everything away.
    for _opening in range(3):
        with reopened(disk.path, simulator, apart=True) as (transport, opened):
            assert opened.link is Link.ONLINE
            transport.send(outgoing(new_person()), nothing)
