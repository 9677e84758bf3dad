"""The exclusive right to drive a session: taken by a growing fence, kept alive, given back.

Everything by the database's clock, so that nodes whose clocks disagree still agree on who drives.
"""

import contextlib
import json
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction

from blu.lib import clock, patience
from sessions.ports import Grip

log = structlog.get_logger()

TTL = 30.0  # seconds a lease lives without being renewed
RENEW_EVERY = 10.0

_ACQUIRE = """
WITH old AS (
    SELECT session_id, node, pids FROM wa_sessions_lease
     WHERE session_id = %(session)s AND (expires_at IS NULL OR expires_at < statement_timestamp())
       FOR UPDATE SKIP LOCKED)
UPDATE wa_sessions_lease lease
   SET fence = lease.fence + 1, holder = %(holder)s, node = %(node)s, pids = '[]',
       acquired_at = statement_timestamp(), expires_at = statement_timestamp() + make_interval(secs => %(ttl)s)
  FROM old WHERE lease.session_id = old.session_id
RETURNING lease.fence, old.node, old.pids
"""

_RENEW = """
UPDATE wa_sessions_lease SET expires_at = statement_timestamp() + make_interval(secs => %(ttl)s)
 WHERE session_id = %(session)s AND fence = %(fence)s
"""

_RELEASE = """
UPDATE wa_sessions_lease SET expires_at = NULL, holder = '', pids = '[]'
 WHERE session_id = %(session)s AND fence = %(fence)s
"""

_NOTE_PIDS = """
UPDATE wa_sessions_lease SET pids = %(pids)s::jsonb
 WHERE session_id = %(session)s AND fence = %(fence)s
"""


def acquire(session_id: int, *, holder: str = "") -> Grip | None:
    """Take the lease where it is free or expired; None where somebody else holds it.

    Before it is ours alone, processes that the last holder left on this node are ended.
    """
    holder = holder or f"{socket.gethostname()}:{os.getpid()}"
    values: dict[str, Any] = {
        "session": session_id,
        "holder": holder,
        "node": settings.NODE,
        "ttl": clock.scaled(TTL),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ACQUIRE, values)
        row = cursor.fetchone()
        if row is None:
            return None
        fence, old_node, old_pids = row
        if old_node == settings.NODE:
            _end(_loaded(old_pids))
    grip = Grip(session_id, fence)
    note_pids(grip, [os.getpid()])
    return grip


def renew(grip: Grip) -> bool:
    """Prolong the lease by its TTL; False when somebody took it."""
    values = {"session": grip.session_id, "fence": grip.fence, "ttl": clock.scaled(TTL)}
    with connection.cursor() as cursor:
        cursor.execute(_RENEW, values)
        return bool(cursor.rowcount)


def release(grip: Grip) -> bool:
    """Give the lease back; False when it was no longer ours."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"session": grip.session_id, "fence": grip.fence})
        return bool(cursor.rowcount)


def note_pids(grip: Grip, pids: list[int]) -> None:
    """Remember, with their start times, the processes that a next holder must end first."""
    born = [[pid, psutil.Process(pid).create_time()] for pid in pids if psutil.pid_exists(pid)]
    values = {"session": grip.session_id, "fence": grip.fence, "pids": json.dumps(born)}
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_PIDS, values)


def _loaded(pids: object) -> list[tuple[int, float]]:
    rows = json.loads(pids) if isinstance(pids, str) else pids
    return [(int(pid), float(born)) for pid, born in rows] if isinstance(rows, list) else []


def _end(pids: list[tuple[int, float]]) -> None:
    """SIGKILL what is still the same process (a pid may have been given to another), and its children."""
    for pid, born in pids:
        if pid == os.getpid():
            continue
        try:
            process = psutil.Process(pid)
            if abs(process.create_time() - born) > 1:
                continue
            family = [*process.children(recursive=True), process]
        except psutil.NoSuchProcess:
            continue
        for member in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        log.warning("old_holder_ended", pid=pid, children=len(family) - 1)


@dataclass
class Keeper:
    """Renews a grip from its own thread and connection; `lost` is set when the lease is gone."""

    grip: Grip
    lost: threading.Event = field(default_factory=threading.Event)
    _stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Renew until stopped or lost."""
        try:
            while not self._stop.wait(clock.scaled(RENEW_EVERY)):
                if not self._renewed():
                    self.lost.set()
                    return
        finally:
            connection.close()

    def _renewed(self) -> bool:
        try:
            return renew(self.grip)
        except (OperationalError, InterfaceError):
            # Not lost yet: whether somebody took it shows when the database is back, by the fence.
            connection.close()
            return True

    def stop(self) -> None:
        """End the thread's loop."""
        self._stop.set()


@contextmanager
def kept(grip: Grip) -> Iterator[Keeper]:
    """Hold a grip: renewed in the background, released at the end."""
    keeper = Keeper(grip)
    thread = threading.Thread(target=keeper.run, name=f"lease-{grip.session_id}", daemon=True)
    thread.start()
    try:
        yield keeper
    finally:
        keeper.stop()
        thread.join(timeout=5)
        patience.patiently(lambda: release(grip))


def own_pids() -> list[int]:
    """This process: ending it ends the drive."""
    return [os.getpid()]
