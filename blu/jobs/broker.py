"""django-q2's broker over PostgreSQL: by the database's clock, and knowing who took a task.

The library's own compares locks with each machine's clock: a node five minutes ahead would hide its
tasks from all others for five minutes. And it forgets who took a task: one whose worker is dead
would wait for `retry`, up to twenty minutes. Here a taken task goes by the key `<cluster>@<node>`,
so that whoever knows of the death gives it back at once.

A task is a dotted path that the library would import and call, whatever it names: here only those
of blu.tasks leave the queue.
"""

import inspect
from importlib import import_module
from time import sleep

import structlog
from django.conf import settings
from django.db import Error, connection
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.db.models.signals import pre_save
from django.dispatch import receiver
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ, Task
from django_q.signing import BadSignature, SignedPackage

from blu.db.retry import is_away, retry_while_away
from blu.ops import logs

log = structlog.get_logger()

AWAY_SECONDS = 1.0
TASKS = "blu.tasks"  # by name: nothing below it may import it

_TAKE = """
UPDATE django_q_ormq
   SET key = %(own)s, lock = statement_timestamp() + make_interval(secs => %(retry)s)
 WHERE id IN (SELECT id FROM django_q_ormq
               WHERE key IN (%(key)s, %(own)s) AND lock < statement_timestamp()
               ORDER BY id LIMIT %(bulk)s FOR UPDATE SKIP LOCKED)
RETURNING id, payload
"""

_GIVE_BACK = """
UPDATE django_q_ormq SET key = %(key)s, lock = statement_timestamp()
 WHERE key = %(own)s AND (%(task)s::bigint IS NULL OR id = %(task)s)
"""


@receiver(pre_save, sender=Task)
def _keep_no_people(instance: Task, **_kwargs: object) -> None:
    """What is kept of a task that failed are an error's words and where it was raised."""
    if isinstance(instance.result, str):
        instance.result = logs.without_people(instance.result)


class Broker(ORM):
    """The queue `list_key`, as this node's clusters and everybody who enqueues see it."""

    def enqueue(self, task: str) -> int:
        """Put a signed task into the queue. Returns its row's id."""
        row = OrmQ.objects.create(key=self.list_key or Conf.CLUSTER_NAME, payload=task, lock=Now())
        return int(row.pk)

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Take at most `bulk` tasks that are due; None, after a moment, where there are none or the database is away."""
        values = {
            "key": self.list_key,
            "own": taken(self.list_key),
            "retry": Conf.RETRY,
            "bulk": Conf.BULK,
        }
        try:
            with connection.cursor() as cursor:
                cursor.execute(_TAKE, values)
                rows: list[tuple[int, str]] = cursor.fetchall()
        except Error as error:
            if not is_away(error):
                raise
            connection.close()
            sleep(AWAY_SECONDS)
            return None
        if not rows:
            sleep(Conf.POLL)
        return [row for row in rows if self._may_run(*row)] or None

    def _may_run(self, row: int, payload: str) -> bool:
        """Whether a task is one of ours; any other goes out of the queue, with a line in the log."""
        try:
            task = SignedPackage.loads(payload)
        except (TypeError, BadSignature):
            return True  # not to be read, so never run: django-q2 drops it and says so
        if is_task(task["func"]) and not task.get("hook"):
            return True
        log.error("foreign_task_dropped", func=str(task["func"]), hook=str(task.get("hook")))
        self.delete(row)
        return False

    def set_stat(self, key: str, value: str, timeout: int) -> None:
        """Drop a cluster's statistics, sent twice a second: the watch probes its clusters instead."""

    def delete(self, task_id: int) -> None:
        """Take a finished task out, once the database answers."""
        retry_while_away(lambda: OrmQ.objects.filter(pk=task_id).delete())

    def queue_size(self) -> int:
        """How many wait."""
        return self._mine().filter(lock__lte=Now()).count()

    def lock_size(self) -> int:
        """How many are in hand."""
        return self._mine().filter(lock__gt=Now()).count()

    def _mine(self) -> "QuerySet[OrmQ]":
        found: QuerySet[OrmQ] = OrmQ.objects.filter(key__in=[self.list_key, taken(self.list_key)])
        return found


def load_tasks() -> None:
    """Import the tasks before a cluster forks, so that its workers needn't."""
    import_module(TASKS)


def is_task(func: object) -> bool:
    """Whether this is the dotted path of an entry point in blu.tasks, and not of something it imports."""
    module, _, name = func.rpartition(".") if isinstance(func, str) else ("", "", "")
    found = getattr(import_module(TASKS), name, None) if module == TASKS else None
    return inspect.isfunction(found) and found.__module__ == TASKS


def taken(cluster: str, node: str | None = None) -> str:
    """The key of the tasks that a node's cluster has taken; enqueued under it, a task runs on that node only."""
    return f"{cluster}@{node or settings.NODE}"


def give_back(cluster: str, node: str, *, task: int | None = None) -> int:
    """Put back a dead worker's tasks (one `task`, or all of the cluster's). Returns the number of tasks."""
    with connection.cursor() as cursor:
        values = {"key": cluster, "own": taken(cluster, node), "task": task}
        cursor.execute(_GIVE_BACK, values)
        return int(cursor.rowcount)


def outstanding(cluster: str) -> tuple[int, int]:
    """Returns the number of a cluster's tasks that wait, and of those in hand on this node."""
    keys = OrmQ.objects.filter(key__in=[cluster, taken(cluster)]).values_list("key", flat=True)
    waiting = sum(key == cluster for key in keys)
    return waiting, len(keys) - waiting
