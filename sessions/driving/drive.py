"""The steps that claim, send and settle; shared by visits and hosts.

A drive neither waits nor repeats: `step` does one thing and says when it wants to be called next. Who
loops around it waits (`sessions.driving.visit_loop`), and whoever makes its outbox decides what is repeated
while the database is away (`sessions.driving.retrying_outbox`).
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

import structlog

from sessions.events import Event, Link, LinkChange, Receipt
from sessions.interfaces import (
    Batch,
    HearsProofs,
    Idle,
    InDoubt,
    LeaseLost,
    LeaseToken,
    LinkLost,
    NotSent,
    Outbox,
    Outcome,
    Outgoing,
    ProvesByLooking,
    Sent,
    TellsLids,
    Transport,
    UncertainMessage,
)

log = structlog.get_logger()

SOONEST = timedelta(milliseconds=50)
"""Between two looks for work where there was none: what is due may be due by another clock."""


ASK_FOR_DOUBTS = timedelta(minutes=10)
"""Between two questions what is in doubt: how often a link is visited that has nothing to send."""

ASK_AFTER_NEWS = timedelta(seconds=5)
"""The same, where a receipt was heard that may be the proof."""


class Signal(Protocol):
    """Something that may be set from elsewhere: a stop asked for, a lease lost."""

    def is_set(self) -> bool:
        """True once it happened."""


class Flow(Protocol):
    """How many messages of a link are under way at once, each from its press to its settlement."""

    def enter(self) -> bool:
        """Take a place for one, before it is claimed; raises what an earlier one has raised."""

    def leave(self) -> None:
        """Give the place back: nothing was claimed."""

    def run(self, delivery: Callable[[], None]) -> None:
        """Deliver on the place that was taken, and give it back."""

    def wait(self) -> None:
        """Until none is under way."""


class OneByOne:
    """In the thread of who steps: there is always a place when the next one is asked for."""

    def enter(self) -> bool:
        """Always."""
        return True

    def leave(self) -> None:
        """Nothing was taken."""

    def run(self, delivery: Callable[[], None]) -> None:
        """Deliver at once, and raise what comes of it."""
        delivery()

    def wait(self) -> None:
        """None ever is."""


@dataclass
class Drive:
    """One opened link being driven under one token. LeaseLost and LinkLost end it.

    `sends` is False for a link that isn't its session's active one: it only hears and proves. `flow` says how
    many messages are under way at once; hearing and claiming are one thing after the other all the same.
    """

    token: LeaseToken
    transport: Transport
    outbox: Outbox
    lost: Signal
    sends: bool = True
    flow: Flow = field(default_factory=OneByOne)
    on_proof: Callable[[], None] = field(default=lambda: None)
    on_limits: Callable[[LinkChange], None] = field(default=lambda _told: None)
    sent: int = 0
    idle_until: datetime | None = None
    _is_idle: bool = False
    _recovered: bool = False
    _in_doubt: list[UncertainMessage] = field(default_factory=list)
    _doubts_at: datetime | None = None
    _has_doubts: bool = False
    _has_news: bool = False
    _prover: ProvesByLooking | None = field(init=False)
    _teller: TellsLids | None = field(init=False)
    _hears_proofs: bool = field(init=False)

    def __post_init__(self) -> None:
        # Once, because it takes a while to see what a transport is able to do.
        self._prover = self.transport if isinstance(self.transport, ProvesByLooking) else None
        self._teller = self.transport if isinstance(self.transport, TellsLids) else None
        self._hears_proofs = isinstance(self.transport, HearsProofs) and self.transport.hears_proofs

    def step(self, now: datetime, *, asks: bool = True) -> datetime | None:
        """Do one thing, and return when to be called next: `now` for at once, None when nothing waits.

        Where there was no work a moment ago, a step that doesn't ask for it only hears: of what is heard receipts
        make none.

        First what older fences left is settled, then everything unread is heard, then what is in doubt
        is looked for; from then on each step hears, and sends one message. Nothing is sent, and no chat
        opened for a proof, while something is unread: it may be a SAIR.
        """
        self._check()
        if not self._recovered:
            self.outbox.recover(self.token)
            self._recovered = True
        if self.hear(0).more or self._reconcile(now):
            return now
        if not self.sends:
            return None
        if self._is_idle and not asks:
            return self.idle_until and max(self.idle_until, now + SOONEST)
        if not self.flow.enter():
            return now + SOONEST
        claimed = self._claimed()
        if isinstance(claimed, Idle):
            self._is_idle, self.idle_until = True, claimed.until
            return claimed.until and max(claimed.until, now + SOONEST)
        self._is_idle, self.idle_until = False, None
        self.flow.run(partial(self._deliver, claimed))
        self.sent += 1
        return now

    def hear(self, timeout: float) -> Batch:
        """Keep what the transport reports, then acknowledge it.

        LinkLost when the link went away: whoever keeps that has all of the batch acknowledged.
        """
        self._check()
        batch = self.transport.poll(timeout)
        for event in batch.events:
            self._keep(event)
        acknowledge = partial(self.transport.acknowledge, batch)
        # Only now: what came with the bad news is kept.
        for event in batch.events:
            if isinstance(event, LinkChange) and event.link is not Link.ONLINE:
                raise LinkLost(
                    event.reason,
                    event.link,
                    event.until,
                    params=event.params,
                    acknowledge=acknowledge,
                )
        told = [event for event in batch.events if isinstance(event, LinkChange) and event.reason]
        for limits in told:
            self.on_limits(limits)
        acknowledge()
        if len(batch.events) > len(told):
            self.on_proof()
        return batch

    def _keep(self, event: Event) -> None:
        if not isinstance(event, LinkChange):
            self.outbox.record_event(self.token.session_id, event)
        if not isinstance(event, Receipt):
            self._is_idle = False  # an answer may want one, limits may have changed
        elif self._has_doubts and self._hears_proofs:
            self._has_news = True

    def awaits_receipts(self) -> bool:
        """Whether a tick of a recent message is still to come."""
        return bool(self.outbox.awaiting_receipts(self.token))

    def _check(self) -> None:
        if self.lost.is_set():
            raise LeaseLost

    def _reconcile(self, now: datetime) -> bool:
        """Look for one message in doubt; False when none is left. Absence proves nothing."""
        if self._prover is None:
            return False
        pause = ASK_AFTER_NEWS if self._has_news else ASK_FOR_DOUBTS
        if self._doubts_at is None or now >= self._doubts_at + pause:
            self._doubts_at, self._has_news = now, False
            self._in_doubt = self.outbox.uncertain_messages(self.token)
            self._has_doubts = bool(self._in_doubt)
        if not self._in_doubt:
            return False
        message = self._in_doubt.pop(0)
        sent = self._prover.prove(message)
        if sent is not None:
            self.outbox.confirm_sent(self.token, message.key, sent)
        return True

    def _claimed(self) -> Outgoing | Idle:
        """The next message, on the place that was taken for it."""
        claimed: Outgoing | Idle = Idle()
        try:
            claimed = self.outbox.next(self.token)
        finally:
            if isinstance(claimed, Idle):
                self.flow.leave()
        return claimed

    def _deliver(self, claimed: Outgoing) -> None:
        pressed = False

        def before_wire(message_id: str = "") -> None:
            nonlocal pressed
            self._check()
            self.outbox.before_wire(self.token, claimed.key, message_id)
            pressed = True

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
        """The message with WhatsApp's own ids, looked up just in time where one isn't remembered.

        Also for the LID alone: the person may have asked to stop under that, as somebody without a number.
        """
        to = claimed.to
        if to.wa_id and (to.lid or not self._tells_lids()):
            return claimed
        address = self.transport.lookup(to.phone)
        self.outbox.record_lookup(self.token, claimed.key, address)
        if address is None:
            raise NotSent("not_on_whatsapp", permanent=True)
        told = replace(address, wa_id=address.wa_id or to.wa_id, lid=address.lid or to.lid)
        return replace(claimed, to=told)

    def _tells_lids(self) -> bool:
        return self._teller is not None and self._teller.tells_lids

    def _settle(self, claimed: Outgoing, outcome: Outcome) -> None:
        self.outbox.settle(self.token, claimed.key, outcome)
        if isinstance(outcome, InDoubt):
            # The receipt may have been heard before.
            self._has_doubts = self._has_news = True
        if isinstance(outcome, Sent):
            self.on_proof()
            return
        log.info("not_sent", key=claimed.key, outcome=type(outcome).__name__, reason=outcome.reason)
