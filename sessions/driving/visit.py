"""One bounded opening of a session: lease, open, collect, drive, close, release."""

from dataclasses import dataclass, field, replace
from functools import partial
from time import monotonic

import structlog
from django.conf import settings

from blu.db import clock
from blu.db.retry import retry_while_away
from sessions import models
from sessions.driving import (
    account_limits,
    homes,
    leases,
    link_losses,
    link_updates,
    moving,
    runners,
)
from sessions.driving.claim_due import Work, claim_due
from sessions.driving.drive import Drive, Signal
from sessions.driving.history import set_state
from sessions.driving.runners import Held
from sessions.driving.throttled import Throttled
from sessions.driving.visit_loop import collect, drive_until, linger_until
from sessions.events import Link
from sessions.interfaces import LeaseLost, LinkLost, Outbox
from sessions.registry import backend_of
from sessions.states import State

log = structlog.get_logger()

LINGER = (
    8.0  # seconds a visit stays for the ticks of what it has sent; later ones wait for the next
)
SWITCHED = "switched"  # it sends from now on, by the next visit


@dataclass(frozen=True)
class Visited:
    """What a visit came to: "done", "busy" (another runner drives it), "not due" or why it ended."""

    outcome: str
    sent: int = 0
    session: int | None = field(default=None, compare=False)


def visit(*, outbox: Outbox, work: Work, stop: Signal, only: int | None = None) -> Visited:
    """Visit the next session for which something is due; with `only` the
    active link of that one, if it may be opened.

    Never raises for what WhatsApp, the browser or the lease may do.
    """
    if stop.is_set():
        # Nothing was claimed yet: another ticket finds what is due.
        return Visited("stopping")
    with runners.running() as runner:
        link = None if only is None else leases.active_link(only)
        due = claim_due(runner, work, limit=1, always=link is not None, only=link)
        if not due:
            busy = link is not None and leases.is_held(link)
            return Visited("busy" if busy else "not due")
        retry_while_away(lambda: outbox.recover(due[0].held.token))
        done = _visited(due[0].held, outbox, stop) if due[0].opens else Visited("recovered")
        if done.outcome == SWITCHED:
            retry_while_away(lambda: link_updates.wake(due[0].held.token.session_id))
        return replace(done, session=due[0].held.token.session_id)


def _visited(held: Held, outbox: Outbox, stop: Signal) -> Visited:
    token = held.token
    link = models.Link.objects.select_related("session").get(pk=token.link_id)
    try:
        awaiting = partial(outbox.awaiting_receipts, token)
        transport = backend_of(link).make(link, awaiting=awaiting, stopping=stop.is_set)
        homes.make_ready(link, token)
    except LeaseLost:
        return Visited("lease lost")
    except LinkLost as lost:
        link_losses.record(token, lost)
        return Visited("link lost")
    proof = Throttled(lambda: retry_while_away(lambda: link_updates.proven(token)))
    # Another link than the active one hears and proves, but nothing goes out by it.
    sends = link.session.active_link_id == link.pk
    drive = Drive(token, transport, outbox, lost=held, sends=sends, on_proof=proof)
    drive.on_limits = lambda told: retry_while_away(
        lambda: account_limits.keep(link, told, token=token)
    )
    try:
        return _driven(link, drive, stop)
    except LeaseLost:
        log.warning("lease_lost", session=token.session_id, fence=token.fence)
        return Visited("lease lost", drive.sent)
    except LinkLost as lost:
        return _cut_short(drive, lost, stop)
    finally:
        transport.close()
        homes.keep(link, token)
        # Only now: the last ones are set back while it closes.
        retry_while_away(lambda: link_updates.record_badges(link.pk, transport))


def _driven(link: models.Link, drive: Drive, stop: Signal) -> Visited:
    opened = drive.transport.open()
    if opened.link is not Link.ONLINE:
        raise LinkLost(opened.reason, opened.link, opened.until, params=opened.params)
    set_state(link.pk, State.ONLINE, token=drive.token)
    link_updates.opened(drive.token, opened)
    if not drive.sends and moving.go_over(drive.token, drive.transport):
        return Visited(SWITCHED)
    drive_until(monotonic() + clock.scaled(settings.VISIT_SECONDS), drive, stop)
    linger_until(monotonic() + clock.scaled(LINGER), drive, stop)
    collect(drive, stop)
    retry_while_away(lambda: _rested(drive))
    return Visited("done", drive.sent)


def _rested(drive: Drive) -> None:
    """A fine visit is over: the session rests until something is due."""
    set_state(drive.token.link_id, State.RESTING, token=drive.token)
    link_updates.rest(drive.token, idle_until=drive.idle_until)


def _cut_short(drive: Drive, lost: LinkLost, stop: Signal) -> Visited:
    if lost.link is Link.OFFLINE and stop.is_set():
        # Nobody waited long enough to know: the next visit will.
        link_updates.wake(drive.token.session_id)
        return Visited("stopping", drive.sent)
    link_losses.record(drive.token, lost)
    return Visited("link lost", drive.sent)
