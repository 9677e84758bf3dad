"""The exclusive right to drive a session: taken by a growing fence, kept alive, given back.

Everything by the database's clock, so that nodes whose clocks disagree still agree on who drives.
"""

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psutil
import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now

from blu.lib import clock, patience
from sessions.interfaces import Grip
from sessions.models import Lease, WhatsAppSession

log = structlog.get_logger()

TTL = 30.0  # seconds a lease lives without being renewed
RENEW_EVERY = 10.0
DYING = 10.0  # seconds that a killed process may take to be dead

# The rule of a lease, for the statements of others, with the parameters session and fence: a row where
# it is held now; the same, locked, so that a new holder waits for what is done under it and sees it.
HOLDS_SQL = """
    SELECT 1 FROM wa_sessions_lease
     WHERE session_id = %(session)s AND fence = %(fence)s AND expires_at > statement_timestamp()"""
HELD_SQL = f"{HOLDS_SQL} FOR SHARE"
# A row where no newer fence was drawn, even if it expired.
NEWEST_SQL = "SELECT 1 FROM wa_sessions_lease WHERE session_id = %(session)s AND fence = %(fence)s"

_ACQUIRE = """
WITH old AS (
    SELECT session_id, node, pids FROM wa_sessions_lease
     WHERE session_id = %(session)s AND (expires_at IS NULL OR expires_at < statement_timestamp())
       FOR UPDATE SKIP LOCKED)
UPDATE wa_sessions_lease lease
   SET fence = lease.fence + 1, holder = %(holder)s, node = %(node)s, pids = %(pids)s::jsonb,
       acquired_at = statement_timestamp(), expires_at = statement_timestamp() + make_interval(secs => %(ttl)s)
  FROM old WHERE lease.session_id = old.session_id
RETURNING lease.fence, old.node, old.pids, statement_timestamp()
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
    values: dict[str, Any] = {
        "session": session_id,
        "holder": holder or f"{socket.gethostname()}:{os.getpid()}",
        "node": settings.NODE,
        "pids": _born([os.getpid()]),
        "ttl": clock.scaled(TTL),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ACQUIRE, values)
        row = cursor.fetchone()
        if row is None:
            return None
        fence, old_node, old_pids, now = row
        clock.agree(now)
        if old_node == settings.NODE and not _end(_loaded(old_pids)):
            transaction.set_rollback(True)
            return None
    return Grip(session_id, fence)


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
    values: dict[str, Any] = {
        "session": grip.session_id,
        "fence": grip.fence,
        "pids": _born(pids),
    }
    with connection.cursor() as cursor:
        cursor.execute(_NOTE_PIDS, values)


def end_of_dead() -> int:
    """End the leases whose process on this machine is dead, so that nobody waits for their time; how many.

    What they left behind is ended by the next holder. A holder in another container is none of ours.
    """
    host = f"{socket.gethostname()}:"
    held = Lease.objects.filter(
        node=settings.NODE, holder__startswith=host, expires_at__gt=Now()
    ).values_list("session_id", "fence", "pids")
    ended = 0
    for session_id, fence, pids in held:
        drivers = _loaded(pids)[:1]
        if not drivers or _same(*drivers[0]):
            continue
        found = Lease.objects.filter(session_id=session_id, fence=fence).update(expires_at=Now())
        WhatsAppSession.objects.filter(pk=session_id).update(rung_at=None)
        log.warning("lease_of_dead_ended", session=session_id, fence=fence)
        ended += found
    return ended


def _same(pid: int, born: float) -> bool:
    """Whether the process that was noted still lives."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - born) < 1 and _alive(process)
    except psutil.NoSuchProcess:
        return False


def _born(pids: list[int]) -> str:
    """[[pid, start time], …] as JSON; a process that is gone meanwhile is left out."""
    born = []
    for pid in pids:
        with contextlib.suppress(psutil.NoSuchProcess):
            born.append([pid, psutil.Process(pid).create_time()])
    return json.dumps(born)


def _loaded(pids: object) -> list[tuple[int, float]]:
    rows = json.loads(pids) if isinstance(pids, str) else pids
    return [(int(pid), float(born)) for pid, born in rows] if isinstance(rows, list) else []


def _end(pids: list[tuple[int, float]]) -> bool:
    """SIGKILL what is still the same process (a pid may have been given to another), and its children.

    True once they are dead: until then one of them might still press Enter.
    """
    killed: list[psutil.Process] = []
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
        killed += family
        log.warning("old_holder_ended", pid=pid, children=len(family) - 1)
    deadline = time.monotonic() + DYING
    while any(map(_alive, killed)):
        if time.monotonic() > deadline:
            log.error("old_holder_does_not_die", pids=[process.pid for process in killed])
            return False
        time.sleep(0.02)
    return True


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


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
