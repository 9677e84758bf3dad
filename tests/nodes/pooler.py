"""A real PgBouncer in transaction mode, with the documented file, and what transactions leave behind.

It has one connection to the database for everybody. After each transaction the database itself notes what
of the session is still there: a statement, a cursor, a lock, a setting. In production that would
meet another page.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

from blu.lib import trial
from blu.lib.postgres_files import Account
from tests.eventually import GENEROUS, eventually
from tests.processes.conftest import free_port

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
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
    with connection.cursor() as cursor:
        cursor.execute(_LOOK)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION look_what_is_left; DROP TABLE left_behind")


def left_behind() -> set[str]:
    """What was noted so far."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT what FROM left_behind")
        return {what for (what,) in cursor.fetchall()}


@contextmanager
def pooler(wait: int) -> Iterator[str]:
    """PgBouncer with one server connection; the URL of the test's database through it, as blu_web.

    Who gets no connection for `wait` seconds is told so.
    """
    assert PGBOUNCER is not None, "CI must have pgbouncer"
    name, port = str(connection.settings_dict["NAME"]), free_port()
    password = trial.secrets(settings.VAR)["web_password"]
    account = Account.current()
    folder = Path(tempfile.mkdtemp(prefix="blu-pooler-"))
    (folder / "userlist.txt").write_text(f'"blu_web" "{password}"\n')
    (folder / "pgbouncer.ini").write_text(_configuration(folder, name, port, wait))
    for path in (folder, *folder.iterdir()):
        account.own(path)
    # It refuses to be root, as PostgreSQL does, and may go where the embedded server's account may.
    them = (
        {"user": account.uid, "group": account.gid, "extra_groups": []} if account.foreign else {}
    )
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [PGBOUNCER, str(folder / "pgbouncer.ini")], stdout=log, stderr=log, **them
        )  # type: ignore[call-overload]
    try:
        eventually(lambda: (folder / "pid").exists() or process.poll() is not None)
        assert process.poll() is None, (folder / "log").read_text()
        yield f"postgresql://blu_web:{password}@127.0.0.1:{port}/{name}"
    finally:
        process.terminate()
        process.wait(GENEROUS)
        shutil.rmtree(folder)


def _configuration(folder: Path, name: str, port: int, wait: int) -> str:
    text = DOCUMENTED.read_text()
    for old, new in (
        ("blu = host=db.internal dbname=blu", f"{name} = host={trial.socket_folder(settings.VAR)}"),
        ("listen_port = 6432", f"listen_port = {port}"),
        ("/var/log/postgresql/pgbouncer.log", str(folder / "log")),
        ("/var/run/postgresql/pgbouncer.pid", str(folder / "pid")),
        ("/etc/pgbouncer/userlist.txt", str(folder / "userlist.txt")),
        ("default_pool_size = 20", "default_pool_size = 1"),
        ("query_wait_timeout = 10", f"query_wait_timeout = {wait}"),
    ):
        assert old in text, f"{old} is not in {DOCUMENTED}"
        text = text.replace(old, new)
    return (
        f"{text}\nserver_reset_query_always = 1\nserver_reset_query = SELECT look_what_is_left()\n"
    )


MISSING = PGBOUNCER is None and "CI" not in os.environ
