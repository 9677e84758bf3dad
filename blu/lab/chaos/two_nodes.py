"""Two nodes on one database, in a folder of their own, started by the same command as any node."""

from __future__ import annotations

import os
import re
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


def second_node(first: dict[str, str]) -> dict[str, str]:
    """One environment file makes another node: the same database and keys, a folder of its own."""
    var = Path(first["BLU_VAR"])
    secrets = dev_secrets.secrets(var)
    return first | {
        "NODE": "b",
        "BLU_TRIAL": "1",
        "BLU_VAR": str(var / "b"),
        "BLU_PORT": str(_free_port()),
        "BLU_SIMULATOR_URL": f"http://127.0.0.1:{first['BLU_SIMULATOR_PORT']}",
        "DATABASE_URL": dev_secrets.database_url(var, "blu_web"),
        "BLU_JOBS_DATABASE_URL": dev_secrets.database_url(var, "blu_jobs"),
        "BLU_OWNER_DATABASE_URL": dev_secrets.database_url(var, "blu_owner"),
        "BLU_HOST_DATABASE_URL": dev_secrets.database_url(var, "blu_host"),
        "BLU_DEVICE_STORE_URL": dev_secrets.database_url(var, "blu_store"),
        "SECRET_KEY": secrets["secret_key"],
        "BLU_ENCRYPTION_KEYS": secrets["encryption_key"],
        "BLU_ERASURE_KEY": secrets["encryption_key"],
    }


@contextmanager
def running(var: Path, pace: Pace, nodes: int) -> Iterator[dict[str, str]]:
    """The house, up; gives node a's environment. Everything is stopped at the end."""
    first = environment(var, pace)
    with ExitStack() as stack:
        stack.enter_context(_node(first, READY))
        if nodes > 1:
            stack.enter_context(_node(second_node(first), READY_B))
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
def _node(env: dict[str, str], ready: str) -> Iterator[None]:
    log = Path(env["BLU_VAR"]) / "up.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w", encoding="utf-8") as out:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "up"], cwd=settings.BASE, env=env,
            stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT,
        )  # fmt: skip
    try:
        _wait_for(process, log, ready, env["NODE"])
        yield
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
