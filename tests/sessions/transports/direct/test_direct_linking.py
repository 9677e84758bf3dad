"""Linking without a browser: codes follow each other, and nothing is linked that nobody waits for any more."""

from __future__ import annotations

import time

import pytest

from sessions.events import Link
from sessions.interfaces import PairingCode
from tests.eventually import eventually
from tests.sessions.linked_account import SECONDS, link, new_account, new_person, nothing, outgoing
from tests.sessions.transports.direct.conftest import Maker
from tests.sessions.transports.direct.elsewhere import DirectElsewhere
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.nodes


def test_a_line_that_ends_while_nobody_scans_is_followed_by_another_with_other_codes(
    direct: Maker, simulator: SimulatorProcess, account: str
) -> None:
    shown: list[str] = []

    def show(code: PairingCode) -> None:
        shown.append(code.value)
        if len(shown) == 1:
            simulator.kill()
            simulator.restart()
        else:
            simulator.scan(code.value, account)

    transport = direct()
    transport.open()
    opened = transport.pair(show, time.monotonic() + SECONDS)
    assert (opened.link, opened.phone) == (Link.ONLINE, account)
    assert len(set(shown)) == 2


def test_an_old_code_that_is_scanned_after_everybody_left_links_nothing(
    direct: Maker, simulator: SimulatorProcess, account: str
) -> None:
    shown: list[PairingCode] = []
    transport = direct()
    transport.open()
    assert transport.pair(shown.append, time.monotonic() + 1.0).link is Link.NEEDS_PAIRING
    transport.leave()
    simulator.scan(shown[0].value, account)
    eventually(lambda: simulator.phone(account)["devices"] == [])
    assert direct().open().link is Link.NEEDS_PAIRING


def test_whoever_stops_waiting_ends_it_at_once(direct: Maker) -> None:
    shown: list[PairingCode] = []
    transport = direct()
    transport.open()
    opened = transport.pair(shown.append, time.monotonic() + SECONDS, stop=lambda: bool(shown))
    assert opened.link is Link.NEEDS_PAIRING


def test_a_home_whose_link_was_taken_off_in_blu_is_linked_anew_to_any_account(
    direct: Maker, linked: DirectElsewhere, simulator: SimulatorProcess
) -> None:
    linked.close()
    other, again = new_account(), direct(is_linked=False)
    assert again.open().link is Link.NEEDS_PAIRING
    again.close()
    assert link(direct(), simulator, other).link is Link.ONLINE


def test_a_device_that_was_taken_off_while_nobody_drove_it_needs_pairing(
    direct: Maker, linked: DirectElsewhere, simulator: SimulatorProcess, account: str
) -> None:
    linked.close()
    simulator.unlink(account)
    assert direct().open().link is Link.LOGGED_OUT
    again = direct()
    assert link(again, simulator, account).link is Link.ONLINE
    assert again.send(outgoing(new_person()), nothing)
