"""What a linked device is, and what it heard that nobody has kept yet: rows in the schema of a role that has nothing else.

The library keeps its keys there as well, in tables of its own. No other role may look into it (blu.ops.db_roles).
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from sessions.transports.direct.store_watch import StoreWatch

# One process after the other makes tables: two that begin at once would make the same one, and one would fail.
ALONE = "SELECT pg_advisory_xact_lock(hashtext('direct_tables'))"
TABLES = f"""
{ALONE};
CREATE TABLE IF NOT EXISTS direct_device (home text PRIMARY KEY, jid text NOT NULL);
CREATE TABLE IF NOT EXISTS direct_heard (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    home text NOT NULL,
    number smallint NOT NULL,
    event bytea NOT NULL
);
-- Messages that a device of the account has sent, by their receipts or echoes, and that no answer to us told of.
CREATE TABLE IF NOT EXISTS direct_unclaimed (
    home text NOT NULL,
    message_id text NOT NULL,
    chat text NOT NULL,
    at timestamptz NOT NULL,
    elsewhere boolean NOT NULL,
    PRIMARY KEY (home, message_id)
);
-- What an opening asks for first: what was heard of a link and not kept.
CREATE INDEX IF NOT EXISTS direct_heard_home ON direct_heard (home, id)"""
# Once it is known that another device has sent it, that stays.
UNCLAIMED = """
INSERT INTO direct_unclaimed (home, message_id, chat, at, elsewhere) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (home, message_id) DO UPDATE SET elsewhere = direct_unclaimed.elsewhere OR EXCLUDED.elsewhere"""
# In one commit: what is somebody else's by now goes, what was heard meanwhile comes, with ids in the order it was heard in.
KEEP = """
WITH acknowledged AS (DELETE FROM direct_heard WHERE id = ANY(%s))
INSERT INTO direct_heard (home, number, event)
SELECT home, number, event FROM unnest(%s::text[], %s::smallint[], %s::bytea[]) WITH ORDINALITY heard (home, number, event, nth)
 ORDER BY nth RETURNING id"""
KEPT_FOR = "30 days"  # a doubt is looked for as long (campaigns.ledger)
# The library deletes the device's row itself when WhatsApp takes it off.
DEVICE = """
SELECT device.jid FROM direct_device device
 WHERE device.home = %s AND EXISTS (SELECT 1 FROM whatsmeow_device kept WHERE kept.jid = device.jid)"""


IDLE_MOST = 10_000  # milliseconds
APPLICATION = "blu-direct"  # of those connections, in pg_stat_activity


def ends_idle(url: str, milliseconds: int = IDLE_MOST) -> str:
    """The URL for the library, which opens two connections a link and closes none, not even when the link is closed.

    So the server ends those that say nothing; the library then opens another by itself. Also within a transaction, or the
    keys of a process that stands still would be locked for whoever drives its links by then. A pooler ignores these words
    (docs/pgbouncer), and has its own. With binary parameters no statement is prepared, which a pooler would lose, and none
    takes two ways.
    """
    told = (
        f"idle_session_timeout={milliseconds}&idle_in_transaction_session_timeout={IDLE_MOST}"
        f"&application_name={APPLICATION}&binary_parameters=yes"
    )
    return f"{url}{'&' if '?' in url else '?'}{told}"


class StoreAway(Exception):
    """The database can't be asked now."""


@dataclass
class _Heard:
    """An event on its way into the store; `kept` is its id there, 0 before."""

    home: str
    number: int
    event: bytes
    kept: int = 0


