"""What the workers run: entry points of blu.tasks, whatever a row of the database names."""

from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.utils import timezone
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler
from django_q.tasks import async_task

from blu import tasks
from blu.jobs import broker, queue

FOREIGN = (
    "subprocess.getoutput",
    "os.system",
    "builtins.eval",
    "blu.tasks.os.system",
    "blu.tasks.settings",
    "blu.tasks.log",
    "blu.tasks.StopAsked",
    "blu.tasks.",
    "blu.tasks",
    "tasks.visit",
    "",
    print,
    None,
)


@pytest.mark.parametrize("func", FOREIGN)
def test_nothing_but_an_entry_point_is_a_task(func: object) -> None:
    assert not queue.is_task(func)


def test_every_entry_point_is_one() -> None:
    own = [one for one in vars(tasks).values() if getattr(one, "__module__", "") == "blu.tasks"]
    assert len(own) > 5
    assert all(queue.is_task(f"blu.tasks.{one.__name__}") for one in own)


def taken() -> list[tuple[int, str]]:
    """What a cluster would get to run."""
    return broker.Broker("jobs").dequeue() or []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("func", "options"),
    [
        ("subprocess.getoutput", {}),
        ("builtins.eval", {}),
        ("blu.tasks.answer_probe", {"hook": "os.system"}),
        (print, {}),
    ],
)
def test_a_foreign_task_leaves_the_queue_without_being_run(func: Any, options: Any) -> None:
    async_task(func, "id", cluster="jobs", **options)
    queue.enqueue("blu.tasks.answer_probe", "x")
    # A cluster takes one or several at once, by how it was set up.
    [(row, _payload)] = taken() or taken()
    [left] = OrmQ.objects.all()
    assert (left.pk, left.task["func"]) == (row, "blu.tasks.answer_probe")
    assert left.task["args"] == ("x",)


def test_no_cluster_runs_anything_by_the_clock() -> None:
    clusters = settings.Q_CLUSTER
    assert clusters["scheduler"] is False
    assert not [one for one in clusters["ALT_CLUSTERS"].values() if one.get("scheduler")]
    assert Conf.SCHEDULER is False


def test_the_admin_has_no_schedules() -> None:
    assert Schedule not in admin.site._registry


@pytest.mark.django_db
def test_even_a_schedule_that_came_due_would_run_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_q.scheduler.close_old_django_connections", lambda: None)
    Schedule.objects.create(
        func="subprocess.getoutput", args="'id'", next_run=timezone.now(), cluster="jobs"
    )
    scheduler(broker=broker.Broker("jobs"))
    assert OrmQ.objects.get().task["func"] == "subprocess.getoutput"
    assert taken() == []
    assert not OrmQ.objects.exists()
