"""Which attempt to link an account is opened next, and its lease: as sessions.driving.claim_due for visits."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from sessions.driving.claim_due import HERE_SQL, here
from sessions.driving.leases import FREE_SQL, IS_HELD_SQL, TAKE_SQL, taken_from, values_of
from sessions.driving.runners import Heartbeat, Held
from sessions.models import OPEN_PAIRING
from sessions.registry import BACKENDS, RunsIn


@dataclass(frozen=True)
class Claimed:
    """An open attempt whose link is leased."""

    pairing_id: int
    held: Held


# Whoever waits longest, businesses in turn; a slot of each node is left to other businesses.
_WAITING = f"""
waiting AS (
    SELECT p.id, p.link_id, p.requested_at,
           open_here.number + row_number() OVER (PARTITION BY s.business_id ORDER BY p.requested_at) AS turn
      FROM wa_sessions_pairing p
      JOIN wa_sessions_link link ON link.id = p.link_id
      JOIN wa_sessions_whatsappsession s ON s.id = link.session_id
      JOIN wa_sessions_lease lease ON lease.link_id = link.id,
           LATERAL (SELECT count(*) AS number FROM wa_sessions_pairing q
                      JOIN wa_sessions_lease lease ON lease.link_id = q.link_id
                      JOIN wa_sessions_whatsappsession other ON other.id = lease.session_id
                     WHERE other.business_id = s.business_id AND q.status = ANY(%(open)s)
                       AND lease.node = %(node)s AND {IS_HELD_SQL}) open_here
     WHERE p.status = ANY(%(open)s) AND link.transport = ANY(%(kinds)s) AND {FREE_SQL} AND {HERE_SQL}
       AND (%(only)s::bigint IS NULL OR p.id = %(only)s)
       AND open_here.number < %(most)s)
"""

_CLAIM = f"""
WITH {_WAITING},
free AS (
    SELECT lease.link_id, lease.session_id, lease.expires_at, lease.node, waiting.id AS pairing_id
      FROM wa_sessions_lease lease JOIN waiting USING (link_id)
     WHERE {FREE_SQL}
     ORDER BY waiting.turn, waiting.requested_at LIMIT 1 FOR UPDATE OF lease SKIP LOCKED),
{TAKE_SQL}
SELECT free.pairing_id, taken.session_id, taken.fence, taken.link_id, taken.left_open, taken.now
  FROM taken JOIN free USING (link_id)
"""

_COUNT = f"WITH {_WAITING} SELECT count(*) FROM waiting"


def claim_pairing(
    runner: Heartbeat, pairs_in: RunsIn = RunsIn.VISIT, *, only: int | None = None
) -> Claimed | None:
    """Lease the link of the next attempt that this node may open; None where none waits.

    Of the kinds whose codes are shown in the slots for pairing, or by hosts.
    """
    started = runner.now()
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, _values(pairs_in, only) | values_of(runner.id))
        row = cursor.fetchone()
    held = runner.holds(taken_from(*row[1:]), since=started) if row else None
    return Claimed(row[0], held) if held else None


def count_waiting() -> int:
    """How many attempts wait for the slots that this node has for pairing."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, _values(RunsIn.VISIT, None))
        return int(cursor.fetchone()[0])


def _values(pairs_in: RunsIn, only: int | None) -> dict[str, Any]:
    most = max(1, settings.PAIRING_SLOTS - 1)
    kinds = [kind for kind, backend in BACKENDS.items() if backend.pairs_in is pairs_in]
    return here() | {"open": list(OPEN_PAIRING), "only": only, "most": most, "kinds": kinds}
