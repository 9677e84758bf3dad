"""One bounded opening of a session: lease, open, collect, drive, close, release."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from time import monotonic

import structlog
from django.db.models import Q
from django.db.models.functions import Now

from blu.lib import clock
from blu.lib.patience import patiently
from sessions import homes, leases, services
from sessions.drive import Drive, Signal
from sessions.events import Link
from sessions.history import set_state
from sessions.interfaces import Grip, LeaseLost, LinkLost, Outbox
from sessions.models import WhatsAppSession
from sessions.registry import backend_of
from sessions.states import VISITED, VISITED_IN_TIME, State, state_of
from sessions.visit_loop import collect, drive_until, linger_until

log = structlog.get_logger()

SLICE = 240.0  # seconds a visit may claim for: django-q2's timeout stays above it
LINGER = (
    8.0  # seconds a visit stays for the ticks of what it has sent; later ones wait for the next
)
# When a link that doesn't say itself when it is well again is looked at next.
LOOK_AGAIN = {
    State.RESTRICTED: timedelta(days=1),
    State.STOPPED: timedelta(minutes=30),
    State.OUTDATED: timedelta(hours=1),
}


@dataclass
class Throttled:
    """Calls `step` at most every few seconds: a proof a message would be a write a message."""

    step: Callable[[], None]
    every: float = 5.0
    _last: float = float("-inf")

    def __call__(self) -> None:
        """Call the step unless it was called a moment ago."""
        if monotonic() - self._last >= self.every:
            self._last = monotonic()
            self.step()


@dataclass(frozen=True)
class Visited:
    """What a visit came to: "done", "busy" (somebody else drives it), "not due" or why it ended."""

    outcome: str
    sent: int = 0


def visit(session_id: int, *, outbox: Outbox, stop: Signal) -> Visited:
    """Visit a session once. Never raises for what WhatsApp, the browser or the lease may do."""
    if stop.is_set():
        # Taken by a cluster that is about to stop: another one is rung for at once.
        services.wake(session_id)
        return Visited("stopping")
    session = _due(session_id)
    if session is None or homes.belongs_elsewhere(session):
        return Visited("not due") if session else _recovered(session_id, outbox)
    grip = leases.acquire(session_id)
    if grip is None:
        return Visited("busy")
    with leases.kept(grip) as keeper:
        patiently(lambda: outbox.recover(grip))
        try:
            awaiting = partial(outbox.awaiting_receipts, grip)
            transport = backend_of(session).make(session, awaiting=awaiting, stopping=stop.is_set)
            homes.make_ready(session, grip)
        except LeaseLost:
            return Visited("lease lost")
        except LinkLost as lost:
            _lost(grip, lost)
            return Visited("link lost")
        proof = Throttled(lambda: patiently(lambda: services.proven(session_id)))
        drive = Drive(grip, transport, outbox, lost=keeper.lost, on_proof=proof)
        try:
            return _driven(session, drive, stop)
        except LeaseLost:
            log.warning("lease_lost", session=session_id, fence=grip.fence)
            return Visited("lease lost", drive.sent)
        except LinkLost as lost:
            return _cut_short(drive, lost, stop)
        finally:
            transport.close()
            homes.keep(session, grip)


def _recovered(session_id: int, outbox: Outbox) -> Visited:
    """A session that may not be opened: what its dead driver had in hand is settled all the same."""
    if not outbox.has_in_flight(session_id):
        return Visited("not due")
    grip = leases.acquire(session_id)
    if grip is None:
        return Visited("busy")
    with leases.kept(grip):
        patiently(lambda: outbox.recover(grip))
    return Visited("recovered")


def _driven(session: WhatsAppSession, drive: Drive, stop: Signal) -> Visited:
    opened = drive.transport.open()
    if opened.link is not Link.ONLINE:
        raise LinkLost(opened.reason, opened.link, opened.until, params=opened.params)
    _arrived(session, drive.grip)
    services.proven(session.pk, opened=opened)
    drive_until(monotonic() + clock.scaled(SLICE), drive, stop)
    linger_until(monotonic() + clock.scaled(LINGER), drive, stop)
    collect(drive, stop)
    patiently(lambda: _rested(drive))
    return Visited("done", drive.sent)


def _arrived(session: WhatsAppSession, grip: Grip) -> None:
    leases.note_pids(grip, [*leases.own_pids(), *homes.processes_on(homes.path_of(session))])
    set_state(session.pk, State.ONLINE, grip=grip)


def _rested(drive: Drive) -> None:
    """A fine visit is over: the session rests until something is due."""
    set_state(drive.grip.session_id, State.RESTING, grip=drive.grip)
    services.rest(drive.grip.session_id, idle_until=drive.idle_until)


def _cut_short(drive: Drive, lost: LinkLost, stop: Signal) -> Visited:
    if lost.link is Link.OFFLINE and stop.is_set():
        # Nobody waited long enough to know: the next visit will.
        services.wake(drive.grip.session_id)
        return Visited("stopping", drive.sent)
    _lost(drive.grip, lost)
    return Visited("link lost", drive.sent)


def _lost(grip: Grip, lost: LinkLost) -> None:
    """Say in the session's state what happened; nothing is failed for it."""
    log.warning("link_lost", session=grip.session_id, link=lost.link.value, reason=lost.reason)
    state = state_of(lost.link)
    until = lost.until or (clock.now() + LOOK_AGAIN[state] if state in LOOK_AGAIN else None)
    try:
        patiently(
            lambda: set_state(
                grip.session_id, state, lost.reason, params=lost.params, until=until, grip=grip
            )
        )
    except LeaseLost:
        log.warning("lease_lost", session=grip.session_id, fence=grip.fence)


def _due(session_id: int) -> WhatsAppSession | None:
    """The session if it may be visited now: linked, and not told to wait until later."""
    well = Q(state__in=VISITED) | Q(state__in=VISITED_IN_TIME, state_until__lte=Now())
    return WhatsAppSession.objects.filter(well, pk=session_id, linked_at__isnull=False).first()
