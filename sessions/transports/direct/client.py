"""One client of the library in a thread of its own, as long as its link is open."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Protocol

from sessions.transports.direct import protocol
from sessions.transports.direct.library import Library

GONE = "the device is no longer in the store"
ENDS_WITHIN = 10.0  # seconds that a call in hand may take once the line is gone


class Gone(Exception):
    """The client has ended, or is about to."""


class Listener(Protocol):
    """Who is told what a client hears: from its threads, one call at a time."""

    def on_code(self, code: str) -> None:
        """The text of a QR picture."""

    def on_status(self, status: str) -> None:
        """How showing codes ended: "success", "timeout" or an error's name; "passkey-request" ends nothing."""

    def on_event(self, number: int, event: bytes) -> None:
        """An event of `protocol`."""

    def on_end(self, error: str) -> None:
        """It runs no more; `error` is the library's text where it could not."""


class Client:
    """Runs once. The library ends the process when it is asked for a client that it doesn't have; so nothing is
    asked before it has told anything, nor after its end. So it does for a device that its store doesn't have: another
    thread may have logged it out since it was found, while this one waited for its turn, so `is_kept` is asked last.
    """

    def __init__(
        self,
        library: Library,
        store: str,
        listener: Listener,
        is_kept: Callable[[], bool] = lambda: True,
    ) -> None:
        self._library, self._store, self._listener = library, store, listener
        self._is_kept = is_kept
        self._name = secrets.token_hex(8)
        self._changed = threading.Condition()
        self._calls = 0
        self._is_there = self._is_ending = self._is_abandoned = False
        self._thread = threading.Thread(target=self._run, name="direct", daemon=True)
        self._device = b""

    def start(self, device: bytes) -> None:
        """Connect as this linked device of the store, or, where it is empty, to be linked."""
        self._device = device
        self._thread.start()

    def _run(self) -> None:
        with self._library.registry.beginning(self._is_kept) as (self._is_registered, is_kept):
            error = self._served() if is_kept else GONE
        with self._changed:
            self._is_there = False
        self._listener.on_end(error)

    def _served(self) -> str:
        return self._library.run(
            self._name,
            store=self._store,
            device=self._device,
            events=protocol.EVENTS,
            on_code=self._on_code,
            on_status=self._on_status,
            on_event=self._on_event,
        )

    def _on_code(self, code: str) -> None:
        self._has_told()
        self._listener.on_code(code)

    def _on_status(self, status: str) -> None:
        self._has_told()
        if self._is_abandoned and status != protocol.LINKED:
            self._later(self.stop)
        self._listener.on_status(status)

    def _on_event(self, number: int, event: bytes) -> None:
        self._has_told()
        if self._is_abandoned and number == protocol.CONNECTED:
            self._later(self._refuse)
        self._listener.on_event(number, event)

    def _has_told(self) -> None:
        self._is_registered()
        with self._changed:
            self._is_there = not self._is_ending

    @contextmanager
    def _call(self) -> Iterator[Library]:
        """The library, while the client is there for sure. Raises Gone."""
        with self._changed:
            if not self._is_there or self._is_ending:
                raise Gone
            self._calls += 1
        try:
            yield self._library
        finally:
            with self._changed:
                self._calls -= 1
                self._changed.notify_all()

    def is_online(self) -> bool:
        """Whether there is a line, and WhatsApp has let it in."""
        try:
            with self._call() as library:
                return library.is_online(self._name)
        except Gone:
            return False

    def pair_code(self, params: bytes) -> Any:
        """See Library; raises Gone."""
        with self._call() as library:
            return library.pair_code(self._name, params)

    def look_up(self, number: str) -> Any:
        """See Library; raises Gone."""
        with self._call() as library:
            return library.look_up(self._name, number)

    def number_of(self, jid: bytes) -> Any:
        """See Library; raises Gone."""
        with self._call() as library:
            return library.number_of(self._name, jid)

    def send(self, to: bytes, message: bytes) -> Any:
        """See Library; raises Gone."""
        with self._call() as library:
            return library.send(self._name, to, message)

    def log_out(self) -> str:
        """See Library; raises Gone."""
        with self._call() as library:
            return library.log_out(self._name)

    def hang_up(self) -> None:
        """End the line; what was heard is still told."""
        try:
            with self._call() as library:
                library.disconnect(self._name)
        except Gone:
            pass

    def stop(self) -> None:
        """End it, after the calls in hand; where one doesn't end, the client is left to the process's end."""
        with self._changed:
            was_there = self._is_there and not self._is_ending
        if was_there:
            self.hang_up()
        with self._changed:
            self._is_ending = True
            if not self._changed.wait_for(lambda: not self._calls, ENDS_WITHIN):
                return
        self._library.stop(self._name)
        if self._thread is not threading.current_thread() and was_there:
            self._thread.join(ENDS_WITHIN)

    def abandon(self) -> None:
        """Nobody waits for a code any more. The library can't be told; it ends by itself within minutes.

        A phone that scans an old code until then is logged out at once.
        """
        with self._changed:
            self._is_abandoned = True

    def _refuse(self) -> None:
        """A phone took an old code: it was for nobody any more."""
        with suppress(Gone):
            self.log_out()
            self.stop()

    @staticmethod
    def _later(work: Callable[[], None]) -> None:
        """Not in the library's own thread, which waits."""
        threading.Thread(target=work, name="direct-end", daemon=True).start()
