"""The machines that run visits: who is there, who may use a name, and where an account is linked.

All by the database's clock. A node's `watch` gives a sign of life every few seconds.
"""

import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection

from blu.db import clock
from sessions.driving.leases import IS_HELD_SQL

GONE = 60.0  # seconds of silence after which others take a node's sessions
GONE_AT_LEAST = 20.0  # however short the waits of a test: a watch restarts in less
LATE = 15.0  # seconds of silence after which nothing is sent there any more
SILENT = 7.0  # seconds, several signs of life, after which a name may be taken over

_CLAIM = """
INSERT INTO wa_sessions_node (name, slots, host, token, stopped)
VALUES (%(name)s, %(slots)s, %(host)s, %(token)s, false)
ON CONFLICT (name) DO UPDATE
   SET slots = EXCLUDED.slots, host = EXCLUDED.host, token = EXCLUDED.token, stopped = false,
       started_at = statement_timestamp(), seen_at = statement_timestamp(),
       steady_since = statement_timestamp()
 WHERE wa_sessions_node.token = EXCLUDED.token OR wa_sessions_node.stopped
    OR wa_sessions_node.seen_at < statement_timestamp() - make_interval(secs => %(silent)s)
RETURNING name
"""

_BEAT = """
UPDATE wa_sessions_node
   SET seen_at = statement_timestamp(), slots = %(slots)s, stopped = false,
       steady_since = CASE WHEN seen_at < statement_timestamp() - make_interval(secs => %(late)s)
                           THEN statement_timestamp() ELSE steady_since END
 WHERE name = %(name)s AND token = %(token)s
RETURNING seen_at
"""

_LEAVE = "UPDATE wa_sessions_node SET stopped = true WHERE name = %(name)s AND token = %(token)s"

_ALL = f"""
SELECT name, slots, stopped,
       extract(epoch FROM statement_timestamp() - seen_at)::float AS silence,
       (SELECT count(*) FROM wa_sessions_lease lease
         WHERE lease.node = node.name AND {IS_HELD_SQL}) AS busy,
       (SELECT count(*) FROM wa_sessions_link link WHERE link.node = node.name) AS homes
  FROM wa_sessions_node node ORDER BY name
"""


class NameTaken(Exception):
    """Another living node has this name; the message is one line for a person."""


@dataclass
class Standing:
    """What is known of one node: how many of its slots are free, and how many sessions have their
    home there.
    """

    name: str
    free: int
    present: bool
    gone: bool
    homes: int = 0


def claim(token: UUID, *, wait: float = SILENT) -> None:
    """Take this node's name for the instance `token`; raises NameTaken while another one lives.

    After a kill the predecessor's last sign of life is waited out, at most `wait` seconds.
    """
    deadline = time.monotonic() + wait + 1
    while not _one(_CLAIM, _values(token)):
        if time.monotonic() > deadline:
            host = _one("SELECT host FROM wa_sessions_node WHERE name = %(name)s", _values(token))
            raise NameTaken(
                f"another node called {settings.NODE!r} is running on {host[0] if host else '?'}: "
                "stop it, or set NODE to another name"
            )
        time.sleep(0.5)


def beat(token: UUID) -> datetime | None:
    """Give a sign of life; the database's time, None where the name is another's now."""
    row = _one(_BEAT, _values(token))
    return row[0] if row else None


def leave(token: UUID) -> None:
    """Stopped on purpose: the name is free, and nothing is sent here until it is back."""
    with connection.cursor() as cursor:
        cursor.execute(_LEAVE, _values(token))


def standings() -> dict[str, Standing]:
    """Every node that ever was, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_ALL)
        rows = cursor.fetchall()
    return {
        name: Standing(
            name,
            free=slots - busy,
            present=not stopped and silence < LATE,
            gone=silence > gone_after(),
            homes=homes,
        )
        for name, slots, stopped, silence, busy, homes in rows
    }


def gone_after() -> float:
    """Seconds of silence after which a node's sessions move."""
    return max(GONE_AT_LEAST, clock.scaled(GONE))


def roomiest(known: Mapping[str, Standing]) -> Standing | None:
    """The present node with the most free slots, and of equals that with the fewest homes; or None.

    A home stays where it is: without the second rule all would be linked on the first idle node.
    """
    present = [standing for standing in known.values() if standing.present]
    return max(present, key=lambda standing: (standing.free, -standing.homes), default=None)


def for_pairing(home_on: str) -> str:
    """The node on which an account is linked: where its home is, else the one with most room."""
    known = standings()
    home = known.get(home_on)
    if home is not None and home.present:
        return home.name
    best = roomiest(known)
    return best.name if best else home_on or settings.NODE


def _values(token: UUID) -> dict[str, Any]:
    return {
        "name": settings.NODE,
        "slots": settings.SLOTS,
        "host": f"{socket.gethostname()}:{settings.PORT}"[:100],
        "token": token,
        "silent": SILENT,
        "late": LATE,
    }


def _one(
    statement: str, values: dict[str, str | int | float | UUID]
) -> tuple[datetime, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row
