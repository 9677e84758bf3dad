"""What happened to a session, as rows: every change of its state is one, written with it in one statement."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from blu.db.state_machine import sources
from sessions.driving import leases
from sessions.driving.leases import LOCK_SQL, OF_ANY_LINK_SQL
from sessions.interfaces import LeaseLost, LeaseToken
from sessions.models import Link, SessionEvent
from sessions.reasons import shortened, storable
from sessions.states import MOVES, VISITED_IN_TIME, State

# The lease's row is locked before the session's, here and wherever both are: a new holder waits.
_HELD = f"AND EXISTS (SELECT 1 FROM ({OF_ANY_LINK_SQL} {LOCK_SQL}) held)"
_CHANGE = """
WITH changed AS (
    UPDATE wa_sessions_link
       SET state = %(state)s, state_reason = %(reason)s, state_params = %(params)s::jsonb,
           state_until = %(until)s
     WHERE id = %(link)s AND state = ANY(%(sources)s)
       AND (state, state_reason, state_params, state_until)
           IS DISTINCT FROM (%(state)s, %(reason)s, %(params)s::jsonb, %(until)s::timestamptz)
       {held}
    RETURNING id, session_id)
INSERT INTO wa_sessions_sessionevent (session_id, link_id, at, state, reason, params, fence, node)
SELECT session_id, id, statement_timestamp(), %(state)s, %(reason)s, %(params)s::jsonb, %(fence)s, %(node)s
  FROM changed
"""

# What a trigger of the link's state may write on its session, whose row is locked before the link's: lease, session,
# link, as everywhere.
_TELLS_OF_THE_ACCOUNT = (State.RESTRICTED, State.BANNED, State.ONLINE)
_ACCOUNT = """
SELECT 1 FROM wa_sessions_whatsappsession session JOIN wa_sessions_link link ON link.session_id = session.id
 WHERE link.id = %(link)s AND (NOT %(well)s OR session.restriction <> '') FOR NO KEY UPDATE OF session
"""


def set_state(
    link_id: int,
    state: str,
    reason: str = "",
    *,
    params: Mapping[str, str] | None = None,
    until: datetime | None = None,
    token: LeaseToken | None = None,
    only_from: tuple[str, ...] = (),
) -> bool:
    """Change a link's state and write the event; False when nothing changed, or it may not move so.

    `reason` is a code of sessions.reasons with its `params`; `until` counts only in a state that ends by
    itself. With `token` it is fenced in the same statement: LeaseLost when somebody newer drives it.
    """
    values = {
        "link": link_id,
        "session": token.session_id if token else None,
        "state": state,
        "reason": storable(reason),
        "params": json.dumps(shortened(params or {})),
        "until": until if state in VISITED_IN_TIME else None,
        "sources": list(only_from or sources(state, MOVES)),
        "fence": token.fence if token else None,
        "node": settings.NODE if token else "",
    }
    if state not in _TELLS_OF_THE_ACCOUNT:
        return _changed(values, token)
    with transaction.atomic():
        if token:
            leases.hold(token)
        with connection.cursor() as cursor:
            cursor.execute(_ACCOUNT, values | {"well": state == State.ONLINE})
        return _changed(values, token)


def _changed(values: dict[str, Any], token: LeaseToken | None) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_CHANGE.format(held=_HELD if token else ""), values)
        if cursor.rowcount:
            return True
        if token:
            cursor.execute(OF_ANY_LINK_SQL, values)
            if cursor.fetchone() is None:
                raise LeaseLost
    return False


def note(
    link: Link,
    reason: str,
    *,
    params: Mapping[str, str] | None = None,
    token: LeaseToken | None = None,
) -> None:
    """Write down what happened while the state stays as it is."""
    SessionEvent.objects.create(
        session_id=link.session_id,
        link=link,
        state=link.state,
        reason=storable(reason),
        params=shortened(params or {}),
        fence=token.fence if token else None,
        node=settings.NODE,
    )
