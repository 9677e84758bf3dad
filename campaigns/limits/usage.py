"""How much of a limit is used: what left, or may have left, and what is in hand and may leave any moment.

Each is one statement, so that a message that is pressed or settled meanwhile is counted once.
"""

from dataclasses import dataclass
from datetime import datetime

from blu.db import prepared_sql

TABLES = ("campaigns_delivery", "campaigns_notice")

# Apart, so that each is answered by its own partial index: …_sent, …_in_doubt.
_GONE = """
       (SELECT count(*) FROM {table} WHERE session_id = %(session)s AND sent_at >= %(since)s)
     + (SELECT count(*) FROM {table} WHERE session_id = %(session)s
           AND status IN ('sending', 'uncertain') AND pressed_at >= %(since)s)"""
_IN_HAND = """
       (SELECT count(*) FROM {table} WHERE session_id = %(session)s AND status = 'sending'
           AND coalesce(pressed_at, '-infinity') < %(since)s)"""

# Whose chat the press would open: campaigns.ledger.sql.PRESS.
_OPENING = """
       (SELECT count(*) FROM {table} row WHERE row.session_id = %(session)s AND row.status = 'sending'
           AND row.pressed_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM wa_sessions_chat chat
                 WHERE chat.session_id = %(session)s AND chat.phone = row.phone AND chat.phone <> ''
                   AND (chat.warm_at IS NOT NULL OR chat.opened_at IS NOT NULL)))"""


def _of_both(counted: str) -> str:
    return " + ".join(counted.format(table=table) for table in TABLES)


_MESSAGES = f"SELECT {_of_both(_GONE)} AS gone, {_of_both(_IN_HAND)} AS in_hand"
_NEW_CHATS = f"""
SELECT (SELECT count(*) FROM wa_sessions_chat
         WHERE session_id = %(session)s AND opened_at >= %(since)s) AS gone, {_of_both(_OPENING)} AS in_hand"""


@dataclass(frozen=True)
class Used:
    """How many are `gone`, and how many more are being sent now."""

    gone: int
    in_hand: int


def messages(session_id: int, *, since: datetime) -> Used:
    """Messages of a session that left, or may have left, since then: notices too."""
    return _used(_MESSAGES, session_id, since)


def new_chats(session_id: int, *, since: datetime) -> Used:
    """People who had not written first and got their first message from the session since then."""
    return _used(_NEW_CHATS, session_id, since)


def _used(sql: str, session_id: int, since: datetime) -> Used:
    row = prepared_sql.one(sql, {"session": session_id, "since": since})
    assert row is not None
    return Used(row["gone"], row["in_hand"])
