"""The queue keeps the database's time, and knows who took a task."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from blu.jobs import broker, queue

pytestmark = pytest.mark.django_db

Monkey = pytest.MonkeyPatch


def _rows() -> list[str]:
    return sorted(OrmQ.objects.values_list("key", flat=True))


def test_a_ring_from_a_clock_five_minutes_ahead_is_heard_at_once(monkeypatch: Monkey) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(timezone, "now", lambda: _real_now() + timedelta(minutes=5))
        queue.enqueue("blu.tasks.answer_probe", "x", cluster="jobs")
    assert len(broker.Broker("jobs").dequeue() or []) == 1


def test_a_clock_five_minutes_behind_takes_nothing_twice(monkeypatch: Monkey) -> None:
    queue.enqueue("blu.tasks.answer_probe", "x", cluster="jobs")
    monkeypatch.setattr(timezone, "now", lambda: _real_now() - timedelta(minutes=5))
    jobs = broker.Broker("jobs")
    assert jobs.dequeue()
    assert jobs.dequeue() is None


def test_a_taken_task_goes_by_its_node_until_it_is_given_back() -> None:
    queue.enqueue("blu.tasks.answer_probe", "x", cluster="jobs")
    ((task, _payload),) = broker.Broker("jobs").dequeue() or []
    assert _rows() == ["jobs@a"]
    assert queue.give_back("jobs", "b") == 0
    assert queue.give_back("jobs", "a", task=task + 1) == 0
    assert queue.give_back("jobs", "a", task=task) == 1
    assert _rows() == ["jobs"]
    assert broker.Broker("jobs").dequeue()


def test_outstanding_are_those_that_wait_and_those_in_hand_here() -> None:
    for _ticket in range(2):
        queue.enqueue("blu.tasks.visit", cluster=queue.browser_cluster("a"))
    queue.enqueue("blu.tasks.visit", cluster=queue.browser_cluster("b"))
    broker.Broker("browser-a").dequeue()
    assert _rows() == ["browser-a", "browser-a@a", "browser-b"]
    assert broker.outstanding("browser-a") == (1, 1)


def test_only_its_own_node_answers_what_is_rung_for_there(settings: object) -> None:
    queue.enqueue("blu.tasks.answer_probe", "x", cluster=queue.of_this_node("jobs"))
    settings.NODE = "b"
    assert broker.Broker("jobs").dequeue() is None
    settings.NODE = "a"
    assert broker.Broker("jobs").dequeue()


def test_a_task_that_was_never_acknowledged_comes_back() -> None:
    queue.enqueue("blu.tasks.answer_probe", "x", cluster="jobs")
    jobs = broker.Broker("jobs")
    jobs.dequeue()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_ormq SET lock = lock - interval '1 hour'")
    ((task, _payload),) = jobs.dequeue() or []
    jobs.acknowledge(task)
    assert _rows() == []


_real_now = timezone.now
