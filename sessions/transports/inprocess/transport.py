"""The `inprocess` transport: takes every message and brings it nowhere, for tests of the drive and benches.

What Django's locmem is for mail. It never says that it is WhatsApp: `sessions.registry` refuses it
where there is no simulator.
"""

from __future__ import annotations

import contextlib
import queue
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count

from sessions.events import Address, Event, Link, Receipt, Tick
from sessions.interfaces import Batch, LinkLost, Opened, Outgoing, PairingCode, Sent


class InProcessTransport:
    """`sent` holds what was sent; `failure` is raised by the next sends, `hang` seconds pass in each
    step, and `receipts` says which ticks come for a message by themselves."""

    def __init__(
        self, *, receipts: tuple[Tick, ...] = (), wake: Callable[[], None] = lambda: None
    ) -> None:
        self.sent: list[Outgoing] = []
        self.failure: Exception | None = None
        self.hang = 0.0
        self._receipts, self._wake, self._open = receipts, wake, False
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._given: Batch | None = None
        self._ids = count(time.time_ns())

    def happen(self, *events: Event) -> None:
        """Have the next poll give these; may be called from any thread."""
        for event in events:
            self._events.put(event)
        self._wake()

    def open(self) -> Opened:
        """Online at once."""
        self._step()
        self._open = True
        return Opened(Link.ONLINE)

    def pair(self, show: Callable[[PairingCode], None], deadline: float, **_how: object) -> Opened:
        """Linked at once: no code is shown."""
        return self.open()

    def lookup(self, phone: str) -> Address | None:
        """Everybody is there, under the number that was asked for."""
        self._step(opened=True)
        return Address(phone, phone.lstrip("+"))

    def send(self, message: Outgoing, before_wire: Callable[[], None]) -> Sent:
        """Sent, unless `failure` is set."""
        self._step(opened=True)
        before_wire()
        if self.failure is not None:
            raise self.failure
        self.sent.append(message)
        sent = Sent(f"3EB0{next(self._ids):018X}", datetime.now(UTC))
        if self._receipts:
            self.happen(*(Receipt(sent.message_id, tick, sent.at) for tick in self._receipts))
        return sent

    def poll(self, timeout: float) -> Batch:
        """What happened since the last batch that was acknowledged; waits for nothing but `timeout`."""
        self._step(opened=True)
        if self._given is None:
            self._given = Batch(tuple(self._taken(timeout)))
        return self._given

    def acknowledge(self, batch: Batch) -> None:
        """The next poll gives what came after it."""
        if batch is self._given:
            self._given = None

    def close(self) -> None:
        """Nothing to close."""
        self._open = False

    def _taken(self, timeout: float) -> Iterator[Event]:
        with contextlib.suppress(queue.Empty):
            yield self._events.get(block=timeout > 0, timeout=timeout)
            while True:
                yield self._events.get_nowait()

    def _step(self, *, opened: bool = False) -> None:
        if self.hang:
            time.sleep(self.hang)
        if opened and not self._open:
            raise LinkLost("offline")
