"""An account moves from a browser to a direct link and back, and the other way, while its campaign runs: a Chromium and a host are
linked to it at once, and what people saw is what the ledger says.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.test import override_settings

from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from sessions.linking import job, services
from sessions.models import WhatsAppSession
from sessions.states import State
from tests import factories
from tests.eventually import SELDOM, eventually
from tests.forked import Forked, Tell
from tests.sessions.linked_account import SCALE, linked_session
from tests.sessions.linked_session import running_campaign
from tests.sessions.transports.direct.test_direct_host import linked, session
from tests.sessions.transports.direct.test_moving_over import (
    back,
    begin,
    finish,
    host,
    moved,
    sent,
    visitor,
)
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.nodes, pytest.mark.browser, pytest.mark.django_db(transaction=True)]

__all__ = ["begin", "session"]

ALL, MANY, FEW = 150, 30, 8
Begin = Callable[..., Forked]


@pytest.fixture
def by_browser(
    transactional_db: None, simulator: SimulatorProcess, account: str, forked_var: Path
) -> Iterator[WhatsAppSession]:
    """A session whose profile lies where forked visits look for it."""
    of_visits = {
        "VAR": forked_var,
        "TIME_SCALE": SCALE,
        "SIMULATOR_URL": simulator.url,
        "WHATSAPP_WEB_URL": simulator.url,
    }
    with override_settings(**of_visits):
        session = linked_session(simulator, account)
    services.accept_terms(session=session, actor=factories.make_user())
    yield session
    simulator.clear_faults(account)


def linker(_tell: Tell) -> None:
    """Shows the codes of browsers to whoever waits for one, until it is killed."""
    stop = threading.Event()
    while not stop.wait(SELDOM):
        job.pair(stop=stop)


def device_of(session: WhatsAppSession, simulator: SimulatorProcess) -> str:
    """The one device that the account's phone lists."""
    (device,) = simulator.phone(session.phone)["devices"]
    return str(device["device"])


def status_of(campaign: Campaign) -> set[str]:
    return set(Delivery.objects.filter(campaign=campaign).values_list("status", flat=True))


def test_a_campaign_goes_from_the_browser_to_a_direct_link_and_back(
    begin: Begin, by_browser: WhatsAppSession, simulator: SimulatorProcess
) -> None:
    campaign = running_campaign(by_browser, MANY)
    # So that neither kind sends all of it before the next deed.
    simulator.set_fault(by_browser.phone, "late_tick", seconds=10.0)
    begin(visitor, False)
    begin(host)
    eventually(lambda: sent(campaign) >= 3, every=SELDOM)
    simulator.set_fault(by_browser.phone, "late_tick", seconds=20.0)
    move = moved(by_browser, simulator)
    simulator.set_fault(by_browser.phone, "late_tick", seconds=10.0)
    by_then = sent(campaign)
    assert by_then < MANY, "all was sent before the switch"
    eventually(lambda: sent(campaign) >= by_then + 3, every=SELDOM)
    by_browser.refresh_from_db()
    assert by_browser.transport == "direct"
    back(by_browser)
    assert sent(campaign) < MANY, "all was sent before the way back"
    simulator.clear_faults(by_browser.phone)
    finish(campaign, simulator)
    by_browser.refresh_from_db()
    assert by_browser.link == move.old
    assert by_browser.transport == "browser"
    assert len(simulator.phone(by_browser.phone)["devices"]) == 2


def test_a_campaign_goes_from_a_direct_link_to_a_browser_and_back(
    begin: Begin, session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    """The direct link sends nearly all: a browser would take minutes. To 500 people in test_moving_over.py."""
    begin(host)
    linked(session, simulator, account)
    session.refresh_from_db()
    begin(linker)
    begin(visitor, False)
    campaign = running_campaign(session, ALL)
    eventually(lambda: sent(campaign) >= ALL // 3)
    # Some are on their way while the browser is linked, and when it takes over.
    simulator.set_fault(account, "late_tick", seconds=3600.0)
    moved(session, simulator, "browser")
    simulator.clear_faults(account)
    by_then = sent(campaign)
    assert by_then < ALL, "all was sent before the switch"
    eventually(lambda: sent(campaign) >= by_then + 5, every=SELDOM)
    session.refresh_from_db()
    assert session.transport == "browser"
    back(session)
    assert sent(campaign) < ALL, "all was sent before the way back"
    finish(campaign, simulator)
    session.refresh_from_db()
    assert session.transport == "direct"
    assert len(simulator.phone(account)["devices"]) == 2


def test_what_the_browser_presses_after_the_switch_goes_out_once_and_is_told_by_it(
    begin: Begin, by_browser: WhatsAppSession, simulator: SimulatorProcess
) -> None:
    campaign = running_campaign(by_browser, FEW)
    old = begin(visitor, True)
    old.stalls_at("pressed")
    begin(host)
    moved(by_browser, simulator)
    eventually(lambda: sent(campaign) == FEW - 1, every=SELDOM)
    assert Status.UNCERTAIN in status_of(campaign)
    old.send(signal.SIGUSR1)
    finish(campaign, simulator)


def test_a_message_whose_acknowledgement_comes_after_the_switch_is_not_sent_again(
    begin: Begin, by_browser: WhatsAppSession, simulator: SimulatorProcess
) -> None:
    campaign = running_campaign(by_browser, FEW)
    simulator.set_fault(by_browser.phone, "late_tick", seconds=3600.0)
    begin(visitor, False)
    eventually(lambda: simulator.messages(account=by_browser.phone))
    begin(host)
    moved(by_browser, simulator)
    simulator.clear_faults(by_browser.phone)
    finish(campaign, simulator)


def test_a_browser_that_falls_silent_is_left_and_what_it_had_pressed_arrives_once(
    begin: Begin, by_browser: WhatsAppSession, simulator: SimulatorProcess
) -> None:
    campaign = running_campaign(by_browser, FEW)
    phone, old = by_browser.phone, device_of(by_browser, simulator)
    stalled = begin(visitor, True)
    stalled.stalls_at("pressed")
    simulator.set_fault(phone, "silent_cut", device=old)
    stalled.send(signal.SIGUSR1)
    eventually(lambda: Status.UNCERTAIN in status_of(campaign), every=SELDOM)
    begin(host)
    move = moved(by_browser, simulator)
    eventually(lambda: sent(campaign) == FEW - 1, every=SELDOM)
    assert len(simulator.messages(account=phone)) == FEW - 1
    # The network of its machine is back: the page sends what was pending, and the next look proves it.
    simulator.clear_faults(phone)
    finish(campaign, simulator)
    move.old.refresh_from_db()
    assert State(move.old.state).is_linked
