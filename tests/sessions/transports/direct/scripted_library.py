"""A library without WhatsApp, and a store without a database: each opening hears what a test wants it to."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from sessions.events import Link
from sessions.transports.direct import protocol
from sessions.transports.direct.registry_lock import RegistryLock
from sessions.transports.direct.store import StoreAway
from sessions.transports.direct.transport import DirectTransport

Heard = tuple[int, bytes]
LET_IN: Heard = (protocol.CONNECTED, b"")


class ScriptedLibrary:
    """Each opening is told the next of `openings`; those that follow the last can't reach WhatsApp."""

    def __init__(self, messages: Any, *openings: Heard) -> None:
        self.messages = messages
        self.registry = RegistryLock()
        self.opened = 0
        self.error = ""
        self._openings = deque(openings)
        self._stopped: dict[str, threading.Event] = {}
        self._on_event: Callable[[int, bytes], None]

    def make_tables(self, _store: str) -> bool:
        return True

    def run(self, name: str, *, on_event: Callable[[int, bytes], None], **_given: Any) -> str:
        self.opened += 1
        if not self._openings:
            return "failed to connect"
        stopped = self._stopped[name] = threading.Event()
        self._on_event = on_event
        on_event(*self._openings.popleft())
        stopped.wait()
        return ""

    def hear(self, number: int, event: bytes = b"") -> None:
        """Have the newest client hear this."""
        self._on_event(number, event)

    def stop(self, name: str) -> None:
        if name in self._stopped:
            self._stopped[name].set()

    def disconnect(self, _name: str) -> None:
        """Nobody is there."""

    def is_online(self, _name: str) -> bool:
        return True

    def text(self, body: str) -> bytes:
        return body.encode()

    def send(self, _name: str, _to: bytes, _message: bytes) -> Any:
        return self.messages.SendMessageReturnFunction(Error=self.error)


class OneDevice:
    """A store with one device, which may be taken out; `is_away` is the database's."""

    library_url = ""
    watch = SimpleNamespace(add=lambda _hears: None, remove=lambda _hears: None)

    def __init__(self) -> None:
        self.device = f"5511987650001:7@{protocol.NUMBERS}"
        self.is_away = False

    def device_of(self, _home: str) -> str:
        if self.is_away:
            raise StoreAway("OperationalError")
        return self.device

    def keeps(self, device: str) -> bool:
        return not self.is_away and device == self.device

    def forget(self, _home: str) -> None:
        self.device = ""

    def have_tables(self, make: Callable[[str], bool]) -> None:
        make(self.library_url)

    def drop_old(self, _home: str) -> None:
        """There are none."""

    def unacknowledged(self, _home: str) -> list[tuple[int, int, bytes]]:
        return []

    def acknowledge(self, _kept: list[int], *, at_once: bool) -> None:
        """Nothing is kept."""


@contextmanager
def opened(library: ScriptedLibrary, store: OneDevice) -> Iterator[DirectTransport]:
    """A link that is online on these."""
    here: Any = store
    load: Any = lambda: library  # noqa: E731 - it has not its type
    transport = DirectTransport(load, here, "home")
    try:
        assert transport.open().link is Link.ONLINE
        yield transport
    finally:
        transport.close()
