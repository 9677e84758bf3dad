"""PgBouncer before the device store, as in production: without it the library keeps two connections a link."""

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from django.conf import settings

from blu.ops.dev_database_account import as_account, give
from sessions.transports.direct.backend import store_url

DOCUMENTED = settings.BASE / "docs" / "pgbouncer" / "pgbouncer-store.ini"
PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
PORT = 6433  # of the documented file: no more than a part of the socket's name
SECONDS = 20.0


@contextmanager
def pooled() -> Iterator[str]:
    """The URL of the device store through a pooler; straight to the database where there is none installed."""
    if PROGRAM is None:
        yield store_url()
        return
    folder = Path(tempfile.mkdtemp(prefix="blu-pooler-"))
    store = urlsplit(store_url())
    (folder / "userlist.txt").write_text(f'"{store.username}" "{store.password}"\n')
    (server,) = parse_qs(store.query).get("host", [store.hostname or ""])
    database = f"{store.path.strip('/')} = host={server}"
    (folder / "pgbouncer.ini").write_text(_configuration(folder, database))
    for path in (folder, *folder.iterdir()):
        give(path)
    process = subprocess.Popen(
        as_account(PROGRAM, "-q", str(folder / "pgbouncer.ini")), stderr=subprocess.DEVNULL
    )
    try:
        _until_it_listens(folder / f".s.PGSQL.{PORT}")
        there = f"{store.username}:{store.password}@"
        way = urlencode({"host": folder, "port": PORT, "sslmode": "disable"})
        yield urlunsplit(("postgresql", there, store.path, way, ""))
    finally:
        process.terminate()
        process.wait(SECONDS)
        shutil.rmtree(folder)


def _configuration(folder: Path, database: str) -> str:
    """The documented file, for this database."""
    text: str = DOCUMENTED.read_text(encoding="utf-8")
    for old, new in (
        ("blu = host=db.internal dbname=blu", database),
        ("unix_socket_dir = /var/run/postgresql", f"unix_socket_dir = {folder}"),
        ("/var/log/postgresql/pgbouncer-store.log", str(folder / "log")),
        ("/var/run/postgresql/pgbouncer-store.pid", str(folder / "pid")),
        ("/etc/pgbouncer/userlist-store.txt", str(folder / "userlist.txt")),
    ):
        assert old in text, f"{old} is not in {DOCUMENTED}"
        text = text.replace(old, new)
    return text


def _until_it_listens(there: Path) -> None:
    deadline = time.monotonic() + SECONDS
    while not there.exists():
        if time.monotonic() > deadline:
            raise TimeoutError("the pooler did not start")
        time.sleep(0.05)
