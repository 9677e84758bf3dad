"""What one opening has heard, from the library's threads to whoever polls.

People's messages and receipts are kept in the store before the library goes on: it acknowledges them to WhatsApp by
itself, and nobody tells them again.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog

from sessions.events import Incoming, Link, LinkChange, Receipt, Tick
from sessions.transports.direct import heard, outcomes, protocol
from sessions.transports.direct.store import Store, StoreAway

log = structlog.get_logger()

AWAY_MOST = 5.0  # seconds without a line after which the link is offline; the library comes again by itself until then
KEEP_AGAIN = 1.0  # seconds between two tries to keep something while the database is away
REMEMBERED = (
    200  # ids of messages of this opening: what arrives of others may be the proof of a doubt
)
QUIET = 0.1  # seconds in which nothing more comes once the line has ended


@dataclass
class Inbox:
    """Listens to a client. `device` is its JID, of one that is to be linked once a phone has done so."""

    messages: Any
    store: Store
    home: str
    wake: Callable[[], None]
    codes: deque[str] = field(default_factory=deque)
    statuses: deque[str] = field(default_factory=deque)
    device: str = ""
    connected: bool = False
    caught_up: bool = False
    ended: str | None = None
    away_since: float | None = None
    closed: bool = False
    sent: deque[str] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    changed: threading.Condition = field(default_factory=threading.Condition)
    events: deque[tuple[int, Receipt | Incoming]] = field(default_factory=deque)
    changes: deque[LinkChange] = field(default_factory=deque)
    _told_at: float = 0.0

    def on_code(self, code: str) -> None:
        """A code to show."""
        self._put(self.codes.append, code)

    def on_status(self, status: str) -> None:
        """How showing codes ended."""
        self._put(self.statuses.append, status)

    def on_end(self, error: str) -> None:
        """The client runs no more."""
        if error:
            log.warning("client_ended", error=outcomes.shape_of(error))
        with self.changed:
            self.ended = error
            self.changed.notify_all()
        self.wake()

    def on_event(self, number: int, event: bytes) -> None:
        """Whatever it is, it must not fail in the library's thread."""
        try:
            self._hear(number, event)
        except StoreAway:
            # Its link was closed meanwhile. Nobody tells it again: it goes to the store with whatever goes there next.
            if number in (protocol.MESSAGE, protocol.RECEIPT) and self._of_people(number, event):
                self.store.leave(self.home, number, event)
        except Exception as error:
            log.exception("event_not_understood", number=number, error=type(error).__name__)

    def load(self) -> None:
        """What an earlier opening heard comes first. Raises StoreAway."""
        for kept, number, event in self.store.unacknowledged(self.home):
            self.events.extend((kept, one) for one in self._of_people(number, event))

    def tell(self, change: LinkChange) -> None:
        """Have the next poll say this of the link."""
        self._put(self.changes.append, change)

    def quiet(self) -> None:
        """Return once nothing more comes, after the line has ended."""
        while monotonic() - self._told_at < QUIET:
            time.sleep(QUIET / 4)

    def _put(self, append: Callable[[Any], None], value: Any) -> None:
        with self.changed:
            append(value)
            self.changed.notify_all()
        self.wake()

    def _hear(self, number: int, event: bytes) -> None:
        self._told_at = monotonic()
        if number in (protocol.MESSAGE, protocol.RECEIPT):
            found = self._of_people(number, event)
            self._account_for(number, event, found)
            if found:
                kept = self._kept(number, event)
                self._put(self.events.extend, [(kept, one) for one in found])
            return
        if number == protocol.PAIRED and not self.closed:
            self._bind(event)
        change = heard.change(self.messages, number, event)
        with self.changed:
            self._notice(number)
            if change is not None:
                self.changes.append(change)
            self.changed.notify_all()
        self.wake()

    def _notice(self, number: int) -> None:
        if number == protocol.CONNECTED:
            self.connected, self.away_since = True, None
        elif number == protocol.HEARD_AGAIN:
            self.away_since = None
        elif number == protocol.CAUGHT_UP:
            self.caught_up = True
        elif number in (protocol.DISCONNECTED, protocol.SILENT) and self.away_since is None:
            self.away_since = monotonic()

    def _of_people(self, number: int, event: bytes) -> list[Receipt | Incoming]:
        if number == protocol.RECEIPT:
            return list(heard.receipts(self.messages, event))
        found = heard.incoming(self.messages, event)
        return [] if found is None else [found]

    def _account_for(self, number: int, event: bytes, found: list[Receipt | Incoming]) -> None:
        """Note which messages other devices sent, and which arrived that nobody here knows to have sent."""
        if number == protocol.MESSAGE and (echo := heard.echoed(self.messages, event)):
            self._note(echo, "", datetime.now(UTC), elsewhere=True)
        for one in found:
            if (
                isinstance(one, Receipt)
                and one.tick is Tick.DELIVERED
                and one.message_id not in self.sent
            ):
                self._note(one.message_id, heard.chats_of(one.chat)[0], one.at, elsewhere=False)

    def _note(self, message_id: str, chat: str, at: datetime, *, elsewhere: bool) -> None:
        self._until_kept(
            lambda: self.store.note(self.home, message_id, chat, at, elsewhere=elsewhere)
        )

    def _kept(self, number: int, event: bytes) -> int:
        """Wait for the database: meanwhile the library takes no more."""
        return int(self._until_kept(lambda: self.store.keep(self.home, number, event)))

    def _bind(self, event: bytes) -> None:
        told = self.messages.PairStatus.FromString(event)
        if told.Status != self.messages.PairStatus.SUCCESS:
            return
        jid = protocol.written(told.ID)
        self._until_kept(lambda: self.store.bind(self.home, jid))
        self.device = jid

    def _until_kept(self, keep: Callable[[], Any]) -> Any:
        while True:
            try:
                return keep()
            except StoreAway as away:
                log.warning("not_kept", error=str(away))
                if self.closed:
                    raise
                time.sleep(KEEP_AGAIN)

    def is_away(self) -> bool:
        """Without a line for so long that the link is offline."""
        return self.away_since is not None and monotonic() - self.away_since >= AWAY_MOST

    def is_lost(self) -> bool:
        """Something that poll has yet to say ends the link: nothing may go out before."""
        with self.changed:
            bad = any(change.link is not Link.ONLINE for change in self.changes)
        return bad or self.ended is not None or self.is_away()

    def taken(self) -> tuple[list[tuple[int, Receipt | Incoming]], list[LinkChange]]:
        """All there is now, which is then here no more."""
        with self.changed:
            events, changes = list(self.events), list(self.changes)
            self.events.clear()
            self.changes.clear()
        return events, changes

    def wait_for(self, ready: Callable[[], object], seconds: float) -> bool:
        """Whether it is ready within so many seconds; asked whenever something was heard."""
        with self.changed:
            return bool(self.changed.wait_for(ready, max(0.0, seconds)))


def ids_of(events: Iterable[tuple[int, Receipt | Incoming]]) -> list[int]:
    """The rows of the store in which these are kept."""
    return sorted({kept for kept, _event in events})
