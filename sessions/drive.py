"""The loop that claims, sends and settles; shared by visits and hosts.

Each step is small and returns a value. The ledger steps that follow a send are repeated while the
database is away for a moment, because what was sent must not be forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from time import monotonic
from typing import Protocol

import structlog

from blu.lib import clock
from blu.lib.patience import patiently
from sessions.events import Entering, Event, Link, LinkChange, PhoneSeen, ReadOut
from sessions.interfaces import (
    Grip,
    Idle,
    InDoubt,
    LeaseLost,
    LinkLost,
    NotSent,
    Outbox,
    Outcome,
    Outgoing,
    Sent,
    Transport,
)

log = structlog.get_logger()

POLL = 1.0  # seconds one wait for events lasts at the most
COLLECT_ROUNDS = 200  # of those that open no chat
COLLECT_SECONDS = 30.0  # for chats beyond these `run` gives its slice, before it claims


class Signal(Protocol):
    """Something that may be set from elsewhere: a stop asked for, a lease lost."""

    def is_set(self) -> bool:
        """True once it happened."""


@dataclass
class Drive:
    """One opened session being driven under one grip."""

    grip: Grip
    transport: Transport
    outbox: Outbox
    lost: Signal
    stop: Signal
    on_proof: Callable[[], None] = field(default=lambda: None)
    sent: int = 0
    idle_until: datetime | None = None
    _unread: bool = False
    _reconciled: bool = False

    def prepare(self) -> None:
        """Before anything is claimed: settle what older fences left, hear every unread reply and
        what they may have read without keeping it, and look for what is in doubt.
        """
        patiently(lambda: self.outbox.recover(self.grip))
        self.transport.recall(self.outbox.marks(self.grip))
        self.transport.expect(self.outbox.awaiting_receipts(self.grip))
        self.collect()
        if not self._unread:
            self.reconcile()
            self.collect()

    def reconcile(self) -> int:
        """Look in the chats for rows in doubt; how many were proved. Absence proves nothing.

        Opening a chat takes its badge away, so all that is unread is read before.
        """
        self._reconciled = True
        proved = 0
        for doubt in self.outbox.uncertain_messages(self.grip):
            self._check()
            if self.stop.is_set():
                break
            self._mark(doubt.to.phone)
            sent = self.transport.prove(doubt)
            if sent is not None:
                patiently(lambda d=doubt, s=sent: self.outbox.confirm_sent(self.grip, d.key, s))  # type: ignore[misc]
                proved += 1
        return proved

    def collect(self) -> int:
        """Hear events until there is nothing new; how many were heard."""
        heard = rounds = 0
        end = monotonic() + COLLECT_SECONDS
        while rounds < COLLECT_ROUNDS and monotonic() < end and not self.stop.is_set():
            self._check()
            events = self.listen(0)
            heard += len(events)
            rounds += not self._unread
            if not events:
                break
        return heard

    def run(self, deadline: float) -> None:
        """Claim, send and settle until `deadline` (monotonic seconds), a stop, or nothing to do."""
        while monotonic() < deadline and not self.stop.is_set():
            self.listen(0)
            if self._unread:
                continue
            if not self._reconciled:
                self.reconcile()
                continue
            turn = self.turn()
            self.idle_until = turn.until if isinstance(turn, Idle) else None
            if isinstance(turn, Idle) and not self._wait(turn.until, deadline):
                return

    def turn(self) -> Outgoing | Idle:
        """One message from claim to settle, or why there is none."""
        self._check()
        claimed = self.outbox.next(self.grip)
        if isinstance(claimed, Outgoing):
            self._deliver(claimed)
            self.sent += 1
        return claimed

    def listen(self, timeout: float) -> list[Event]:
        """Take what the transport reports into the ledger; LinkLost when the link went away."""
        events = self.transport.poll(timeout)
        for event in events:
            patiently(lambda event=event: self._take(event))  # type: ignore[misc]
        # Only now: what came with the bad news is kept.
        for event in events:
            if isinstance(event, LinkChange) and event.link is not Link.ONLINE:
                raise LinkLost(event.reason, event.link, event.until)
        self._unread = any(isinstance(event, Entering) for event in events)
        if any(not isinstance(event, Entering | ReadOut | PhoneSeen) for event in events):
            self.on_proof()
        return events

    def _take(self, event: Event) -> None:
        """In the order of the events: a chat's mark goes after its replies were kept."""
        if isinstance(event, Entering):
            self.outbox.entering(self.grip, event)
        elif isinstance(event, ReadOut):
            self.outbox.read_out(self.grip, event.chat)
        elif not isinstance(event, LinkChange):
            self.outbox.record_event(self.grip.session_id, event)

    def linger(self, deadline: float) -> None:
        """Stay for ticks of what was just sent, until none is missing or `deadline`."""
        while monotonic() < deadline and not self.stop.is_set():
            self._check()
            if not self.outbox.awaiting_receipts(self.grip):
                return
            self.listen(POLL)

    def _deliver(self, claimed: Outgoing) -> None:
        pressed = False

        def before_wire() -> None:
            nonlocal pressed
            self._check()
            patiently(lambda: self.outbox.before_wire(self.grip, claimed.key))
            pressed = True

        self._mark(claimed.to.phone)
        try:
            outcome: Outcome = self.transport.send(self._addressed(claimed), before_wire)
        except (NotSent, InDoubt) as settled:
            outcome = settled
        except LinkLost as lost:
            self._settle(
                claimed,
                InDoubt("link_lost") if pressed else NotSent(lost.reason, permanent=False),
            )
            raise
        self._settle(claimed, outcome)

    def _addressed(self, claimed: Outgoing) -> Outgoing:
        """The message with WhatsApp's own id, looked up just in time where it isn't remembered."""
        if claimed.to.wa_id:
            return claimed
        address = self.transport.lookup(claimed.to.phone)
        patiently(lambda: self.outbox.record_lookup(self.grip, claimed.key, address))
        if address is None:
            raise NotSent("not_on_whatsapp", permanent=True)
        return replace(claimed, to=address)

    def _settle(self, claimed: Outgoing, outcome: Outcome) -> None:
        patiently(lambda: self.outbox.settle(self.grip, claimed.key, outcome))
        if isinstance(outcome, Sent):
            self.on_proof()
            return
        log.info("not_sent", key=claimed.key, outcome=type(outcome).__name__, reason=outcome.reason)

    def _mark(self, phone: str) -> None:
        """Replies that come while this chat is open show no badge: whoever comes next looks there."""
        if self.transport.silences():
            patiently(lambda: self.outbox.entering(self.grip, Entering(phone)))

    def _check(self) -> None:
        if self.lost.is_set():
            raise LeaseLost

    def _wait(self, until: datetime | None, deadline: float) -> bool:
        """Listen until `until`; False when that is never or beyond the deadline: the visit may end."""
        if until is None:
            return False
        seconds = (until - clock.now()).total_seconds()
        if monotonic() + seconds > deadline:
            return False
        end = monotonic() + max(seconds, 0.05)
        while monotonic() < end and not self.stop.is_set():
            self._check()
            self.listen(min(POLL, max(0.05, end - monotonic())))
        return True
