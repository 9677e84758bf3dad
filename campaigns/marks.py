"""Marks: which chats a session has opened whose replies may not be in the ledger yet.

A mark is committed before its chat is opened and taken away after the chat was left and its replies
were kept, so that a process may die anywhere in between.
"""

from campaigns import prepared
from sessions.events import Entering, Mark
from sessions.interfaces import Grip, LeaseLost
from sessions.leases import NEWEST_SQL

_OLD = "wa_sessions_chatmark.entered_at <= statement_timestamp() - interval '30 days'"

# What was unread at the first opening may be unread still: it is never counted twice. A mark that was
# given up begins anew.
_ENTER = f"""
INSERT INTO wa_sessions_chatmark (session_id, chat, unread, fence, entered_at)
SELECT %(session)s, %(chat)s::text, %(unread)s::int, %(fence)s::bigint, statement_timestamp()
  FROM ({NEWEST_SQL} FOR SHARE) held
    ON CONFLICT (session_id, chat) DO UPDATE
   SET fence = EXCLUDED.fence,
       unread = CASE WHEN {_OLD} THEN EXCLUDED.unread
                     ELSE greatest(wa_sessions_chatmark.unread, EXCLUDED.unread) END,
       entered_at = CASE WHEN {_OLD} THEN EXCLUDED.entered_at
                         ELSE wa_sessions_chatmark.entered_at END
"""

_READ_OUT = """
DELETE FROM wa_sessions_chatmark
 WHERE session_id = %(session)s AND chat = %(chat)s::text AND fence <= %(fence)s
"""

# They say whom a business writes with, so they go.
_GIVE_UP = f"DELETE FROM wa_sessions_chatmark WHERE session_id = %(session)s AND {_OLD}"
# The table holds a few rows a session: read whole, it needs no index.
_GIVE_UP_ALL = f"DELETE FROM wa_sessions_chatmark WHERE {_OLD}"

# A minute for the stamps of messages, which have no seconds.
_LEFT = """
SELECT mark.chat, mark.unread, link.linked_at AS linked,
       greatest(mark.entered_at - interval '1 minute', link.linked_at) AS since
  FROM wa_sessions_chatmark mark JOIN wa_sessions_whatsappsession session ON session.id = mark.session_id
  JOIN wa_sessions_link link ON link.id = session.active_link_id
 WHERE mark.session_id = %(session)s AND link.linked_at IS NOT NULL
 ORDER BY mark.entered_at
"""


def enter(grip: Grip, entering: Entering) -> None:
    """Commit a mark for a chat that is about to be opened; LeaseLost when the fence is old."""
    values = {"unread": entering.unread} | _of(grip, entering.chat)
    if prepared.count(_ENTER, values) == 0:
        raise LeaseLost


def read_out(grip: Grip, chat: str) -> None:
    """Take a chat's mark away, unless somebody newer has entered it."""
    prepared.count(_READ_OUT, _of(grip, chat))


def left(grip: Grip) -> list[Mark]:
    """The marks of the session, oldest first; those of a month ago are given up and deleted."""
    values = {"session": grip.session_id}
    prepared.count(_GIVE_UP, values)
    return [Mark(**row) for row in prepared.rows(_LEFT, values)]


def give_up_old() -> int:
    """Delete the marks of a month ago, of sessions that no visit opens any more too; how many."""
    return prepared.count(_GIVE_UP_ALL, {})


def _of(grip: Grip, chat: str) -> dict[str, object]:
    return {"session": grip.session_id, "fence": grip.fence, "chat": chat}
