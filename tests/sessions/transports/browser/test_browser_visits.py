"""Whole visits with a real Chromium: what faults do to the session's state and to the ledger."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings as house
from pytest_django import Settings

from blu.db import encrypted_fields
from campaigns.ledger.due import WORK
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.limits import pacing
from campaigns.models import Campaign, Delivery
from sessions.driving import homes, link_updates
from sessions.driving import visit as visits
from sessions.evidence.captured import unpack
from sessions.models import SessionEvent, State, WhatsAppSession
from sessions.transports.browser import diagnostics, reasons
from tests.factories import make_business, make_session
from tests.sessions.linked_account import (
    SCALE,
    linked_browser,
    linked_session,
    new_account,
)
from tests.sessions.linked_session import running_campaign
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

JPEG = b"\xff\xd8\xff"


@pytest.fixture(scope="module")
def home(simulator: SimulatorProcess, ours: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that is linked to the account of this file's tests."""
    folder = tmp_path_factory.mktemp("linked")
    with linked_browser(folder, simulator, ours, apart=True):
        pass
    return folder / "home"


@pytest.fixture
def account(ours: str) -> str:
    return ours


@pytest.fixture
def session(
    simulator: SimulatorProcess, home: Path, ours: str, tmp_path: Path, settings: Settings
) -> Iterator[WhatsAppSession]:
    """A session on that home, which no session of the database has driven before."""
    settings.VAR = tmp_path
    settings.TIME_SCALE = SCALE
    settings.SIMULATOR_URL = settings.WHATSAPP_WEB_URL = simulator.url
    session = make_session(make_business(), transport="browser", phone=ours)
    place = session.link.home_folder
    place.parent.mkdir(parents=True)
    home.rename(place)
    yield session
    simulator.clear_faults(ours)
    simulator.set_phone(ours, modules="without")
    place.rename(home)
    (home / homes.STAMP).unlink(missing_ok=True)


def visited(session: WhatsAppSession) -> str:
    """Visit once; what it came to. The session is as the database has it."""
    done = visits.visit(only=session.pk, work=WORK, outbox=LedgerOutbox(), stop=threading.Event())
    session.refresh_from_db()
    return done.outcome


def counts(campaign: Campaign) -> dict[str, int]:
    return dict(Counter(campaign.deliveries.values_list("status", flat=True)))


def test_sound_visit_sends_everything_once_and_rests(
    session: WhatsAppSession, simulator: SimulatorProcess
) -> None:
    campaign = running_campaign(session, 4)
    assert visited(session) == "done"
    assert session.state == State.RESTING
    assert set(counts(campaign)) <= {"sent", "delivered", "read"}
    for row in campaign.deliveries.all():
        assert [seen["id"] for seen in simulator.messages(to=row.phone)] == [row.message_id]


