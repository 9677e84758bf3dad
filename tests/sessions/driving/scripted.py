"""A transport and an outbox that do as a test says and remember what was asked of them, in order."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.utils import timezone

from sessions.events import Event, Link, OfMessages
from sessions.interfaces import (
    Address,
    Batch,
    Idle,
    Key,
    LeaseToken,
    Opened,
    Outcome,
    Outgoing,
    PairingCode,
    Sent,
    UncertainMessage,
)

Step = Callable[[], Any]


def nothing() -> None:
    """A step that does nothing."""


@dataclass
class Log:
    """What happened, in order, over both ends of a drive."""

    said: list[str] = field(default_factory=list)

    def __call__(self, *words: object) -> None:
        self.said.append(" ".join(map(str, words)))


@dataclass
class ScriptedTransport:
    """`on_send` is called where the wire would be: it may raise; `batches` are given one after another,
    each until it is acknowledged."""

    log: Log
    batches: list[Batch] = field(default_factory=list)
    on_send: Step = nothing
    before_press: Step = nothing
    on_lookup: Callable[[str], Address | None] = lambda phone: Address(phone, phone.lstrip("+"))
    tells_lids: bool = False
    proofs: dict[Key, Sent] = field(default_factory=dict)
    ids: Any = field(default_factory=lambda: count(1))

    def open(self) -> Opened:
        """Online at once."""
        self.log("open")
        return Opened(Link.ONLINE)

    def pair(self, show: Callable[[PairingCode], None], deadline: float, **_more: object) -> Opened:
        """Nothing to pair."""
        return Opened(Link.ONLINE)

    def lookup(self, phone: str) -> Address | None:
        """As the script says."""
        self.log("lookup")
        return self.on_lookup(phone)

    def send(self, message: Outgoing, before_wire: Callable[[], None]) -> Sent:
        """Press, then the wire."""
        self.before_press()
        before_wire()
        self.log("wire", message.key.id)
        self.on_send()
        return Sent(f"3EB0{next(self.ids)}", timezone.now())

    def poll(self, timeout: float) -> Batch:
        """The next batch of the script."""
        self.log("poll")
        return self.batches[0] if self.batches else Batch()

    def acknowledge(self, batch: Batch) -> None:
        """The next batch's turn."""
        self.log("acknowledge", len(batch.events))
        if self.batches and batch is self.batches[0]:
            self.batches.pop(0)

    def prove(self, doubt: UncertainMessage) -> Sent | None:
        """What stands in the chat, by the script."""
        self.log("prove", doubt.key.id)
        return self.proofs.get(doubt.key)

    def close(self) -> None:
        """Noted."""
        self.log("close")


@dataclass
class ScriptedOutbox:
    """Gives out `queue` in turn; the named hooks may raise."""

    log: Log
    queue: list[Outgoing | Idle] = field(default_factory=list)
    on_press: Step = nothing
    on_settle: Step = nothing
    on_record: Step = nothing
    doubts: list[UncertainMessage] = field(default_factory=list)
    settled: dict[int, Outcome] = field(default_factory=dict)
    waiting: list[tuple[str, str]] = field(default_factory=list)

    def next(self, token: LeaseToken) -> Outgoing | Idle:
        """The next of the queue; then nothing is due."""
        self.log("claim")
        return self.queue.pop(0) if self.queue else Idle()

    def before_wire(self, token: LeaseToken, key: Key, message_id: str = "") -> None:
        """Noted, unless the hook raises."""
        self.on_press()
        self.log("press", key.id)

    def settle(self, token: LeaseToken, key: Key, outcome: Outcome) -> None:
        """Kept, unless the hook raises."""
        self.on_settle()
        self.log("settle", key.id, type(outcome).__name__)
        self.settled[key.id] = outcome

    def record_lookup(self, token: LeaseToken, key: Key, address: Address | None) -> None:
        """Noted."""
        self.log("resolved", address.wa_id if address else None)

    def record_event(self, session_id: int, event: OfMessages) -> None:
        """Noted, unless the hook raises."""
        self.on_record()
        self.log("heard", event.message_id)

    def recover(self, token: LeaseToken) -> int:
        """Noted."""
        self.log("recover")
        return 0

    def uncertain_messages(self, token: LeaseToken) -> list[UncertainMessage]:
        """The script's doubts."""
        self.log("doubts")
        return list(self.doubts)

    def confirm_sent(self, token: LeaseToken, key: Key, sent: Sent) -> None:
        """Noted."""
        self.log("proved", key.id)

    def awaiting_receipts(self, token: LeaseToken) -> list[tuple[str, str]]:
        """The script's."""
        return self.waiting


def batch(*events: Event, more: bool = False) -> Batch:
    """What one poll gives."""
    return Batch(events, more)
