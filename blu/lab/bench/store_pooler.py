"""PgBouncer before the device store, as in production: without it the library keeps two connections a link."""

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

from django.conf import settings

from blu.ops.dev_database_account import as_account, give
from sessions.transports.direct.backend import store_url

DOCUMENTED = settings.BASE / "docs" / "pgbouncer" / "pgbouncer-store.ini"
PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
SECONDS = 20.0


@contextmanager
def pooled() -> Iterator[str]:
    """The URL of the device store through a pooler; straight to the database where there is none installed."""
    if PROGRAM is None:
        yield store_url()
        return
    folder, port = Path(tempfile.mkdtemp(prefix="blu-pooler-")), _free_port()
    store = urlsplit(store_url())
    (folder / "userlist.txt").write_text(f'"{store.username}" "{store.password}"\n')
    (server,) = parse_qs(store.query).get("host", [store.hostname or ""])
    database = f"{store.path.strip('/')} = host={server}"
    (folder / "pgbouncer.ini").write_text(_configuration(folder, database, port))
    for path in (folder, *folder.iterdir()):
        give(path)
    process = subprocess.Popen(
        as_account(PROGRAM, "-q", str(folder / "pgbouncer.ini")), stderr=subprocess.DEVNULL
    )
    try:
        _until_it_listens(port)
        there = f"{store.username}:{store.password}@127.0.0.1:{port}"
        yield urlunsplit(("postgresql", there, store.path, "sslmode=disable", ""))
    finally:
        process.terminate()
        process.wait(SECONDS)
        shutil.rmtree(folder)


def _configuration(folder: Path, database: str, port: int) -> str:
    """The documented file, for this database."""
    text: str = DOCUMENTED.read_text(encoding="utf-8")
    for old, new in (
        ("blu = host=db.internal dbname=blu", database),
        ("listen_port = 6433", f"listen_port = {port}"),
        ("/var/log/postgresql/pgbouncer-store.log", str(folder / "log")),
        ("/var/run/postgresql/pgbouncer-store.pid", str(folder / "pid")),
        ("/etc/pgbouncer/userlist-store.txt", str(folder / "userlist.txt")),
    ):
        assert old in text, f"{old} is not in {DOCUMENTED}"
        text = text.replace(old, new)
    return text


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _until_it_listens(port: int) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
