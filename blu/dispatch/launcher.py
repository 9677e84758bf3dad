"""Starts everything a node needs, in the foreground, and stops all of it again.

`manage.py up` and `manage.py demo` share this; the demo gives a script to run once all answers.
"""

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from threading import Event
from types import FrameType
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection

from blu.dispatch import bootstrap, trial_code
from blu.ops import dev_database, dev_secrets, environment, ports, process_lock
from blu.ops.dev_database_account import PostgresFailed
from blu.ops.supervisor import INSTANCE, Supervisor, SupervisorFailed, supervised
from blu.ops.supervisor_config import Node
from sessions.driving import nodes

HEALTHY_SECONDS = 90.0
INTERRUPTED = 130
# Tells the process that replaced the one that migrated (see _let_go_of_the_owner).
PREPARED = "BLU_PREPARED"
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Script = Callable[[], int]

_asked_to_stop = Event()


class CannotStart(Exception):
    """One line that says what keeps the house from starting."""


def up(*, then: Script | None = None, once: bool = False) -> int:
    """Run the node until Ctrl-C or SIGTERM; gives the exit status.

    `then` is called when every program answers, and gives the status. With `once` the node stops
    after it, otherwise it goes on serving. Raises CannotStart; leaves no process behind.
    """
    _asked_to_stop.clear()
    for number in SIGNALS:
        signal.signal(number, _interrupt)
    os.environ[INSTANCE] = str(uuid4())
    _keep_private(settings.VAR)
    try:
        with process_lock.only_one(dev_secrets.make_run_folder(settings.VAR) / "up.lock"):
            _refuse_taken_ports()
            _let_go_of_the_owner(_node())
            return _run(then, once)
    except process_lock.AlreadyHeld:
        raise CannotStart(f"blü already runs on {settings.VAR}: stop it, or set BLU_VAR") from None
    except (
        SupervisorFailed,
        PostgresFailed,
        bootstrap.PreparationFailed,
        nodes.NameTaken,
    ) as failed:
        raise CannotStart(str(failed)) from None
    except KeyboardInterrupt:
        return INTERRUPTED


def _keep_private(folder: Path) -> None:
    """Close the data folder to others; in a trial of root its database's account passes through."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(folder.stat().st_mode & (0o710 if settings.EMBEDDED_DATABASE else 0o700))


def _let_go_of_the_owner(node: Node) -> None:
    """Migrate where that needs no database of our own, then begin anew without the owner's URL.

    What a process was started with stays readable in /proc for as long as it lives, so this one is
    replaced by itself; it comes by here once more.
    """
    prepared = os.environ.pop(PREPARED, "") or settings.EMBEDDED_DATABASE
    if not prepared:
        bootstrap.prepare_database(node)
    if prepared and environment.OWNER not in os.environ:
        return
    left = {name: value for name, value in os.environ.items() if name != environment.OWNER}
    sys.stdout.flush()
    os.execve(sys.executable, sys.orig_argv, left | {PREPARED: "1"})


def _run(then: Script | None, once: bool) -> int:
    node = _node()
    status = INTERRUPTED
    if settings.EMBEDDED_DATABASE:
        dev_database.prepare(settings.VAR)
    else:
        os.environ.setdefault(environment.JOBS, os.environ["DATABASE_URL"])
        os.environ.setdefault(environment.HOSTS, os.environ[environment.JOBS])
    with supervised(node) as supervisor:
        try:
            _start(supervisor, node)
            status = 0 if then is None else then()
            while not once:
                _stop_if_asked()
                supervisor.check()
                time.sleep(0.3)
        except KeyboardInterrupt:
            sys.stdout.write("\nstopping …\n")
        finally:
            _ignore_signals()
    return status


def _start(supervisor: Supervisor, node: Node) -> None:
    if settings.EMBEDDED_DATABASE:
        bootstrap.prepare_database(node, supervisor.check)
    nodes.claim(UUID(os.environ[INSTANCE]))
    connection.close()
    if node.simulator_port is not None:
        supervisor.start_group("simulator")
    supervisor.start_group("work")
    _wait_until_healthy(supervisor, node)
    sys.stdout.write(f"blü:       http://{_shown(node.host)}:{node.port}/\n")
    if node.simulator_port is not None:
        sys.stdout.write(f"simulator: http://127.0.0.1:{node.simulator_port}/\n")
    if settings.EMBEDDED_DATABASE:
        sys.stdout.write(_sign_in())
    sys.stdout.flush()


def _sign_in() -> str:
    """How to enter a trial's support pages, in one write: who waits for the first line may leave then."""
    password = dev_secrets.secrets(settings.VAR)["staff_password"]
    secret = trial_code.secret()
    connection.close()
    return (
        f"sign-in:   {trial_code.STAFF_EMAIL} / {password}\n"
        f"           and then the code of: {trial_code.command()}\n"
        f"           (or of an authenticator app with the key {secret})\n"
    )


def _wait_until_healthy(supervisor: Supervisor, node: Node) -> None:
    """Until every program runs and the servers answer. Raises CannotStart naming what does not."""
    servers = {"web": (node.host, node.port)}
    if node.simulator_port is not None:
        servers["simulator"] = ("127.0.0.1", node.simulator_port)
    deadline = time.monotonic() + HEALTHY_SECONDS
    while True:
        _stop_if_asked()
        supervisor.check()
        late = {name for name, state in supervisor.states().items() if state != "RUNNING"}
        # Those that are still loading are left alone.
        late = late or {name for name, address in servers.items() if not ports.answers(*address)}
        if not late:
            return
        if time.monotonic() > deadline:
            words = "; ".join(bootstrap.last_words(node, name) for name in sorted(late))
            raise CannotStart(f"not ready after {HEALTHY_SECONDS:.0f} s: {words}")
        time.sleep(0.2)


def _refuse_taken_ports() -> None:
    wanted = {"BLU_PORT": (settings.HOST, settings.PORT)}
    if _has_simulator():
        wanted["BLU_SIMULATOR_PORT"] = ("127.0.0.1", settings.SIMULATOR_PORT)
    for variable, (host, port) in wanted.items():
        if ports.taken(host, port):
            raise CannotStart(f"port {port} is taken: free it, or set {variable} to another")


def _node() -> Node:
    return Node(
        root=settings.BASE,
        var=settings.VAR,
        name=settings.NODE,
        host=settings.HOST,
        port=settings.PORT,
        python=sys.executable,
        embedded_postgres=settings.EMBEDDED_DATABASE,
        simulator_port=settings.SIMULATOR_PORT if _has_simulator() else None,
        hosts=settings.HOST_PROCESSES if _has_device_store() else 0,
    )


def _has_simulator() -> bool:
    """Only a trial runs its own; elsewhere the address of one may be given."""
    return bool(settings.EMBEDDED_DATABASE and settings.SIMULATOR_URL)


def _has_device_store() -> bool:
    """A trial's is in its own database."""
    return bool(settings.EMBEDDED_DATABASE or settings.DEVICE_STORE_URL)


def _shown(host: str) -> str:
    return "127.0.0.1" if host in ports.ANY else host


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """The first signal ends what runs; the stop that follows is not disturbed by a second."""
    _asked_to_stop.set()
    _ignore_signals()
    raise KeyboardInterrupt


def _stop_if_asked() -> None:
    """Python swallows an exception that a signal raises within a finaliser; the loops ask again."""
    if _asked_to_stop.is_set():
        raise KeyboardInterrupt


def _ignore_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
