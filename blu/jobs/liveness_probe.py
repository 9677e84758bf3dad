"""A task that must be answered: finds a cluster whose processes live but run no tasks.

django-q2 can lose its inner queue's lock with a killed worker: every process is alive then, and no
task ever runs (0 of 4 did when it was tried). A cluster whose workers are all busy is left alone:
django-q2's own timeout ends what hangs in a task. The answer is an empty file with the token in its
name: a full disk, which refuses every byte, is no reason to be taken for dead.
"""

import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import structlog

from blu.jobs.task_files import TasksInHand

log = structlog.get_logger()

EVERY = 5.0  # seconds between an answer and the next probe
PATIENCE = 20.0  # seconds without an answer, or any other sign of life, before it is given up
YOUTH = 30.0  # seconds a cluster has to get going


def answer(run: Path, cluster: str, token: str) -> None:
    """Answer a probe: create the file with its token that the watch looks for."""
    try:
        _answer(run, cluster, token).touch()
    except OSError as error:
        log.warning("probe_not_answered", cluster=cluster, error=str(error))


def _answer(run: Path, cluster: str, token: str) -> Path:
    return run / f"{cluster}.probe.{token}"


class LivenessProbe:
    """The probe of one cluster. `enqueue` sends the task with a token, `age` gives how long the cluster
    runs, in seconds, None while it does not run."""

    def __init__(
        self,
        run: Path,
        cluster: str,
        workers: int,
        *,
        enqueue: Callable[[str], object],
        age: Callable[[], float | None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cluster = cluster
        self._run = run
        self._in_hand = TasksInHand(run, cluster)
        self._workers = workers
        self._enqueue, self._age, self._clock = enqueue, age, clock
        self._token = ""
        self._young = False
        self._sent = self._next = clock()

    def silent(self) -> bool:
        """Send a probe or look for its answer. Returns True once the cluster counts as dead."""
        now = self._clock()
        if self._token and self._answered():
            self._token, self._next = "", now + EVERY
        if not self._token:
            if now >= self._next:
                self._send(now)
            return False
        return self._stalled(now)

    def excuse(self) -> None:
        """Start over without a verdict: the database was away, or the cluster was restarted."""
        self._token = ""
        self._next = self._clock() + EVERY

    def _send(self, now: float) -> None:
        token = uuid4().hex
        self._forget_answers()
        self._enqueue(token)
        self._token, self._sent = token, now

    def _answered(self) -> bool:
        return _answer(self._run, self.cluster, self._token).exists()

    def _forget_answers(self) -> None:
        for old in self._run.glob(_answer(Path(), self.cluster, "*").name):
            old.unlink(missing_ok=True)

    def _stalled(self, now: float) -> bool:
        age = self._age()
        if age is None or age < YOUTH - PATIENCE:
            self._young = True
        elif self._young:
            # What was asked while it started may have gone with its predecessor's tasks.
            self._young = False
            self._send(now)
        if age is None or age < YOUTH:
            return False
        if now - max(self._sent, self._in_hand.pulse()) < PATIENCE:
            return False
        return sum(file.alive() for file in self._in_hand.files()) < self._workers
