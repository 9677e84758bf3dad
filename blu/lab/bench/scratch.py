"""A house of its own for a bench: database server, simulator and data folder, gone afterwards.

Nobody's data is touched and nothing of the machine's other servers is measured: the durable embedded
PostgreSQL is started on an empty folder, and the bench runs as a child that knows only that house.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from django.conf import settings

from blu.ops import dev_database, dev_secrets
from blu.ops.dev_database_account import PostgresFailed

_OWN = re.compile(r"BLU_(?!BROWSER)|DATABASE_URL|NODE$|DEBUG$|DJANGO_SETTINGS_MODULE")


class CannotBench(Exception):
    """One line that says why the scratch house didn't start."""


def run(name: str, options: list[str]) -> int:
    """Run one bench in a house of its own; gives the exit status of the child that measured."""
    settings.VAR.mkdir(parents=True, exist_ok=True)
    var = Path(tempfile.mkdtemp(prefix="bench-", dir=settings.VAR))
    command = [sys.executable, "manage.py", "bench", name, "--inside", *options]
    try:
        with dev_database.running(var):
            return subprocess.run(
                command, cwd=settings.BASE, env=environment(var), check=False
            ).returncode
    except PostgresFailed as failed:
        raise CannotBench(str(failed)) from None
    finally:
        shutil.rmtree(var, ignore_errors=True)
        shutil.rmtree(dev_secrets.run_folder(var), ignore_errors=True)


def environment(var: Path) -> dict[str, str]:
    """The caller's environment without any blü of its own; the owner's rights, real durability."""
    kept = {name: value for name, value in os.environ.items() if not _OWN.match(name)}
    return kept | {
        "BLU_VAR": str(var),
        "BLU_DATABASE_ROLE": "blu_owner",
        "BLU_LOG_LEVEL": "ERROR",
    }


@contextmanager
def simulator(scale: float = 0.1) -> Iterator[tuple[str, psutil.Process]]:
    """A simulator on a free port, its record in the scratch house; gives its URL and its process."""
    command = [sys.executable, "-m", "sessions.simulator", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--data", str(settings.VAR / "simulator"), "--time-scale", str(scale)],
        cwd=settings.BASE, env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        found = re.search(r"http://[^/]+:\d+", process.stdout.readline())
        if found is None:
            raise CannotBench("the simulator did not start")
        yield found.group(), psutil.Process(process.pid)
    finally:
        process.kill()
        process.communicate()
