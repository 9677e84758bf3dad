"""Linking an account: open the home, show codes, and say how it ended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic

import structlog
from django.conf import settings

from blu.db import clock
from blu.db.retry import retry_while_away
from sessions.driving import homes, runners
from sessions.driving.drive import Signal
from sessions.events import Link
from sessions.interfaces import LeaseLost, LeaseToken, LinkLost, Opened, PairingCode, Transport
from sessions.linking import accounts, services
from sessions.linking.claim_pairing import claim_pairing, count_waiting
from sessions.models import Pairing
from sessions.reasons import Code
from sessions.registry import RunsIn, backend_of
from sessions.states import State, state_of

log = structlog.get_logger()

TIME = 180.0  # seconds a person has to link, several QR codes long
# What another attempt doesn't change: the account itself has it.
LASTING = (Link.BANNED, Link.OUTDATED, Link.NEEDS_PASSKEY)
LOOK_EVERY = 1.0  # seconds between two looks whether the person still waits


class GaveUp(Exception):
    """The person closed the attempt, or started another one."""


class Stopping(Exception):
    """The cluster stops: the attempt stays open, and another one is enqueued."""


@dataclass
class Closed:
    """Set when the cluster stops or the code is not waited for any more.

    The person may have stopped waiting, or asked for the other kind of code.
    """

    pairing_id: int
    stop: Signal
    rest: Callable[[], None]
    _looked_at: float = float("-inf")
    _is_open: bool = True

    def is_set(self) -> bool:
        """True once the attempt should end; looks into the database at most every second."""
        if self.stop.is_set():
            return True
        if self._is_open and monotonic() - self._looked_at >= LOOK_EVERY:
            self._looked_at = monotonic()
            self._is_open = retry_while_away(lambda: services.is_open(self.pairing_id))
            self.rest()
        return not self._is_open


def pair(*, stop: Signal, only: int | None = None) -> str:
    """Run the next attempt that waits for this node to its end, with `only` that one; its status then.

    "" where none waits, or those that do are others' in hand.
    """
    if stop.is_set():
        return ""
    with runners.running() as runner:
        pairing = pair_next(runner, RunsIn.VISIT, stop=stop, only=only)
    if pairing is None:
        return ""
    if count_waiting():
        # The other kind of code was asked for, or somebody waited for this slot.
        services.enqueue_pairing(settings.NODE)
    pairing.refresh_from_db()
    return pairing.status


def pair_next(
    runner: runners.Heartbeat,
    pairs_in: RunsIn,
    *,
    stop: Signal,
    only: int | None = None,
    rest: Callable[[], None] = lambda: None,
    begins: Callable[[], None] = lambda: None,
) -> Pairing | None:
    """Run the next attempt of the kinds that a visit, or a host, pairs, to its end; None where none waits.

    `rest` is called before every wait: who shares connections to the database gives theirs back. `begins` is called
    once there is one.
    """
    claimed = claim_pairing(runner, pairs_in, only=only)
    if claimed is None:
        return None
    begins()
    pairing = Pairing.objects.select_related("link__session").get(pk=claimed.pairing_id)
    try:
        _tried(pairing, claimed.held.token, stop, rest)
    finally:
        runner.give_back(claimed.held)
    return pairing


def _tried(pairing: Pairing, token: LeaseToken, stop: Signal, rest: Callable[[], None]) -> None:
    try:
        transport = backend_of(pairing.link).make(pairing.link, stopping=stop.is_set)
        homes.make_ready_for_pairing(pairing.link, token)
    except LinkLost as lost:
        _failed(pairing, lost.reason, lost.params, lost.link)
        return
    try:
        _attempt(pairing, token, transport, Closed(pairing.pk, stop, rest))
    except Stopping:
        services.show_code(pairing.pk, code="")
    except GaveUp:
        log.info("pairing_given_up", session=token.session_id)
    except LeaseLost:
        log.warning("lease_lost", session=token.session_id, fence=token.fence)
    except LinkLost as lost:
        if stop.is_set():
            services.show_code(pairing.pk, code="")
        else:
            _failed(pairing, lost.reason, lost.params, lost.link)
    finally:
        transport.close()
    if Pairing.objects.filter(pk=pairing.pk, status=Pairing.Status.LINKED).exists():
        homes.keep(pairing.link, token)


def _attempt(pairing: Pairing, token: LeaseToken, transport: Transport, closed: Closed) -> None:
    closed.rest()
    opened = transport.open()
    if opened.link is Link.NEEDS_PAIRING:
        opened = transport.pair(
            lambda code: _show(pairing, code, closed),
            monotonic() + clock.scaled(TIME),
            phone=pairing.phone,
            stop=closed.is_set,
        )
        if opened.link is Link.NEEDS_PAIRING and closed.is_set():
            raise Stopping if closed.stop.is_set() else GaveUp
    _end(pairing, token, opened)


def _show(pairing: Pairing, code: PairingCode, closed: Closed) -> None:
    shown = services.show_code(pairing.pk, code=code.value, reason=code.reason, params=code.params)
    closed.rest()
    if not shown:
        raise GaveUp


def _end(pairing: Pairing, token: LeaseToken, opened: Opened) -> None:
    if opened.link is Link.ONLINE:
        try:
            services.linked(pairing, token=token, phone=opened.phone)
        except accounts.OtherAccount as why:
            log.warning("other_account", session=token.session_id, reason=why.reason)
            services.refuse_account(pairing, token=token, why=why)
    elif opened.link is Link.NEEDS_PAIRING:
        reason = opened.reason or Code.NOBODY_CAME
        services.end_pairing(pairing.pk, Pairing.Status.EXPIRED, reason, params=opened.params)
    else:
        _failed(pairing, opened.reason, opened.params, opened.link)


def _failed(pairing: Pairing, reason: str, params: Mapping[str, str], link: Link) -> None:
    """Nothing was linked; where WhatsApp says what the account itself lacks, its state does."""
    state = state_of(link) if link in LASTING else State.UNLINKED
    services.end_pairing(pairing.pk, Pairing.Status.FAILED, reason, params=params, state=state)
