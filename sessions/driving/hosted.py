"""One link in the hands of a host (see sessions.driving.host)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from time import monotonic

import structlog
from django.db import Error, connection

from sessions.driving import account_limits, link_updates, moving
from sessions.driving.drive import Drive
from sessions.driving.runners import Held
from sessions.driving.throttled import Throttled
from sessions.interfaces import LeaseLost, Outbox
from sessions.models import Link
from sessions.registry import backend_of

log = structlog.get_logger()

SHORT = timedelta(seconds=5)  # a rest that is not worth a word to the session
HEAR_EVERY = 60.0  # seconds after which also a link that said nothing is listened to
PROOF_EVERY = 30.0  # seconds between two words to the database that WhatsApp answered on a link
# Seconds, never scaled, of one step since the database has answered: it waits for WhatsApp.
BLOCKED_AFTER = 5.0
SPARE = 3  # threads that suffice for all others
BLOCKED_MOST = (
    100  # threads beside those of a host, of which there are none until nearly all are blocked
)


@dataclass(eq=False)
class Hosted:
    """One link in a host's hands; `drive` once it was opened, `busy` while its `step` waits for a thread or
    has one, and for good once it is let go: then it is closed when that step ends, if it ever does.
    """

    held: Held
    drive: Drive | None = None
    busy: bool = False
    step: Future[None] | None = None
    stepping_since: float | None = None  # monotonic seconds, while a thread has it
    silent_since: float = 0.0  # the same, since the database has answered last
    woken: bool = False
    has_work: bool = False  # as of the last look
    is_leaving: bool = False  # it is another host's from its next step on
    is_kept: bool = False  # asleep: it hears what there is, and is closed
    has_switched: bool = False  # it is the one that sends now, once it was closed and opened anew
    due_at: float = 0.0  # monotonic seconds
    asks_at: float = (
        0.0  # monotonic seconds: a step before then was only told that there is something to hear
    )
    asleep_until: datetime | None = None  # as far as the session has been told
    proof: Throttled = field(init=False)

    def __post_init__(self) -> None:
        self.proof = Throttled(partial(proven, self.held), HEAR_EVERY)

    def prepare(self, outbox: Outbox, *, wake: Callable[[], None]) -> tuple[Drive, Link]:
        """Make the drive of its link, yet to be opened; `wake` is called when there is something to hear. Returns both."""
        token = self.held.token
        link = Link.objects.select_related("session").get(pk=token.link_id)
        awaiting = partial(outbox.awaiting_receipts, token)
        drive = Drive(
            token, backend_of(link).make(link, awaiting=awaiting, wake=wake), outbox, lost=self.held,
            sends=link.session.active_link_id == link.pk, on_proof=Throttled(partial(proven, self.held), PROOF_EVERY),
            on_limits=lambda told: account_limits.keep(link, told, token=token),
        )  # fmt: skip
        self.drive, self.is_kept = drive, moving.is_kept(link.pk)
        return drive, link

    def database_answered(self) -> None:
        """Whatever the step in hand waits for now, from here on it isn't what the database was asked."""
        self.silent_since = monotonic()

    def asks_by_now(self) -> bool:
        """Whether the step that begins asks for work; whoever wakes it from then on is heard by the next."""
        asks = monotonic() >= self.asks_at
        if asks:
            self.asks_at = float("inf")
        return asks

    def asks_again(self, seconds: float) -> None:
        """Ask for work in so many seconds, if not sooner."""
        self.asks_at = min(self.asks_at, monotonic() + seconds)

    def has_done(self) -> bool:
        """Of one beside the active link: whether it is kept, and has heard all there was, or sends from now on."""
        assert self.drive is not None
        if self.is_kept:
            moving.rest(self.drive.token)
            return True
        self.has_switched = moving.go_over(
            self.drive.token, self.drive.transport, rest=connection.close
        )
        return self.has_switched

    def offer_on(self) -> None:
        """Closed here: whoever has room for it, or sends by it from now on, may take it at once."""
        with suppress(Error):
            if self.is_leaving:
                link_updates.offer(self.held.token.link_id)
            if self.has_switched:
                link_updates.wake(self.held.token.session_id)

    def put_to_sleep(self, until: datetime | None, now: datetime) -> None:
        """Say until when nothing can be sent, or each look would find work; it is only a hint."""
        if until is None or until == self.asleep_until or until - now < SHORT:
            return
        with suppress(Error):
            link_updates.put_to_sleep(self.held.token, until=until)
            self.asleep_until = until


def free_threads(busy: Collection[Hosted], *, let_go: int, threads: int) -> int:
    """How many more links may be stepped now, beside those that are busy. Where WhatsApp's silence blocks nearly all of the `threads`, those that it
    blocks don't count: no other link waits for its end.
    """
    now = monotonic()
    blocked = let_go + sum(
        one.stepping_since is not None and now - one.silent_since > BLOCKED_AFTER for one in busy
    )
    most = threads + (min(blocked, BLOCKED_MOST) if blocked > threads - SPARE else 0)
    return max(0, most - len(busy) - let_go)


def proven(held: Held) -> None:
    """Say that WhatsApp answered just now, where the database can be told."""
    try:
        with suppress(Error):
            link_updates.proven(held.token)
    finally:
        connection.close()


def settle_left(held: Held, outbox: Outbox) -> None:
    """It may not be opened: only what its dead driver had in hand is settled."""
    try:
        outbox.recover(held.token)
        held.runner.give_back(held)
    except (Error, LeaseLost) as error:
        log.warning("not_settled", session=held.token.session_id, error=type(error).__name__)
        held.runner.let_run_out(held)
