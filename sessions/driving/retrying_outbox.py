"""An outbox that waits out a database that is away for a moment, for what must not be lost.

What was sent must be settled and what was heard be kept, however long PostgreSQL takes to restart. The
questions are left alone, and so is the claim: if its answer is lost, nobody knows which row it took. One
that waited too long for a lock took none.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.db import OperationalError
from psycopg.errors import LockNotAvailable

from blu.db.retry import retry_while_away
from sessions.driving import runner_clock
from sessions.events import Address, OfMessages
from sessions.interfaces import (
    Idle,
    Key,
    LeaseToken,
    Outbox,
    Outcome,
    Outgoing,
    Sent,
    UncertainMessage,
)

T = TypeVar("T")

AGAIN = timedelta(seconds=5)  # after which a claim that waited too long for a lock is tried again


class RetryingOutbox:
    """Any outbox, its writing steps repeated for up to a minute while the database can't be reached.

    `after` is called when a step has ended, whatever came of it: a host gives its connection back then,
    so that no link keeps one while it waits for WhatsApp.
    """

    def __init__(self, outbox: Outbox, *, after: Callable[[], None] = lambda: None) -> None:
        self._outbox = outbox
        self._after = after

    def next(self, token: LeaseToken) -> Outgoing | Idle:
        """Claim one row, once; none where another transaction keeps what it needs locked for too long."""
        try:
            return self._once(lambda: self._outbox.next(token))
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            return Idle(runner_clock.now() + AGAIN)

    def before_wire(self, token: LeaseToken, key: Key, message_id: str = "") -> None:
        """Commit pressed_at; nothing is on the wire while it waits."""
        self._until_done(lambda: self._outbox.before_wire(token, key, message_id))

    def settle(self, token: LeaseToken, key: Key, outcome: Outcome) -> None:
        """Write the outcome."""
        self._until_done(lambda: self._outbox.settle(token, key, outcome))

    def record_lookup(self, token: LeaseToken, key: Key, address: Address | None) -> None:
        """Remember a lookup."""
        self._until_done(lambda: self._outbox.record_lookup(token, key, address))

    def record_event(self, session_id: int, event: OfMessages) -> None:
        """Keep a receipt, a failure or a reply."""
        self._until_done(lambda: self._outbox.record_event(session_id, event))

    def recover(self, token: LeaseToken) -> int:
        """Settle what older fences left; returns the number of rows."""
        return self._until_done(lambda: self._outbox.recover(token))

    def uncertain_messages(self, token: LeaseToken) -> list[UncertainMessage]:
        """Ask once."""
        return self._once(lambda: self._outbox.uncertain_messages(token))

    def confirm_sent(self, token: LeaseToken, key: Key, sent: Sent) -> None:
        """Write a proof."""
        self._until_done(lambda: self._outbox.confirm_sent(token, key, sent))

    def awaiting_receipts(self, token: LeaseToken) -> list[tuple[str, str]]:
        """Ask once."""
        return self._once(lambda: self._outbox.awaiting_receipts(token))

    def _once(self, step: Callable[[], T]) -> T:
        try:
            return step()
        finally:
            self._after()

    def _until_done(self, step: Callable[[], T]) -> T:
        return self._once(lambda: retry_while_away(step))
