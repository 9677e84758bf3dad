"""A real PgBouncer in transaction mode, with the documented file, and what transactions leave behind.

It has one connection to the database for everybody. After each transaction the database itself notes what
of the session is still there: a statement, a cursor, a lock, a setting. In production that would
meet another page.
"""

import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit, urlunsplit

import psycopg
from django.conf import settings
from django.db import connection

from blu.ops import dev_secrets
from blu.ops.dev_database_account import as_account, give
from tests.eventually import GENEROUS, eventually
from tests.processes.conftest import free_port

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
# Seconds after which a page that gets no connection is told so.
WAIT = "query_wait_timeout = 60"
DOCUMENTED = Path(settings.BASE, "docs", "pgbouncer", "pgbouncer.ini")
OF_THE_STORE = DOCUMENTED.with_name("pgbouncer-store.ini")

# What PgBouncer itself carries from client to client.
_TRACKED = ("TimeZone", "DateStyle", "IntervalStyle", "client_encoding", "application_name",
            "standard_conforming_strings")  # fmt: skip
_LOOK = f"""
CREATE TABLE left_behind (what text NOT NULL);
CREATE FUNCTION look_what_is_left() RETURNS void LANGUAGE sql SECURITY DEFINER AS $$
    INSERT INTO left_behind
    SELECT 'statement ' || statement FROM pg_prepared_statements
     UNION ALL SELECT 'cursor ' || statement FROM pg_cursors WHERE is_holdable
     UNION ALL SELECT 'lock ' || objid FROM pg_locks
                WHERE locktype = 'advisory' AND pid = pg_backend_pid()
     UNION ALL SELECT 'channel ' || pg_listening_channels()
     UNION ALL SELECT 'table ' || relname FROM pg_class WHERE relnamespace = pg_my_temp_schema()
     UNION ALL SELECT 'setting ' || name FROM pg_settings
                WHERE source = 'session' AND name NOT IN {_TRACKED}
$$
"""


@contextmanager
def watched() -> Iterator[None]:
    """The database notes what is left after each transaction that goes through the pooler."""
    _as_owner(_LOOK)
    try:
        yield
    finally:
        _as_owner("DROP FUNCTION look_what_is_left; DROP TABLE left_behind")


def _as_owner(statements: str) -> None:
    name = str(connection.settings_dict["NAME"])
    url = dev_secrets.database_url(settings.VAR, "blu_owner", database=name)
    with psycopg.connect(url) as owner:
        owner.execute(statements)


def left_behind() -> set[str]:
    """What was noted so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT what FROM left_behind")
        return {what for (what,) in cursor.fetchall()}


@dataclass
class Pooler:
    """A running PgBouncer; `url` is that of the test's database through it, as blu_web."""

    url: str
    folder: Path
    process: "subprocess.Popen[bytes]"

    def kill(self) -> None:
        """kill -9, waiting until it is gone."""
        self.process.kill()
        self.process.wait()
        (self.folder / "pid").unlink()

    def restart(self) -> None:
        """Start it again after that."""
        self.process = _started(self.folder)

    @contextmanager
    def waits_at_most(self, seconds: int) -> Iterator[None]:
        """Meanwhile, who gets no connection for so long is told so."""
        before = (self.folder / "pgbouncer.ini").read_text()
        assert WAIT in before
        self._read_again(before.replace(WAIT, f"query_wait_timeout = {seconds}"))
        try:
            yield
        finally:
            self._read_again(before)

    def _read_again(self, configuration: str) -> None:
        said = len((self.folder / "log").read_text())
        (self.folder / "pgbouncer.ini").write_text(configuration)
        self.process.send_signal(signal.SIGHUP)
        eventually(lambda: "re-reading config" in (self.folder / "log").read_text()[said:])


@contextmanager
def pooler() -> Iterator[Pooler]:
    """PgBouncer with one server connection, before the database of pages."""
    noted = "server_reset_query_always = 1\nserver_reset_query = SELECT look_what_is_left()\n"
    changed = {"default_pool_size = 20": "default_pool_size = 1", "query_wait_timeout = 10": WAIT}
    with _running(DOCUMENTED, "blu_web", changed, noted) as own:
        yield own


@contextmanager
def store_pooler() -> Iterator[Pooler]:
    """The one before the store of devices."""
    with _running(OF_THE_STORE, "blu_store", {}, "") as own:
        address = urlsplit(own.url)
        way = urlencode({"host": own.folder, "port": address.port, "sslmode": "disable"})
        who = f"{address.username}:{address.password}@"
        own.url = urlunsplit((address.scheme, who, address.path, way, ""))
        yield own


@contextmanager
def _running(documented: Path, role: str, changed: dict[str, str], more: str) -> Iterator[Pooler]:
    name, port = str(connection.settings_dict["NAME"]), free_port()
    password = dev_secrets.secrets(settings.VAR)[f"{role.removeprefix('blu_')}_password"]
    folder = Path(tempfile.mkdtemp(prefix="blu-pooler-"))
    (folder / "userlist.txt").write_text(f'"{role}" "{password}"\n')
    text = _configuration(documented.read_text(), folder, name, port, changed)
    (folder / "pgbouncer.ini").write_text(f"{text}\n{more}")
    for path in (folder, *folder.iterdir()):
        give(path)
    own = Pooler(
        f"postgresql://{role}:{password}@127.0.0.1:{port}/{name}", folder, _started(folder)
    )
    try:
        yield own
    finally:
        own.process.terminate()
        own.process.wait(GENEROUS)
        shutil.rmtree(folder)


def _started(folder: Path) -> "subprocess.Popen[bytes]":
    """It refuses to be root, as PostgreSQL does, and may go where the embedded server's account may."""
    assert PGBOUNCER is not None, "CI must have pgbouncer"
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            as_account(PGBOUNCER, str(folder / "pgbouncer.ini")), stdout=log, stderr=log
        )
    eventually(lambda: (folder / "pid").exists() or process.poll() is not None)
    assert process.poll() is None, (folder / "log").read_text()
    return process


def _configuration(text: str, folder: Path, name: str, port: int, changed: dict[str, str]) -> str:
    """A documented file, for this database and this folder."""
    where = dev_secrets.socket_folder(settings.VAR)
    for pattern, new in (
        (r"(?m)^blu = .*$", f"{name} = host={where}"),
        (r"listen_port = \d+", f"listen_port = {port}"),
        (r"(?m)^logfile = .*$", f"logfile = {folder / 'log'}"),
        (r"(?m)^pidfile = .*$", f"pidfile = {folder / 'pid'}"),
        (r"(?m)^auth_file = .*$", f"auth_file = {folder / 'userlist.txt'}"),
        (r"(?m)^unix_socket_dir =.*$", f"unix_socket_dir = {folder}"),
        *((re.escape(old), new) for old, new in changed.items()),
    ):
        text, found = re.subn(pattern, new, text)
        assert found == 1, f"{pattern} stands {found} times"
    return text


MISSING = PGBOUNCER is None and "CI" not in os.environ