class Store:
    """One connection for all links of a process; asked from any thread, one after the other.

    `library_url` is where the library connects, twice a link, and never lets go: see `ends_idle`.
    """

    def __init__(self, url: str, library_url: str = "") -> None:
        self.library_url = library_url or url
        self._url = url
        self._lock = threading.Lock()
        self._connection: psycopg.Connection[Any] | None = None
        self._heard: deque[_Heard] = deque()
        self._acknowledged: list[int] = []
        self._has_tables = False
        self._is_stale = False
        self.watch = StoreWatch(url, self._ended)

    def _ended(self) -> None:
        """The server has ended the connection: it is found out here, and not by who asks first once it is back."""
        self._is_stale = True

    def have_tables(self, make: Callable[[str], bool]) -> None:
        """Have the library make its own tables (`make`, which is told where), or renew those of an older one, once
        in this process and never while another does.
        """
        if self._has_tables:
            return
        with self._cursor() as cursor, cursor.connection.transaction():
            cursor.execute(ALONE)
            self._has_tables = self._has_tables or make(self.library_url)
        if not self._has_tables:
            raise StoreAway("library")

    @contextmanager
    def _cursor(self) -> Iterator[psycopg.Cursor[Any]]:
        """Each statement by itself; prepared ones would not pass a pooler. Raises StoreAway."""
        with self._lock:
            try:
                if self._is_stale:
                    self._is_stale = False
                    self._drop()
                if self._connection is None or self._connection.closed:
                    self._connection = self._connected()
                with self._connection.cursor() as cursor:
                    yield cursor
            except psycopg.Error as error:
                self._drop()
                raise StoreAway(type(error).__name__) from error

    def _connected(self) -> psycopg.Connection[Any]:
        connection = psycopg.connect(self._url, autocommit=True, prepare_threshold=None)
        try:
            connection.execute(TABLES)
        except psycopg.Error:
            connection.close()
            raise
        return connection

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def device_of(self, home: str) -> str:
        """The JID of the device that is linked for a home, "" for none. Raises StoreAway, as all of these."""
        with self._cursor() as cursor:
            cursor.execute("SELECT to_regclass('whatsmeow_device')")
            (library_was_here,) = cursor.fetchone() or (None,)
            row = cursor.execute(DEVICE, [home]).fetchone() if library_was_here else None
            return str(row[0]) if row else ""

    def keeps(self, device: str) -> bool:
        """Whether the library has the keys of a device; False too while nobody can tell."""
        try:
            with self._cursor() as cursor:
                cursor.execute("SELECT 1 FROM whatsmeow_device WHERE jid = %s", [device])
                return cursor.fetchone() is not None
        except StoreAway:
            return False

    def bind(self, home: str, jid: str) -> None:
        """From now on the home's device is this one."""
        with self._cursor() as cursor:
            cursor.execute(
                "INSERT INTO direct_device (home, jid) VALUES (%s, %s) ON CONFLICT (home) DO UPDATE SET jid = EXCLUDED.jid",
                [home, jid],
            )

    def forget(self, home: str) -> None:
        """The home has no device any more; its keys go as well."""
        with self._cursor() as cursor:
            cursor.execute("SELECT to_regclass('whatsmeow_device')")
            (library_was_here,) = cursor.fetchone() or (None,)
            cursor.execute("DELETE FROM direct_device WHERE home = %s RETURNING jid", [home])
            if library_was_here and (row := cursor.fetchone()):
                cursor.execute("DELETE FROM whatsmeow_device WHERE jid = %s", [row[0]])

    def keep(self, home: str, number: int, event: bytes) -> int:
        """Keep an event until it is acknowledged. Returns its id; later ones are greater.

        While one thread waits for the database, what others have heard gathers, and goes there at once.
        """
        mine = _Heard(home, number, event)
        self._heard.append(mine)
        try:
            with self._cursor() as cursor:
                if not mine.kept:
                    self._keep_all(cursor)
        except StoreAway:
            with self._lock:
                if mine.kept:
                    return mine.kept
                self._heard.remove(mine)
            raise
        return mine.kept

    def leave(self, home: str, number: int, event: bytes) -> None:
        """Keep an event for which nobody waits, as soon as the database can be asked; here as long as this process."""
        self._heard.append(_Heard(home, number, event))

    def _keep_all(self, cursor: psycopg.Cursor[Any]) -> None:
        heard, done = list(self._heard), list(self._acknowledged)
        columns = [
            [one.home for one in heard],
            [one.number for one in heard],
            [one.event for one in heard],
        ]
        cursor.execute(KEEP, [done, *columns])
        for one, (kept,) in zip(heard, cursor.fetchall(), strict=True):
            one.kept = int(kept)
            self._heard.popleft()
        del self._acknowledged[: len(done)]

    def unacknowledged(self, home: str) -> list[tuple[int, int, bytes]]:
        """(id, number, event) of all that an earlier opening heard and nobody has kept."""
        with self._cursor() as cursor:
            if self._heard:
                self._keep_all(cursor)
            cursor.execute(
                "SELECT id, number, event FROM direct_heard WHERE home = %s ORDER BY id", [home]
            )
            return [(int(kept), int(number), bytes(event)) for kept, number, event in cursor]

    def acknowledge(self, kept: Sequence[int], *, at_once: bool = True) -> None:
        """These are somebody else's now. Those that say nothing of people may go with the next that is kept: whoever
        opens the link before is told of them again.
        """
        self._acknowledged += kept
        if at_once and self._acknowledged:
            with self._cursor() as cursor:
                done = list(self._acknowledged)
                cursor.execute("DELETE FROM direct_heard WHERE id = ANY(%s)", [done])
                del self._acknowledged[: len(done)]

    def note(self, home: str, message_id: str, chat: str, at: datetime, *, elsewhere: bool) -> None:
        """A message in this chat was sent by a device of the account; `elsewhere` by another than this one."""
        with self._cursor() as cursor:
            cursor.execute(UNCLAIMED, [home, message_id, chat, at, elsewhere])

    def unclaimed(
        self, home: str, chats: Sequence[str], since: datetime
    ) -> list[tuple[str, datetime]]:
        """(id, when it arrived) of those that may be this device's own, in a chat of these addresses, since then."""
        with self._cursor() as cursor:
            cursor.execute(
                "SELECT message_id, at FROM direct_unclaimed"
                " WHERE home = %s AND chat = ANY(%s) AND at >= %s AND NOT elsewhere ORDER BY at",
                [home, list(chats), since],
            )
            return [(str(message_id), at) for message_id, at in cursor]

    def drop_old(self, home: str) -> None:
        """Nobody looks for these any more."""
        with self._cursor() as cursor:
            cursor.execute(
                "DELETE FROM direct_unclaimed WHERE home = %s AND at < now() - %s::interval",
                [home, KEPT_FOR],
            )

    def close(self) -> None:
        """Close its connection; the next question opens another."""
        with self._lock:
            self._drop()
