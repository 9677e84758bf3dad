"""Which tasks the workers of a cluster have in hand, as files that a kill leaves behind.

One file per worker, named by its pid, and one for the pulse: when a task last began or ended. By
the monotonic clock, which all processes of a machine share and nobody sets.
"""

import contextlib
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

PULSE = "pulse"


@dataclass(frozen=True)
class Mark:
    """A worker's task: the broker's row, and since when (monotonic seconds)."""

    pid: int
    born: float
    task: int
    since: float

    def alive(self) -> bool:
        """Whether the worker still is; a pid may have been given to another process."""
        try:
            return abs(psutil.Process(self.pid).create_time() - self.born) < 1
        except psutil.NoSuchProcess:
            return False


class Working:
    """The marks of one cluster, below the node's run folder."""

    def __init__(self, run: Path, cluster: str) -> None:
        self.cluster = cluster
        self._folder = run / "working" / cluster

    def clear(self) -> None:
        """Forget a dead predecessor's marks."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True, exist_ok=True)

    def begin(self, task: int) -> None:
        """This process has taken a task in hand."""
        mark = {"born": psutil.Process().create_time(), "task": task, "since": time.monotonic()}
        self._write(str(os.getpid()), json.dumps(mark))
        self._write(PULSE, str(time.monotonic()))

    def end(self) -> None:
        """This process has finished it."""
        self._write(PULSE, str(time.monotonic()))
        (self._folder / str(os.getpid())).unlink(missing_ok=True)

    def marks(self) -> list[Mark]:
        """What is in hand, or was when its worker died."""
        found = []
        files = self._folder.iterdir() if self._folder.is_dir() else ()
        for file in (file for file in files if file.name.isdigit()):
            with contextlib.suppress(FileNotFoundError, ValueError):
                found.append(Mark(pid=int(file.name), **json.loads(file.read_text())))
        return found

    def forget(self, mark: Mark) -> None:
        """Take away a dead worker's mark."""
        (self._folder / str(mark.pid)).unlink(missing_ok=True)

    def pulse(self) -> float:
        """When a task last began or ended, in monotonic seconds; 0 when none did yet."""
        try:
            return float((self._folder / PULSE).read_text())
        except (FileNotFoundError, ValueError):
            return 0.0

    def _write(self, name: str, text: str) -> None:
        """Whole or not at all: others read while we write."""
        draft = self._folder / f".{name}.{os.getpid()}"
        draft.write_text(text)
        draft.replace(self._folder / name)
