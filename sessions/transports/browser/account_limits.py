"""What WhatsApp lets the account begin for now: time-lock and quota of new chats, as account states.

The bar in a chat says that it is so, the page's own modules how long and how many. Neither is a failure
of a message: chats that are locked wait, others go on.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sessions.events import Link, LinkChange
from sessions.transports.browser import reasons

UNLIMITED = "unlimited"
"""Kept nowhere: it only tells news of limits from the proof that a link answers."""
FREE = LinkChange(Link.ONLINE, UNLIMITED)
"""No limit is known."""
BARS = {
    reasons.CHAT_LOCKED: LinkChange(Link.ONLINE, reasons.RESTRICTED, quota=0),
    reasons.NEW_CHATS_SPENT: LinkChange(Link.ONLINE, reasons.NEW_CHATS_SPENT, quota=0),
}
"""By why a message waits, what that says of the account."""
MILLISECONDS = 10**11


def told_by_modules(answer: dict[str, Any] | None) -> LinkChange | None:
    """The limits by the page's own modules; None where these give none.

    A time-lock comes first: it bars whatever a quota would still allow.
    """
    if answer is None:
        return None
    if answer["locked"]:
        return LinkChange(Link.ONLINE, reasons.RESTRICTED, _moment(answer["until"]), quota=0)
    if not answer["total"] or answer["used"] is None or answer["status"] in ("", "NONE"):
        return FREE
    left = 0 if answer["status"] == "CAPPED" else max(0, answer["total"] - answer["used"])
    reason = UNLIMITED if left else reasons.NEW_CHATS_SPENT
    return LinkChange(Link.ONLINE, reason, _moment(answer["cycle_end"]), quota=left)


def _moment(seconds: float) -> datetime | None:
    if not seconds:
        return None
    return datetime.fromtimestamp(seconds / 1000 if seconds > MILLISECONDS else seconds, UTC)
