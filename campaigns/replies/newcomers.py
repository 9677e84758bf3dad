"""Whom WhatsApp tells of for the first time, in one statement: every new person of a campaign comes through here."""

from blu.db import prepared_sql
from campaigns.models.hold_rules import held
from contacts import stops
from contacts.erasure import known_again
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
# Others who resolve an address of this session meanwhile go first, and no one waits here. A lock that was had a moment after
# this statement began doesn't show what was committed in that moment: at worst a person has two chats, until the next word.
_MEET = f"""
WITH told AS MATERIALIZED (
    SELECT row.phone FROM {{table}} row
     WHERE row.id = %(id)s AND row.session_id = %(session)s AND row.phone = %(phone)s
       AND {chats.TRY_ONE_AT_A_TIME})
INSERT INTO wa_sessions_chat (session_id, phone, wa_id, lid, username, looked_up_at)
SELECT %(session)s, told.phone, %(wa_id)s, %(lid)s, %(username)s, statement_timestamp() FROM told
 WHERE {_NOBODY}
ON CONFLICT DO NOTHING
RETURNING {standing(_BUSINESS, _KEYS)} OR {held(_BUSINESS, _KEYS)} AS barred, {_BUSINESS} AS business,
          EXISTS (SELECT 1 FROM contacts_stop stop WHERE stop.business_id = {_BUSINESS}
                     AND stop.why = 'erased' AND stop.lifted_at IS NULL) AS any_erased
"""


def meet(session_id: int, table: str, row_id: int, address: Address) -> bool | None:
    """Make the chat of a row's number with all keys that WhatsApp gave; True where nothing may go to them now.

    None, and nothing is made, where a chat shares a key with it, or the address is of another number: chats.resolve knows
    what that means.
    """
    address = chats.normal(address)
    phones = chats.numbers_of(address.phone, address.wa_id)
    row = prepared_sql.one(
        _MEET.format(table=table),
        {
            "id": row_id,
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
    if row is None:
        return None
    hidden = [f"lid:{address.lid}", f"@{address.username}"]
    return row["barred"] or (
        row["any_erased"]
        and known_again.bars(business_id=row["business"], phone=address.phone, keys=hidden)
    )
