"""What people do to move an account to another link: begin, go back, end."""

from django.db import transaction
from django.db.models.functions import Now

from blu.accounts.models import User
from blu.accounts.refused import Refused
from sessions.driving import leases, moving
from sessions.linking import services
from sessions.linking.refusals import LinkRefusal
from sessions.models import Link, LinkMove, WhatsAppSession
from sessions.states import State


def open_of(session: WhatsAppSession) -> LinkMove | None:
    """The session's move, until nobody can go back any more."""
    moves = session.moves.filter(ended_at=None).select_related("old", "new", "requested_by")
    return moves.first()


def link_to_pair(session: WhatsAppSession) -> Link:
    """The link that a code would link: the one that the account moves to, or else the active one."""
    move = open_of(session)
    return session.link if move is None or move.has_switched else move.new


@transaction.atomic
def begin(*, session: WhatsAppSession, transport: str, actor: User) -> LinkMove:
    """The account is to move to a link of another kind, beside the one that goes on sending; a move that waits
    for its code is joined.

    Refused where it isn't linked, is restricted, or has moved lately and may still go back.
    """
    session = leases.locked(session.pk)
    move = open_of(session)
    if move and not move.has_switched and move.new.transport == transport:
        return move
    if move:
        raise Refused(LinkRefusal.MOVED_LATELY)
    if not State(session.state).is_linked or session.linked_at is None:
        raise Refused(LinkRefusal.NOT_LINKED)
    if moving.is_restricted(session):
        raise Refused(LinkRefusal.RESTRICTED)
    unused = session.links.filter(transport=transport, state=State.UNLINKED).first()
    new = unused or services.add_link(session=session, transport=transport)
    return LinkMove.objects.create(session=session, old=session.link, new=new, requested_by=actor)


@transaction.atomic
def go_back(*, session: WhatsAppSession, actor: User) -> LinkMove:
    """The kept link sends again, from the next message on; the other is kept in its place.

    Refused where nothing is kept, and as `services.switch` does.
    """
    session = leases.locked(session.pk)
    move = open_of(session)
    if move is None or not move.has_switched:
        raise Refused(LinkRefusal.NOTHING_KEPT)
    services.switch(link=move.old)
    LinkMove.objects.filter(pk=move.pk).update(ended_at=Now())
    return LinkMove.objects.create(
        session=session, old=move.new, new=move.old, requested_by=actor,
        switched_at=Now(), kept_until=Now() + moving.KEPT_FOR,
    )  # fmt: skip


@transaction.atomic
def end(*, session: WhatsAppSession, actor: User | None = None) -> bool:
    """Nobody goes back any more, or nobody moves at all: what does not send is unlinked; False where it has ended."""
    session = leases.locked(session.pk)
    move = open_of(session)
    if move is None:
        return False
    LinkMove.objects.filter(pk=move.pk).update(ended_at=Now())
    leaves = move.old if move.has_switched else move.new
    services.forget(leaves, fence=leases.end(leaves), actor=actor)
    return True


def end_due() -> int:
    """End the moves whose time to go back is over. Returns the number ended."""
    due = LinkMove.objects.filter(ended_at=None, kept_until__lte=Now()).select_related("session")
    return sum(end(session=move.session) for move in due)
