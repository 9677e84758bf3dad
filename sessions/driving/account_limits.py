"""What WhatsApp itself lets an account begin: kept where the pacing finds it, and written down when it changes.

A time-lock or a spent quota is a state of the account, never a failure of a message: chats of people who
have written to us go on, new ones wait. It is the session's, whichever of its links was told.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from sessions.driving import leases
from sessions.driving.history import note
from sessions.events import LinkChange
from sessions.interfaces import LeaseToken
from sessions.models import Link, WhatsAppSession
from sessions.reasons import UNTIL, storable

UNKNOWN_END = timedelta(hours=6)
"""After so long a limit without a known end is tried anew. They last hours to days."""


@transaction.atomic
def keep(link: Link, change: LinkChange, *, token: LeaseToken) -> None:
    """Keep how many new chats WhatsApp allows until when; without a quota it allows what we do.

    Raises LeaseLost under an old fence.
    """
    leases.hold(token)
    until: datetime | Combinable | None = None
    if change.quota is not None:
        until = change.until or Now() + UNKNOWN_END
    session = WhatsAppSession.objects.filter(pk=token.session_id)
    was = session.values_list("new_chats_left", flat=True).get()
    session.update(
        new_chats_left=change.quota,
        new_chats_until=until,
        new_chats_told_at=Now(),
        new_chats_reason=storable(change.reason) if change.quota == 0 else "",
        new_chats_end_told=change.quota is not None and change.until is not None,
    )
    if change.quota == 0 and was != 0:
        params = {UNTIL: change.until.isoformat()} if change.until else {}
        note(link, change.reason, params=params, token=token)


def forget(session_id: int) -> None:
    """What WhatsApp told of another account is nothing to the one that is linked now."""
    WhatsAppSession.objects.filter(pk=session_id).update(
        new_chats_left=None, new_chats_until=None, new_chats_told_at=None, new_chats_reason="",
        new_chats_end_told=False,
    )  # fmt: skip
