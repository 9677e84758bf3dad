"""An account of the simulator, linked to a transport under test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from sessions.events import Address, Link, Text
from sessions.evidence.captured import Evidence
from sessions.interfaces import Key, Opened, Outgoing, PairingCode, Transport
from sessions.models import WhatsAppSession
from sessions.registry import backend_of
from sessions.transports.browser import BrowserTransport
from sessions.transports.browser.chat_looks import Look, StoredLooks
from tests.eventually import eventually
from tests.factories import make_business, make_session
from tests.sessions.shared_chromium import SharedBrowserTransport
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


class KeptLooks:
    """What the database would keep of one link, over its openings."""

    key = b"kept"

    def __init__(self) -> None:
        self.rows: dict[str, tuple[Look, ...]] = {}

    def load(self) -> StoredLooks:
        """All of them."""
        return dict(self.rows)

    def keep(self, looks: StoredLooks) -> None:
        """In the place of the old ones."""
        self.rows |= {title: tuple(some) for title, some in looks.items()}

    def seen(self, titles: Iterable[str]) -> None:
        """Nothing is ever forgotten."""


_looks: dict[Path, KeptLooks] = {}


def looks_of(folder: Path) -> KeptLooks:
    """The looks of the browser whose profile is in the folder."""
    return _looks.setdefault(folder, KeptLooks())


_evidence: dict[Path, list[Evidence]] = {}


def evidence_of(folder: Path) -> list[Evidence]:
    """What the browser whose profile is in the folder gave of pages that it didn't know."""
    return _evidence.setdefault(folder, [])


def browser_in(
    folder: Path, simulator: SimulatorProcess, *, apart: bool = False, **options: Any
) -> BrowserTransport:
    """A browser on the folder's profile, on the simulator: the shared Chromium, or one `apart` with processes of its own."""
    chosen = {
        "time_scale": SCALE,
        "keep_evidence": evidence_of(folder).append,
        "looks": looks_of(folder),
    }
    kind = BrowserTransport if apart else SharedBrowserTransport
    return kind(folder / "home", simulator.url, **chosen | options)


def scanning(simulator: SimulatorProcess, account: str) -> Callable[[PairingCode], None]:
    """A phone that scans or types whatever code it is shown."""

    def show(code: PairingCode) -> None:
        if code.kind == "qr":
            simulator.scan(code.value, account)
        else:
            simulator.enter_code(code.value, account)

    return show


def link(transport: Transport, simulator: SimulatorProcess, account: str) -> Opened:
    """Open the transport and link it to the account by QR."""
    transport.open()
    opened = transport.pair(scanning(simulator, account), time.monotonic() + SECONDS)
    assert (opened.link, opened.phone) == (Link.ONLINE, account), opened
    return opened


@contextmanager
def linked_browser(
    folder: Path, simulator: SimulatorProcess, account: str, **options: Any
) -> Iterator[BrowserTransport]:
    """A browser that is linked to the account by QR, closed at the end."""
    transport = browser_in(folder, simulator, **options)
    try:
        link(transport, simulator, account)
        yield transport
    finally:
        transport.close()
    assert not options.get("apart") or transport.pids() == []


@contextmanager
def reopened(
    folder: Path, simulator: SimulatorProcess, **options: Any
) -> Iterator[tuple[BrowserTransport, Opened]]:
    """The same home opened anew, and what the opening said."""
    transport = browser_in(folder, simulator, **options)
    try:
        opened = transport.open()
        if opened.link is Link.ONLINE:
            caught_up(simulator, opened.phone)
        yield transport, opened
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
    transport = backend_of(session.link).make(session.link)
    try:
        link(transport, simulator, account)
        if write_to:
            transport.send(outgoing(write_to), nothing)
    finally:
        transport.close()
    return session


def in_page(transport: BrowserTransport, script: str, argument: Any = None) -> Any:
    """Run JavaScript in the transport's page, as a fault of the page's own would."""
    page_session = transport._page_session
    assert page_session is not None
    return transport._run(lambda: page_session.page.page.evaluate(script, argument), SECONDS)


def caught_up(simulator: SimulatorProcess, account: str) -> None:
    """Return once the account's linked pages have all that came while they were closed."""
    eventually(lambda: not any(one["behind"] for one in simulator.phone(account)["devices"]))


def shown(transport: BrowserTransport, text: str) -> None:
    """Return once the page shows that text somewhere."""
    eventually(lambda: in_page(transport, "(text) => document.body.innerText.includes(text)", text))


def in_the_middle_of(
    transport: BrowserTransport, question: str, deed: Callable[[], object]
) -> None:
    """Do something once, when the driver next waits for the page's answer to `question`.

    In the browser's thread, which does nothing else meanwhile.
    """
    assert transport._page_session is not None
    page = transport._page_session.page
    wait = page.wait

    def waiting(seconds: float, name: str, *args: Any, **before: Any) -> Any:
        if name == question and not before:
            page.wait = wait  # type: ignore[method-assign]
            deed()
        return wait(seconds, name, *args, **before)

    page.wait = waiting  # type: ignore[method-assign]


def nothing(message_id: str = "") -> None:
    """A `before_wire` that agrees."""
