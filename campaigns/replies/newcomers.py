"""Whom WhatsApp tells of for the first time, in one statement: every new person of a campaign comes through here."""

from blu.db import prepared_sql
from campaigns.models.hold_rules import held
from contacts import stops
from contacts.models.stops import standing
from sessions import chats
from sessions.events import Address

_BUSINESS = "(SELECT business_id FROM wa_sessions_whatsappsession WHERE id = %(session)s)"
_KEYS = "%(keys)s::text[]"

# An index for each kind of key: asked together, the planner may read all chats of the session.
_NOBODY = "\n   AND ".join(
    f"NOT EXISTS (SELECT 1 FROM wa_sessions_chat chat WHERE chat.session_id = %(session)s"
    f" AND chat.{column} = ANY(%({values})s::text[]) AND chat.{column} <> '')"
    for column, values in (
        ("phone", "phones"), ("wa_id", "wa_ids"), ("lid", "lids"), ("username", "usernames"),
    )
)  # fmt: skip
_MEET = f"""
INSERT INTO wa_sessions_chat (session_id, phone, wa_id, lid, username, looked_up_at)
SELECT %(session)s, %(phone)s, %(wa_id)s, %(lid)s, %(username)s, statement_timestamp()
 WHERE {_NOBODY}
ON CONFLICT DO NOTHING
RETURNING {standing(_BUSINESS, _KEYS)} OR {held(_BUSINESS, _KEYS)} AS barred
"""


def meet(session_id: int, address: Address) -> bool | None:
    """Make the chat of a number with all keys that WhatsApp gave; True where nothing may go to them now.

    None, and nothing is made, where a chat shares a key with it: chats.resolve knows what that means. For use in a transaction.
    """
    chats.one_at_a_time(session_id)
    address = chats.normal(address)
    phones = chats.numbers_of(address.phone, address.wa_id)
    row = prepared_sql.one(
        _MEET,
        {
            "session": session_id,
            "phone": address.phone,
            "wa_id": address.wa_id,
            "lid": address.lid,
            "username": address.username,
            "phones": list(phones),
            "wa_ids": [number.lstrip("+") for number in phones],
            "lids": [address.lid],
            "usernames": [address.username],
            "keys": [stops.key_of(address.phone), f"lid:{address.lid}", f"@{address.username}"],
        },
    )
    return None if row is None else bool(row["barred"])
