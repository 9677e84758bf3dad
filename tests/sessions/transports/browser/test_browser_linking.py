"""Linking as the page of October plays it: presses that do nothing, countries, dead codes, passkeys."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from sessions.events import Link
from sessions.interfaces import Opened, PairingCode
from sessions.simulator.client import CallRefused
from sessions.transports.browser import BrowserTransport, reasons
from tests.sessions.linked_account import SECONDS, browser_in, new_account, scanning
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

_folders = count()


@pytest.fixture
def transport(simulator: SimulatorProcess, tmp_path: Path) -> Iterator[BrowserTransport]:
    transport = browser_in(tmp_path / str(next(_folders)), simulator)
    yield transport
    transport.close()
    simulator.set_linking()
    simulator.set_page(ref_rotation=20)


def paired(
    transport: BrowserTransport, simulator: SimulatorProcess, account: str, phone: str = ""
) -> Opened:
    assert transport.open().link is Link.NEEDS_PAIRING
    return transport.pair(scanning(simulator, account), time.monotonic() + SECONDS, phone=phone)


@pytest.mark.parametrize("by_code", [False, True])
def test_an_account_that_asks_for_its_passkey_is_told_in_whatsapps_words(
    transport: BrowserTransport, simulator: SimulatorProcess, by_code: bool
) -> None:
    account = new_account()
    simulator.set_fault(account, "passkey")

    def show(code: PairingCode) -> None:
        # What the phone shows meanwhile is WhatsApp's own word.
        with contextlib.suppress(CallRefused):
            scanning(simulator, account)(code)

    assert transport.open().link is Link.NEEDS_PAIRING
    phone = account if by_code else ""
    opened = transport.pair(show, time.monotonic() + SECONDS, phone=phone)
    assert (opened.link, opened.reason) == (Link.NEEDS_PASSKEY, reasons.PASSKEY_ASKED)
    assert "chave de acesso" in opened.params["said"]


def test_presses_that_do_nothing_and_a_country_that_comes_late_are_no_hindrance(
    transport: BrowserTransport, simulator: SimulatorProcess
) -> None:
    account = new_account()
    simulator.set_linking(ignored_presses=1, country="US", country_after=8)
    opened = paired(transport, simulator, account, account)
    assert (opened.link, opened.phone) == (Link.ONLINE, account)


def test_too_many_attempts_end_the_pairing_and_say_so(
    transport: BrowserTransport, simulator: SimulatorProcess
) -> None:
    simulator.set_linking(screen="too_many_attempts")
    account = new_account()
    opened = paired(transport, simulator, account, account)
    assert (opened.link, opened.reason) == (Link.NEEDS_PAIRING, reasons.TOO_MANY_ATTEMPTS)


def test_a_database_error_ends_the_pairing_and_says_so(
    transport: BrowserTransport, simulator: SimulatorProcess
) -> None:
    simulator.set_linking(screen="database_error")
    opened = paired(transport, simulator, new_account())
    assert (opened.link, opened.reason) == (Link.NEEDS_PAIRING, reasons.DATABASE_ERROR)


def test_a_dead_code_under_the_overlay_is_never_shown(
    transport: BrowserTransport, simulator: SimulatorProcess
) -> None:
    simulator.set_page(ref_rotation=3)
    simulator.set_linking(ignored_presses=1)
    shown: list[str] = []
    account = new_account()

    def late(code: PairingCode) -> None:
        shown.append(code.value)
        if len(shown) == 8:
            simulator.scan(code.value, account)

    assert transport.open().link is Link.NEEDS_PAIRING
    opened = transport.pair(late, time.monotonic() + SECONDS)
    assert opened.link is Link.ONLINE
    assert len(shown) == len(set(shown)) == 8