def test_time_lock_is_kept_for_the_pacing_and_its_chats_wait(
    session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    campaign = running_campaign(session, 2)
    until = (int(time.time()) // 60 + 90) * 60
    simulator.set_phone(account, modules="with")
    simulator.set_fault(account, "timelock", until=until)
    assert visited(session) == "done"
    assert session.state == State.RESTING
    assert counts(campaign) == {"queued": 2}
    session.refresh_from_db()
    assert (session.new_chats_left, session.new_chats_until) == (
        0,
        datetime.fromtimestamp(until, UTC),
    )
    assert SessionEvent.objects.filter(session=session, reason=reasons.RESTRICTED).count() == 1
    assert pacing.quota(pacing.limits_of(session.pk), now=datetime.now(UTC)) == 0
    simulator.clear_faults(account)
    Delivery.objects.update(not_before=datetime.now(UTC))
    assert visited(session) == "done"
    session.refresh_from_db()
    assert session.new_chats_left is None
    assert "queued" not in counts(campaign)


def test_logout_in_mid_campaign_is_said_and_the_rest_stays_queued(
    simulator: SimulatorProcess, tmp_path: Path, settings: Settings
) -> None:
    settings.VAR = tmp_path
    settings.TIME_SCALE = SCALE
    settings.SIMULATOR_URL = settings.WHATSAPP_WEB_URL = simulator.url
    session = linked_session(simulator, account := new_account())
    campaign = running_campaign(session, 5)
    simulator.set_fault(account, "logout", after=2)
    assert visited(session) == "link lost"
    assert (session.state, session.state_reason) == (State.LOGGED_OUT, reasons.LOGGED_OUT)
    found = counts(campaign)
    assert found["queued"] >= 2
    assert set(found) <= {"queued", "sent", "delivered", "read", "uncertain"}
    on_the_wire = [row for row in campaign.deliveries.all() if simulator.messages(to=row.phone)]
    assert len(on_the_wire) == 2
    assert not any(row.status == "queued" for row in on_the_wire)
    assert visited(session) == "not due"


def test_conflict_stops_the_session_and_explains(
    session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    campaign = running_campaign(session, 2)
    simulator.set_fault(account, "conflict")
    assert visited(session) == "link lost"
    assert (session.state, session.state_reason) == (State.CONFLICT, reasons.CONFLICT)
    assert counts(campaign) == {"queued": 2}


def test_clock_for_ever_leaves_the_row_uncertain_until_a_tick_proves_it(
    session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    campaign = running_campaign(session, 1)
    simulator.set_fault(account, "clock", reaches=True)
    visited(session)
    row = campaign.deliveries.get()
    assert (row.status, row.reason) == ("uncertain", reasons.NO_TICK)
    assert row.pressed_at is not None
    simulator.clear_faults(account)
    assert visited(session) == "done"
    row.refresh_from_db()
    assert row.status in ("sent", "delivered", "read")
    assert [seen["id"] for seen in simulator.messages(to=row.phone)] == [row.message_id]


def test_lost_writes_never_bring_a_row_back_to_the_queue(
    session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    campaign = running_campaign(session, 1)
    # WhatsApp took it, the renderer died before the browser's disk had it.
    simulator.set_fault(account, "crash", when="sent")
    assert visited(session) == "link lost"
    row = campaign.deliveries.get()
    assert row.status == "uncertain"
    simulator.clear_faults(account)
    simulator.set_behaviour(deliver_share=0)
    simulator.set_fault(account, "lost_writes", messages=5, seconds=600)
    try:
        visited(session)
    finally:
        simulator.set_behaviour(deliver_share=1)
    row.refresh_from_db()
    assert row.status in ("uncertain", "sent")
    assert len(simulator.messages(to=row.phone)) == 1


def test_renderer_that_dies_before_the_press_leaves_the_row_queued(
    session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    campaign = running_campaign(session, 1)
    simulator.set_fault(account, "crash", when="typed", times=0)
    assert visited(session) == "link lost"
    assert session.state == State.OFFLINE
    row = campaign.deliveries.get()
    assert (row.status, row.pressed_at) == ("queued", None)
    assert simulator.messages(to=row.phone) == []


def test_unknown_icon_stops_the_session_with_its_evidence_and_no_second_message_goes(
    session: WhatsAppSession,
    simulator: SimulatorProcess,
    account: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    campaign = running_campaign(session, 3)
    simulator.set_fault(account, "unknown_tick")
    assert visited(session) == "link lost"
    assert (session.state, session.state_reason) == (State.STOPPED, reasons.UNKNOWN_ICON)
    [found] = session.link.evidence.all()
    assert (found.kind, found.screen, found.node) == ("unknown-icon", "chats", house.NODE)
    assert found.matched
    assert encrypted_fields.unseal(bytes(found.picture)).startswith(JPEG)
    assert "[data-icon=" in unpack(encrypted_fields.unseal(bytes(found.document)))
    assert counts(campaign) == {"queued": 2, "uncertain": 1}
    # Nobody comes back for half an hour, unless support asks; then it stops before it claims.
    assert visited(session) == "not due"
    assert link_updates.look_again(session.pk)
    # Where no picture can be taken any more, the rest is evidence as well.
    monkeypatch.setattr(diagnostics, "QUALITIES", ("none",))
    assert visited(session) == "link lost"
    assert session.state_reason == reasons.UNKNOWN_ICON
    again = session.link.evidence.latest("pk")
    assert (again.kind, bytes(again.picture)) == ("unknown-sign", b"")
    assert again.pk > found.pk
    assert again.document
    assert counts(campaign) == {"queued": 2, "uncertain": 1}
    # Once the icon is known (here: shows as it used to) work goes on by itself.
    simulator.clear_faults(account)
    assert link_updates.look_again(session.pk)
    assert visited(session) == "done"
    assert not {"queued", "uncertain"} & set(counts(campaign))


def test_silent_cut_is_offline_before_anything_is_sent(
    session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    campaign = running_campaign(session, 2)
    simulator.set_fault(account, "silent_cut")
    assert visited(session) == "link lost"
    assert (session.state, session.state_reason) == (State.OFFLINE, reasons.OFFLINE)
    assert counts(campaign) == {"queued": 2}
