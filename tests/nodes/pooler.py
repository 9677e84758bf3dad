"""A real PgBouncer in transaction mode, with the documented file, and what transactions leave behind.

It has one connection to the database for everybody. After each transaction the database itself notes what
of the session is still there: a statement, a cursor, a lock, a setting. In production that would
meet another page.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
    """PgBouncer with one server connection."""
    name, port = str(connection.settings_dict["NAME"]), free_port()
    password = dev_secrets.secrets(settings.VAR)["web_password"]
    folder = Path(tempfile.mkdtemp(prefix="blu-pooler-"))
    (folder / "userlist.txt").write_text(f'"blu_web" "{password}"\n')
    (folder / "pgbouncer.ini").write_text(_configuration(folder, name, port))
    for path in (folder, *folder.iterdir()):
        give(path)
    own = Pooler(
        f"postgresql://blu_web:{password}@127.0.0.1:{port}/{name}", folder, _started(folder)
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


def _configuration(folder: Path, name: str, port: int) -> str:
    text = DOCUMENTED.read_text()
    for old, new in (
        (
            "blu = host=db.internal dbname=blu",
            f"{name} = host={dev_secrets.socket_folder(settings.VAR)}",
        ),
        ("listen_port = 6432", f"listen_port = {port}"),
        ("/var/log/postgresql/pgbouncer.log", str(folder / "log")),
        ("/var/run/postgresql/pgbouncer.pid", str(folder / "pid")),
        ("/etc/pgbouncer/userlist.txt", str(folder / "userlist.txt")),
        ("default_pool_size = 20", "default_pool_size = 1"),
        ("query_wait_timeout = 10", WAIT),
    ):
        assert old in text, f"{old} is not in {DOCUMENTED}"
        text = text.replace(old, new)
    return (
        f"{text}\nserver_reset_query_always = 1\nserver_reset_query = SELECT look_what_is_left()\n"
    )


MISSING = PGBOUNCER is None and "CI" not in os.environ
