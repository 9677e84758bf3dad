"""Hosts of a bench: `manage.py run_host` with the rights of one, on its simulator and behind the store's pooler."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import IO

import psutil
from django.conf import settings

from blu.lab.bench import store_pooler

LONG = 1800.0  # seconds
LAST_WORDS = 20_000  # bytes


@dataclass(frozen=True)
class Host:
    """A host that was begun, and where it says what goes wrong."""

    process: subprocess.Popen[bytes]
    said: IO[bytes]

    @property
    def pid(self) -> int:
        """By which its runner is known."""
        return self.process.pid

    def last_words(self) -> str:
        """The last lines that it said."""
        self.said.seek(max(0, self.said.seek(0, os.SEEK_END) - LAST_WORDS))
        return self.said.read().decode(errors="replace")


@contextmanager
def several(url: str, capacity: int) -> Iterator[Callable[[], Host]]:
    """Gives what begins a host on the simulator at `url`; all that run at the end are stopped."""
    settings.SIMULATOR_URL = url
    begun: list[Host] = []
    with store_pooler.pooled() as store, ExitStack() as files:
        environment = os.environ | {
            "BLU_SIMULATOR_URL": url, "BLU_DATABASE_ROLE": "blu_host", "BLU_DEVICE_STORE_URL": store,
        }  # fmt: skip

        def begin() -> Host:
            said = files.enter_context(tempfile.TemporaryFile())
            process = subprocess.Popen(
                [sys.executable, "-X", "faulthandler", "manage.py", "run_host", "--capacity", str(capacity)],
                cwd=settings.BASE, env=environment, stdin=subprocess.DEVNULL, stderr=said,
            )  # fmt: skip
            begun.append(Host(process, said))
            return begun[-1]

        try:
            yield begin
        finally:
            for host in begun:
                host.process.terminate()
            for host in begun:
                host.process.wait(LONG)


@contextmanager
def one(url: str, capacity: int) -> Iterator[psutil.Process]:
    """A single one. Raises RuntimeError with the last lines that it said, where it ended by itself."""
    with several(url, capacity) as begin:
        host = begin()
        try:
            yield psutil.Process(host.pid)
        finally:
            ended = host.process.poll()
            if ended is not None:
                raise RuntimeError(f"the host ended by itself ({ended}): {host.last_words()}")
