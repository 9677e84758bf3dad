"""Which tasks the workers of a cluster have in hand, as files that a kill leaves behind.

All of them are empty, for a full disk refuses every byte but neither a name nor a time: one per task
in hand, which says everything in its name, and one for the pulse, whose time says when a task last
began or ended. By the monotonic clock, which all processes of a machine share and nobody sets.
"""

import contextlib
import os
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import structlog

log = structlog.get_logger()

PULSE = "pulse"


@dataclass(frozen=True)
class TaskFile:
    """A worker's task, as its file says: the broker's row, and since when (monotonic seconds)."""

    pid: int
    born: float
    task: int
    since: float

    @property
    def name(self) -> str:
        """What its file is called."""
        return f"{self.pid} {float(self.born)} {self.task} {float(self.since)}"

    @classmethod
    def named(cls, name: str) -> "TaskFile":
        """The task of a file's name. Raises ValueError for any other file."""
        pid, born, task, since = name.split(" ")
        return cls(int(pid), float(born), int(task), float(since))

    def alive(self) -> bool:
        """Whether the worker still is; a pid may have been given to another process."""
        try:
            return abs(psutil.Process(self.pid).create_time() - self.born) < 1
        except psutil.NoSuchProcess:
            return False


class TasksInHand:
    """The task files of one cluster, below the node's run folder. A disk that refuses one stops no task."""

    def __init__(self, run: Path, cluster: str) -> None:
        self.cluster = cluster
        self._folder = run / "working" / cluster
        self._mine: TaskFile | None = None

    def clear(self) -> None:
        """Delete the files of a cluster that ran here before."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            for file in self._folder.iterdir():
                file.unlink()
            (self._folder / PULSE).touch()
        except OSError as error:
            log.warning("tasks_cannot_be_marked", cluster=self.cluster, error=str(error))
        self.beat(0)

    def begin(self, task: int) -> None:
        """Write the file of the task that this process begins."""
        self._mine = TaskFile(os.getpid(), psutil.Process().create_time(), task, time.monotonic())
        self.put(self._mine)
        self.beat(time.monotonic())

    def end(self) -> None:
        """This process has finished it."""
        self.beat(time.monotonic())
        if self._mine is not None:
            self.forget(self._mine)

    def put(self, file: TaskFile) -> None:
        """Write the file of a task."""
        try:
            (self._folder / file.name).touch()
        except OSError as error:
            log.warning("task_not_marked", cluster=self.cluster, error=str(error))

    def files(self) -> list[TaskFile]:
        """What is in hand, or was when its worker died."""
        found = []
        for file in self._folder.iterdir() if self._folder.is_dir() else ():
            with contextlib.suppress(ValueError):
                found.append(TaskFile.named(file.name))
        return found

    def forget(self, file: TaskFile) -> None:
        """Delete a file: its task is finished, or given to others."""
        (self._folder / file.name).unlink(missing_ok=True)

    def beat(self, at: float) -> None:
        """A task began or ended at this time (monotonic seconds)."""
        with contextlib.suppress(OSError):
            os.utime(self._folder / PULSE, (at, at))

    def pulse(self) -> float:
        """When a task last began or ended, in monotonic seconds; 0 when none did yet."""
        try:
            return (self._folder / PULSE).stat().st_mtime
        except FileNotFoundError:
            return 0.0
