"""What WhatsApp itself lets a link begin: kept where the pacing finds it, and written down when it changes.

A time-lock or a spent quota is a state of the account, never a failure of a message: chats of people who
have written to us go on, new ones wait.
"""

from datetime import timedelta

from blu.lib import clock
from sessions.events import LinkChange
from sessions.history import note
from sessions.interfaces import Grip
from sessions.models import Link

UNKNOWN_END = timedelta(hours=6)
"""After so long a limit without a known end is tried anew. They last hours to days."""


def told(link: Link, change: LinkChange, *, grip: Grip) -> None:
    """Keep how many new chats WhatsApp allows until when; without a quota it allows what we do."""
    until = None
    if change.quota is not None:
        until = change.until or clock.now() + UNKNOWN_END
    was = link.new_chats_left
    link.new_chats_left, link.new_chats_until = change.quota, until
    link.save(update_fields=["new_chats_left", "new_chats_until"])
    if change.quota == 0 and was != 0:
        params = {"until": until.isoformat()} if change.until and until else {}
        note(link, change.reason, params=params, grip=grip)
