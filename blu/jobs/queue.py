"""Enqueuing tasks and running clusters: with `blu.jobs.broker` the only module that knows django-q2.

A task is a hint, the ledger is the truth: every entry point in `blu.tasks` looks in the database
for what is due, so a task lost, repeated or late changes nothing.
"""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import structlog
from django.conf import settings
from django.db.models.functions import Now
from django_q.cluster import Cluster
from django_q.models import Task
from django_q.signals import post_execute_in_worker, pre_execute
from django_q.tasks import async_task

from blu.db.retry import retry_while_away
from blu.jobs import broker
from blu.jobs.task_files import TasksInHand

log = structlog.get_logger()

STOP_FLAG = "BLU_STOP_FLAG"
JOBS = "jobs"
FAILURES_KEPT = timedelta(days=30)


def browser_cluster(node: str | None = None) -> str:
    """The name of the cluster whose workers are the browser slots of a node."""
    return f"browser-{node or settings.NODE}"


def pairing_cluster(node: str | None = None) -> str:
    """The name of the cluster that keeps a slot free for pairing on a node."""
    return f"pairing-{node or settings.NODE}"


def clusters() -> dict[str, int]:
    """The clusters of this node, each with how many tasks it works on at once."""
    names = (JOBS, browser_cluster(), pairing_cluster())
    known: dict[str, Any] = settings.Q_CLUSTER
    return {name: known["ALT_CLUSTERS"].get(name, known)["workers"] for name in names}


def of_this_node(cluster: str) -> str:
    """The name under which a task goes to this node's `cluster` alone, though all nodes share its name."""
    return broker.taken(cluster)


def is_task(func: object) -> bool:
    """Whether a cluster would run this: the dotted path of an entry point in blu.tasks."""
    return broker.is_task(func)


def forget_failures() -> int:
    """Delete what is kept of tasks that failed long ago; the library keeps them for ever. Returns their number."""
    gone: int = Task.objects.filter(success=False, stopped__lt=Now() - FAILURES_KEPT).delete()[0]
    return gone


def enqueue(task: str, *args: object, cluster: str = JOBS) -> str:
    """Enqueue `task` (a dotted path into blu.tasks) on a cluster. Returns django-q2's id."""
    task_id: str = async_task(task, *args, cluster=cluster, group=task.rsplit(".", 1)[-1])
    return task_id


class StoppableCluster(Cluster):
    """A cluster that tells its running tasks when it was asked to stop.

    django-q2 waits for tasks in hand but can't speak to them: a visit would go on for minutes. The
    flag is a file, so that workers forked at any time see it.
    """

    def sig_handler(self, signum: int, frame: FrameType | None) -> None:
        """Raise the flag, then stop as django-q2 does."""
        ask_to_stop(Path(os.environ[STOP_FLAG]))
        super().sig_handler(signum, frame)


def stop_flag(run: Path, cluster: str) -> Path:
    """The file that exists once a cluster was asked to stop."""
    return run / f"{cluster}.stop"


def ask_to_stop(flag: Path) -> None:
    """Raise a cluster's flag; where the disk refuses even that, its tasks end in their own time."""
    try:
        flag.touch()
    except OSError as error:
        log.warning("stop_flag_not_raised", error=str(error))


def run_cluster(run: Path, name: str) -> None:
    """Run a cluster (whose name is also in Q_CLUSTER_NAME) until SIGTERM; `run` is the node's run folder.

    What a dead predecessor had in hand is given back first.
    """
    flag = stop_flag(run, name)
    flag.unlink(missing_ok=True)
    os.environ[STOP_FLAG] = str(flag)
    in_hand = TasksInHand(run, name)
    in_hand.clear()
    retry_while_away(lambda: give_back(name))

    def begin(task: dict[str, Any], **_kwargs: Any) -> None:
        in_hand.begin(task["ack_id"])

    def end(**_kwargs: Any) -> None:
        in_hand.end()

    # The library's only way to be told: its workers know no other.
    pre_execute.connect(begin, weak=False)
    post_execute_in_worker.connect(end, weak=False)
    broker.load_tasks()
    StoppableCluster().start()


def give_back(cluster: str, node: str | None = None, *, task: int | None = None) -> int:
    """Put back what a dead worker of a node had in hand (one `task`, or all). Returns the number of tasks."""
    return broker.give_back(cluster, node or settings.NODE, task=task)


def supply(ticket: str, cluster: str, due: Callable[[int], int]) -> int:
    """Enqueue a ticket without arguments for each free slot of this node's `cluster` for which something
    is `due` (how many, counted up to its argument); how many.
    """
    waiting, in_hand = broker.outstanding(cluster)
    free = clusters()[cluster] - waiting - in_hand
    missing = min(free, due(free + waiting) - waiting) if free > 0 else 0
    for _number in range(missing):
        enqueue(ticket, cluster=cluster)
    return max(missing, 0)


class StopAsked:
    """Set once the cluster that runs this task was asked to stop; never outside a cluster."""

    def is_set(self) -> bool:
        """True once the flag stands."""
        flag = os.environ.get(STOP_FLAG)
        return flag is not None and os.path.exists(flag)
