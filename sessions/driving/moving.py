"""An account moves to another of its links: the new one proves itself, the switch, and the old one asleep.

docs/decisions/0050: the old link sends until WhatsApp has answered on the new one; then the new one sends, from one
transaction to the next.
"""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Least, Now

from blu.db import clock
from blu.text import phone as phones
from sessions.driving import leases, link_updates
from sessions.driving.history import note, set_state
from sessions.interfaces import AsksOfItself, LeaseToken, Transport
from sessions.models import Link, LinkMove, WhatsAppSession
from sessions.reasons import Code
from sessions.states import State

log = structlog.get_logger()

KEPT_FOR = timedelta(days=7)
CLOSES_WITHIN = (
    15.0  # seconds before a link is opened as the one that sends, unless its driver says so
)


class CantSwitch(Exception):
    """Why a link can't become the one that sends: "restricted", "not_linked" or "other_number"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def is_restricted(session: WhatsAppSession) -> bool:
    """Whether WhatsApp restricts the account, altogether or for new chats: no other link is a way around that."""
    limited = Q(new_chats_left=0, new_chats_until__gt=Now()) & ~Q(
        new_chats_reason=Code.NEW_CHATS_SPENT
    )
    asked = WhatsAppSession.objects.filter(pk=session.pk)
    return asked.filter(limited | ~Q(restriction="")).exists()


@transaction.atomic
def switch(link: Link) -> bool:
    """Make `link` the one that sends for its session; False where it already is.

    Every lease of the session's links ends, under new fences: whoever drives one finds LeaseLost at its
    next claim, press or settle, and the next holder of `link` has a fence greater than all rows before
    it. The account's age goes with it. Raises CantSwitch for a link that isn't linked, or to another number,
    and while WhatsApp restricts or bans the account.
    """
    session = leases.locked(link.session_id)
    link.refresh_from_db()
    if session.active_link_id == link.pk:
        return False
    if is_restricted(session):
        raise CantSwitch("restricted")
    if link.linked_at is None or not State(link.state).is_linked:
        raise CantSwitch("not_linked")
    if session.phone not in phones.forms(link.phone):
        raise CantSwitch("other_number")
    leases.end_all(session.pk)
    since = session.linked_at or link.linked_at
    Link.objects.filter(pk=link.pk).update(linked_at=Least(F("linked_at"), since))
    # Nobody need open what hosts have kept open until now, unless a message has been in doubt since it last answered.
    never = Link.objects.filter(pk=session.link.pk, visited_at=None)
    never.update(visited_at=Coalesce("proven_at", Now()))
    WhatsAppSession.objects.filter(pk=session.pk).update(active_link=link, idle_until=None)
    link_updates.wake(session.pk)
    note(link, Code.SWITCHED)
    return True


def go_over(
    token: LeaseToken, transport: Transport, *, rest: Callable[[], None] = lambda: None
) -> bool:
    """Where the account waits to move to this link, have it prove itself, and switch. Returns whether it did:
    then its lease has ended, and it is opened anew as the one that sends. `rest` is called before it waits.
    """
    move = LinkMove.objects.filter(new=token.link_id, switched_at=None, ended_at=None).first()
    if move is not None:
        rest()
    if move is None or not _answers(token, transport):
        return False
    try:
        return _switched(move.pk, token)
    except CantSwitch as why:
        log.info("not_switched", session=token.session_id, reason=why.reason)
        return False


def _answers(token: LeaseToken, transport: Transport) -> bool:
    """Whether WhatsApp has answered on this link since it was linked, to what reaches nobody else."""
    if isinstance(transport, AsksOfItself):
        return transport.asks_of_itself()
    return Link.objects.filter(pk=token.link_id, proven_at__gt=F("linked_at")).exists()


@transaction.atomic
def _switched(move_id: int, token: LeaseToken) -> bool:
    """Who lost the lease, or whose move somebody has ended meanwhile, switches nothing."""
    leases.locked(token.session_id)
    leases.hold(token)
    if not switch(Link.objects.get(pk=token.link_id)):
        return False
    moved = LinkMove.objects.filter(pk=move_id, switched_at=None, ended_at=None)
    if not moved.update(switched_at=Now(), kept_until=Now() + KEPT_FOR):
        transaction.set_rollback(True)
        return False
    # Who drives it now closes it first, and then says that it is to be opened.
    pause = timedelta(seconds=clock.scaled(CLOSES_WITHIN))
    Link.objects.filter(pk=token.link_id).update(retry_at=Now() + pause)
    return True


def is_kept(link_id: int) -> bool:
    """Whether an account has moved away from this link, which sleeps until nobody wants to go back."""
    return LinkMove.objects.filter(
        old=link_id, switched_at__isnull=False, ended_at=None, session__active_link=F("new")
    ).exists()


def rest(token: LeaseToken) -> None:
    """The opening of a kept link is over: it has heard all there was, and sleeps for another day."""
    set_state(token.link_id, State.RESTING, token=token)
    Link.objects.filter(pk=token.link_id).update(visited_at=Now(), retry_at=None)
