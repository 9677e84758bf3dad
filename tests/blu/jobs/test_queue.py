"""The doorbell: which cluster is asked, for a task that exists, and how a stop is told."""

import re
from datetime import timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.cluster import Cluster
from django_q.models import OrmQ, Task

from blu import tasks
from blu.jobs import queue

TASKS = [
    name
    for name, value in vars(tasks).items()
    if callable(value) and getattr(value, "__module__", "") == "blu.tasks"
]


@pytest.mark.django_db
def test_a_ring_waits_in_the_cluster_it_was_meant_for() -> None:
    queue.enqueue("blu.tasks.visit", cluster=queue.browser_cluster("b"))
    enqueued = OrmQ.objects.get()
    assert enqueued.key == "browser-b"
    task = enqueued.task
    assert (task["func"], task["args"]) == ("blu.tasks.visit", ())


@pytest.mark.django_db
def test_a_ring_without_a_cluster_is_for_the_jobs() -> None:
    queue.enqueue("blu.tasks.take_snapshot", 7)
    assert OrmQ.objects.get().key == "jobs"


@pytest.mark.django_db(transaction=True)
def test_a_ring_in_a_transaction_that_fails_was_never_heard() -> None:
    """The broker is the same database: a launch that is rolled back rings for nobody."""

    @transaction.atomic
    def launch() -> None:
        queue.enqueue("blu.tasks.take_snapshot", 7)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        launch()
    assert not OrmQ.objects.exists()


def test_each_cluster_is_configured_so_that_nothing_runs_twice() -> None:
    """django-q2 redelivers what runs longer than `retry`; a cluster without settings waits for ever."""
    jobs: dict[str, Any] = settings.Q_CLUSTER
    configured: dict[str, Any] = jobs["ALT_CLUSTERS"]
    assert {queue.browser_cluster(), queue.pairing_cluster()} <= set(configured)
    for values in (jobs, *configured.values()):
        assert settings.VISIT_SECONDS < values["timeout"] < values["retry"]


@pytest.mark.parametrize("name", TASKS)
def test_every_task_can_be_rung_for_by_its_path(name: str) -> None:
    assert callable(import_string(f"blu.tasks.{name}"))


def test_what_is_enqueued_in_the_code_exists() -> None:
    """A typo in a dotted path would wait in the queue until somebody reads the failures."""
    named = set()
    for package in ("blu", "campaigns", "contacts", "sessions"):
        for file in (settings.BASE / package).rglob("*.py"):
            named |= set(re.findall(r'"blu\.tasks\.(\w+)"', file.read_text(encoding="utf-8")))
    assert named
    assert named <= set(TASKS)


# Stopping


def test_outside_a_cluster_nobody_asks_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(queue.STOP_FLAG, raising=False)
    assert not queue.StopAsked().is_set()


def test_a_stop_is_seen_once_the_flag_stands(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flag = tmp_path / "browser-a.stop"
    monkeypatch.setenv(queue.STOP_FLAG, str(flag))
    stop = queue.StopAsked()
    assert not stop.is_set()
    flag.touch()
    assert stop.is_set()


def test_a_signal_raises_the_flag_before_the_cluster_stops(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    flag = tmp_path / "jobs.stop"
    monkeypatch.setenv(queue.STOP_FLAG, str(flag))
    seen: list[bool] = []

    def stopped(_self: Cluster, _signum: int, _frame: FrameType | None) -> None:
        seen.append(flag.exists())

    monkeypatch.setattr(Cluster, "sig_handler", stopped)
    queue.StoppableCluster().sig_handler(15, None)
    assert seen == [True]


@pytest.mark.django_db
def test_what_failed_long_ago_is_forgotten() -> None:
    for days, success in ((31, False), (29, False), (31, True)):
        at, name = timezone.now() - timedelta(days=days), f"{days} {success}"
        Task.objects.create(id=name, name=name, func="f", started=at, stopped=at, success=success)
    assert queue.forget_failures() == 1
    assert set(Task.objects.values_list("name", flat=True)) == {"29 False", "31 True"}
