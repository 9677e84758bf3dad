"""One bounded opening of a session: lease, open, collect, drive, close, release."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import structlog
from django.db.models import Q
from django.db.models.functions import Now

from blu.lib import clock
from blu.lib.patience import patiently
from sessions import homes, runners, services
from sessions.drive import Drive, Signal
from sessions.events import Link
from sessions.interfaces import Grip, LeaseLost, LinkLost, Outbox
from sessions.models import VISITABLE, State, WhatsAppSession
from sessions.registry import home_of, transport_for

log = structlog.get_logger()

SLICE = 240.0  # seconds a visit may claim for: django-q2's timeout stays above it
LINGER = (
    8.0  # seconds a visit stays for the ticks of what it has sent; later ones wait for the next
)
# When a link that doesn't say itself when it is well again is looked at next.
LOOK_AGAIN = {
    Link.RESTRICTED: timedelta(days=1),
    Link.STOPPED: timedelta(minutes=30),
}

STATE_OF = {
    Link.OFFLINE: State.OFFLINE,
    Link.NEEDS_PAIRING: State.LOGGED_OUT,
    Link.LOGGED_OUT: State.LOGGED_OUT,
    Link.CONFLICT: State.CONFLICT,
    Link.RESTRICTED: State.RESTRICTED,
    Link.STOPPED: State.OFFLINE,
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
    with runners.running() as runner:
        held = runner.take(session_id)
        if held is None:
            return Visited("busy")
        grip = held.grip
        patiently(lambda: outbox.recover(grip))
        try:
            transport = transport_for(session, stop.is_set)
            homes.make_ready(session, grip)
        except LeaseLost:
            return Visited("lease lost")
        except LinkLost as lost:
            _lost(grip, lost)
            return Visited("link lost")
        proof = Throttled(lambda: patiently(lambda: services.proven(session_id)))
        drive = Drive(grip, transport, outbox, lost=held, stop=stop, on_proof=proof)
        try:
            return _driven(session, drive)
        except LeaseLost:
            log.warning("lease_lost", session=session_id, fence=grip.fence)
            return Visited("lease lost", drive.sent)
        except LinkLost as lost:
            return _cut_short(drive, lost)
        finally:
            transport.close()
            homes.keep(session, grip)


def _recovered(session_id: int, outbox: Outbox) -> Visited:
    """A session that may not be opened: what its dead driver had in hand is settled all the same."""
    if not outbox.has_in_flight(session_id):
        return Visited("not due")
    with runners.running() as runner:
        held = runner.take(session_id)
        if held is None:
            return Visited("busy")
        patiently(lambda: outbox.recover(held.grip))
    return Visited("recovered")


def _driven(session: WhatsAppSession, drive: Drive) -> Visited:
    opened = drive.transport.open(home_of(session))
    if opened.link is not Link.ONLINE:
        raise LinkLost(opened.reason, opened.link, opened.until)
    services.set_state(session.pk, State.ONLINE, grip=drive.grip)
    services.proven(session.pk, opened=opened)
    drive.prepare()
    drive.run(monotonic() + clock.scaled(SLICE))
    drive.linger(monotonic() + clock.scaled(LINGER))
    drive.collect()
    patiently(lambda: _rested(drive))
    return Visited("done", drive.sent)


def _rested(drive: Drive) -> None:
    """A fine visit is over: the session rests until something is due."""
    services.set_state(drive.grip.session_id, State.RESTING, grip=drive.grip)
    services.rest(drive.grip.session_id, idle_until=drive.idle_until)


def _cut_short(drive: Drive, lost: LinkLost) -> Visited:
    if lost.link is Link.OFFLINE and drive.stop.is_set():
        # Nobody waited long enough to know: the next visit will.
        services.wake(drive.grip.session_id)
        return Visited("stopping", drive.sent)
    _lost(drive.grip, lost)
    return Visited("link lost", drive.sent)


def _lost(grip: Grip, lost: LinkLost) -> None:
    """Say in the session's state what happened; nothing is failed for it."""
    log.warning("link_lost", session=grip.session_id, link=lost.link.value, reason=lost.reason)
    state = STATE_OF.get(lost.link, State.OFFLINE)
    until = lost.until or (clock.now() + LOOK_AGAIN[lost.link] if lost.link in LOOK_AGAIN else None)
    try:
        patiently(
            lambda: services.set_state(grip.session_id, state, lost.reason, until=until, grip=grip)
        )
    except LeaseLost:
        log.warning("lease_lost", session=grip.session_id, fence=grip.fence)


def _due(session_id: int) -> WhatsAppSession | None:
    """The session if it may be visited now: linked, and not told to wait until later."""
    well = Q(state__in=VISITABLE, state_until=None) | Q(
        state__in=(*VISITABLE, State.RESTRICTED), state_until__lte=Now()
    )
    return WhatsAppSession.objects.filter(well, pk=session_id, linked_at__isnull=False).first()
