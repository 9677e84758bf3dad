"""The doorbell: the only module that knows django-q2.

A task is a hint, the ledger is the truth: every entry point in `blu.tasks` looks in the database
for what is due, so a task lost, repeated or late changes nothing.
"""

import os
from pathlib import Path
from types import FrameType

from django.conf import settings
from django_q.cluster import Cluster
from django_q.tasks import async_task

STOP_FLAG = "BLU_STOP_FLAG"


def browser_cluster(node: str | None = None) -> str:
    """The name of the cluster whose workers are the browser slots of a node."""
    return f"browser-{node or settings.NODE}"


def pairing_cluster(node: str | None = None) -> str:
    """The name of the cluster that keeps a slot free for pairing on a node."""
    return f"pairing-{node or settings.NODE}"


def enqueue(task: str, *args: object, cluster: str = "jobs") -> str:
    """Ring for `task` (a dotted path into blu.tasks) on a cluster; gives django-q2's id."""
    task_id: str = async_task(task, *args, cluster=cluster, group=task.rsplit(".", 1)[-1])
    return task_id


class StoppableCluster(Cluster):
    """A cluster that tells its running tasks when it was asked to stop.

    django-q2 waits for tasks in hand but can't speak to them: a visit would go on for minutes. The
    flag is a file, so that workers forked at any time see it.
    """

    def sig_handler(self, signum: int, frame: FrameType | None) -> None:
        """Raise the flag, then stop as django-q2 does."""
        Path(os.environ[STOP_FLAG]).touch()
        super().sig_handler(signum, frame)


def run_cluster(flag: Path) -> None:
    """Run the cluster named by Q_CLUSTER_NAME until SIGTERM; `flag` is its stop flag."""
    flag.parent.mkdir(parents=True, exist_ok=True)
    flag.unlink(missing_ok=True)
    os.environ[STOP_FLAG] = str(flag)
    StoppableCluster().start()


class StopAsked:
    """Set once the cluster that runs this task was asked to stop; never outside a cluster."""

    def is_set(self) -> bool:
        """True once the flag stands."""
        flag = os.environ.get(STOP_FLAG)
        return flag is not None and os.path.exists(flag)
