"""The doorbell: the only module that knows django-q2.

A task is a hint, the ledger is the truth: every entry point in `blu.tasks` looks in the database
for what is due, so a task lost, repeated or late changes nothing.
"""

from django.conf import settings
from django_q.tasks import async_task


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
