"""Two nodes on one database, in a folder of their own, started by the same command as any node."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError

from blu.ops import dev_secrets

READY = "sign-in:"
READY_B = "blü:"
SECONDS = 180.0
STOP_SECONDS = 60.0
_OWN = re.compile(r"BLU_(?!BROWSER)|DATABASE_URL|NODE$|DEBUG$|DJANGO_SETTINGS_MODULE")
# What no environment file says: no two nodes need it alike.
_LAB = re.compile(r"BLU_SIMULATED|BLU_HOST_PROCESSES|BLU_LOG_LEVEL")


class HouseFailed(Exception):
    """One line that says which node didn't start."""


@dataclass(frozen=True)
class Pace:
    """How time runs in the house: the scale of waits, the least and most seconds of a message."""

    time_scale: float = 0.2
    least: float = 0.2
    most: float = 2.0
    slots: int = 4


def environment(var: Path, pace: Pace) -> dict[str, str]:
    """What node a's processes are given: ports that are free now, the folder, the pace."""
    kept = {name: value for name, value in os.environ.items() if not _OWN.match(name)}
    return kept | {
        "BLU_VAR": str(var),
        "BLU_PORT": str(_free_port()),
        "BLU_SIMULATOR_PORT": str(_free_port()),
        "BLU_TIME_SCALE": str(pace.time_scale),
        "BLU_SIMULATED_DELAY_LEAST": str(pace.least),
        "BLU_SIMULATED_DELAY_MOST": str(pace.most),
        "BLU_SLOTS": str(pace.slots),
        "BLU_HOST_PROCESSES": "1",
        "BLU_HOME_STORAGE": str(var / "archives"),
        "BLU_LOG_LEVEL": "WARNING",
        "PYTHONUNBUFFERED": "1",
        "NODE": "a",
    }


def second_node(first: dict[str, str], slots: int) -> dict[str, str]:
    """What node b's processes are given: the file that `node_file` prints on node a, and how messages are paced."""
    command = (
        "node_file", "b", "--var", str(Path(first["BLU_VAR"]) / "b"),
        "--port", str(_free_port()), "--slots", str(slots),
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE, env=first, capture_output=True, text=True, check=True,
    )  # fmt: skip
    kept = {
        name: value for name, value in first.items() if not _OWN.match(name) or _LAB.match(name)
    }
    return kept | dict(line.split("=", 1) for line in map(_unquoted, done.stdout.splitlines()))


@contextmanager
def running(var: Path, pace: Pace, nodes: int) -> Iterator[dict[str, str]]:
    """The house, up; gives node a's environment. Everything is stopped at the end."""
    first = environment(var, pace)
    with ExitStack() as stack:
        stack.enter_context(up(first))
        if nodes > 1:
            stack.enter_context(up(second_node(first, pace.slots)))
        yield first


def perform_inside(pace: Pace, nodes: int) -> None:
    """Run this very command once more, with --inside, in a house of its own, and take all away after.

    CommandError when the house doesn't start or the command fails; then its folder is kept.
    """
    settings.VAR.mkdir(parents=True, exist_ok=True)
    command = sys.argv[1]
    var = Path(tempfile.mkdtemp(prefix=f"{command}-", dir=settings.VAR))
    try:
        with running(var, pace, nodes) as env:
            status = subprocess.run(
                [sys.executable, "manage.py", *sys.argv[1:], "--inside"],
                cwd=settings.BASE, env=env, check=False,
            ).returncode  # fmt: skip
    except HouseFailed as failed:
        raise CommandError(str(failed)) from None
    if status:
        raise CommandError(f"a promise was not kept, see above; logs are kept in {var}")
    shutil.rmtree(var, ignore_errors=True)
    shutil.rmtree(dev_secrets.run_folder(var), ignore_errors=True)


def houses(nodes: int) -> list[tuple[Path, str]]:
    """Inside: the data folder and the name of each node."""
    return [(settings.VAR, "a"), (settings.VAR / "b", "b")][:nodes]


def programs(node: str) -> tuple[str, ...]:
    """What works on a node of the house."""
    return ("jobs", f"browser-{node}", f"pairing-{node}", "host-1", "watch", "web")


@contextmanager
def up(env: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """`manage.py up` of one node, once every program answers; stopped at the end. HouseFailed where it doesn't start."""
    log = Path(env["BLU_VAR"]) / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=settings.BASE, env=env,
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait_for(process, log, READY_B if "DATABASE_URL" in env else READY, env["NODE"])
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(process: subprocess.Popen[bytes], log: Path, ready: str, name: str) -> None:
    deadline = time.monotonic() + SECONDS
    while ready not in log.read_text(encoding="utf-8"):
        if process.poll() is not None or time.monotonic() > deadline:
            raise HouseFailed(
                f"node {name} did not start: {log.read_text(encoding='utf-8')[-500:]}"
            )
        time.sleep(0.2)


def _unquoted(line: str) -> str:
    return "".join(shlex.split(line))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
