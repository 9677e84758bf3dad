"""An account of the simulator, linked to a transport under test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from sessions.events import Address, Event, Link, Text
from sessions.interfaces import Home, Key, Opened, Outgoing, PairingCode, Transport
from sessions.models import WhatsAppSession
from sessions.registry import home_of, transport_for
from sessions.transports.browser import BrowserTransport
from tests.eventually import eventually
from tests.factories import make_business, make_session
from tests.simulator_process import SimulatorProcess

SCALE = 0.1
SECONDS = 120.0
_accounts = count(1)
_keys = count(1)


def new_account() -> str:
    """An account's number that no other test uses."""
    return f"+55119877{next(_accounts):05d}"


def new_person() -> str:
    """A number that is on WhatsApp and that no other test uses."""
    return f"+5511981{next(_accounts):06d}"


def outgoing(phone: str, text: str = "Olá", wa_id: str = "") -> Outgoing:
    """A message with a ledger key of its own."""
    return Outgoing(Key("delivery", next(_keys)), Address(phone, wa_id), Text(text))


def home_in(folder: Path, simulator: SimulatorProcess) -> Home:
    """A home under the folder, on the simulator."""
    return Home(str(folder), folder / "home", simulator.url)


def scanning(simulator: SimulatorProcess, account: str) -> Callable[[PairingCode], None]:
    """A phone that scans or types whatever code it is shown."""

    def show(code: PairingCode) -> None:
        if code.kind == "qr":
            simulator.scan(code.value, account)
        else:
            simulator.enter_code(code.value, account)

    return show


def link(transport: Transport, home: Home, simulator: SimulatorProcess, account: str) -> Opened:
    """Open the home and link it to the account by QR."""
    transport.open(home)
    opened = transport.pair(scanning(simulator, account), time.monotonic() + SECONDS)
    assert opened.link is Link.ONLINE
    return opened


@contextmanager
def linked_browser(
    folder: Path, simulator: SimulatorProcess, account: str, **options: Any
) -> Iterator[BrowserTransport]:
    """A browser that is linked to the account by QR, closed at the end; its pictures in `shots`."""
    transport = BrowserTransport(**{"time_scale": SCALE, "screenshots": folder / "shots"} | options)
    try:
        link(transport, home_in(folder, simulator), simulator, account)
        yield transport
    finally:
        transport.close()
    assert transport.pids() == []


@contextmanager
def reopened(
    folder: Path, simulator: SimulatorProcess, **options: Any
) -> Iterator[tuple[BrowserTransport, Opened]]:
    """The same home opened anew, and what the opening said."""
    transport = BrowserTransport(**{"time_scale": SCALE, "screenshots": folder / "shots"} | options)
    try:
        yield transport, transport.open(home_in(folder, simulator))
    finally:
        transport.close()


@contextmanager
def fault(simulator: SimulatorProcess, account: str, name: str, **values: Any) -> Iterator[None]:
    """The account under a fault while the block lasts; its page knows from the first moment."""
    simulator.set_fault(account, name, **values)
    try:
        yield
    finally:
        simulator.clear_faults(account)


def linked_session(
    simulator: SimulatorProcess, account: str, *, write_to: str = ""
) -> WhatsAppSession:
    """A browser session of a business of its own, its home linked to the account.

    The settings must name the simulator. `write_to` gets one message, so that a chat exists.
    """
    session = make_session(make_business(), transport="browser", phone=account)
    transport = transport_for(session.link)
    try:
        link(transport, home_of(session.link), simulator, account)
        if write_to:
            transport.send(outgoing(write_to), nothing)
    finally:
        transport.close()
    return session


def heard_until(transport: Transport, done: Callable[[list[Event]], bool]) -> list[Event]:
    """Poll until `done` says yes of everything heard so far; fails when it never does."""
    heard: list[Event] = []

    def is_done() -> bool:
        heard.extend([] if done(heard) else transport.poll(0.5))
        return done(heard)

    eventually(is_done)
    return heard


def in_page(transport: BrowserTransport, script: str, argument: Any = None) -> Any:
    """Run JavaScript in the transport's page, as a fault of the page's own would."""
    opening = transport._opening
    assert opening is not None
    return transport._run(lambda: opening.page.page.evaluate(script, argument), SECONDS)


def shown(transport: BrowserTransport, text: str) -> None:
    """Return once the page shows that text somewhere."""
    eventually(lambda: in_page(transport, "(text) => document.body.innerText.includes(text)", text))


def in_the_middle_of(
    transport: BrowserTransport, question: str, deed: Callable[[], object]
) -> None:
    """Do something once, when the driver next waits for the page's answer to `question`.

    In the browser's thread, which does nothing else meanwhile.
    """
    assert transport._opening is not None
    page = transport._opening.page
    wait = page.wait

    def waiting(seconds: float, name: str, *args: Any) -> Any:
        if name == question:
            page.wait = wait  # type: ignore[method-assign]
            deed()
        return wait(seconds, name, *args)

    page.wait = waiting  # type: ignore[method-assign]


def nothing() -> None:
    """A `before_wire` that agrees."""
