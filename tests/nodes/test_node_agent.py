"""What a watch mends on its own node: dead drivers' leases, their tasks, clusters that are stuck."""

import socket
import subprocess
import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
from django.utils import timezone
from django_q.models import OrmQ
from structlog.testing import capture_logs

from blu.accounts import turns
from blu.accounts.models import Turn
from blu.dispatch import dispatcher, node_agent, watch_loop
from blu.dispatch.node_agent import Displaced, NodeAgent
from blu.jobs import broker, liveness_probe, queue
from blu.jobs.task_files import TaskFile, TasksInHand
from blu.ops import disk, exec_wrapper
from campaigns.ledger.due import WORK
from contacts.models import Import
from sessions.driving import leases, nodes, runner_clock, runners
from sessions.driving.claim_due import claim_due
from sessions.models import BrowserLook, Link, Node, Runner, WhatsAppSession
from tests import factories
from tests.leasing import hold, leased

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead() -> tuple[int, float]:
    """A process that is gone: its pid and when it was born."""
    process = subprocess.Popen(["sleep", "100"])
    born = psutil.Process(process.pid).create_time()
    process.kill()
    process.wait()
    return process.pid, born


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[NodeAgent]:
    """The agent of node a, which has its name."""
    token = uuid4()
    nodes.claim(token, wait=0)
    yield NodeAgent(token, tmp_path)
    runner_clock.agree(timezone.now())


def _held(dead: tuple[int, float]) -> WhatsAppSession:
    """A session whose driver died a moment ago."""
    session = factories.make_session(factories.make_business())
    runner = Runner.objects.create(node="a", host=socket.gethostname(), pid=dead[0], born=dead[1])
    assert leases.take(session.link.pk, runner.pk) is not None
    Link.objects.filter(session=session).update(retry_at=timezone.now())
    return session


def test_a_dead_drivers_session_is_free_at_once(agent: NodeAgent, dead: tuple[int, float]) -> None:
    session = _held(dead)
    assert leased(session.pk) is None
    agent.turn()
    session.refresh_from_db()
    assert session.link.retry_at is None
    token = hold(session.pk)
    assert token.fence == 2


def test_a_driver_in_another_container_is_let_be(agent: NodeAgent, dead: tuple[int, float]) -> None:
    session = _held(dead)
    Runner.objects.update(host="elsewhere")
    agent.turn()
    assert leased(session.pk) is None


def test_a_living_drivers_session_stays_its_own(agent: NodeAgent) -> None:
    session = factories.make_session(factories.make_business())
    with runners.running() as runner:
        assert runner.take(session.link.pk) is not None
        agent.turn()
        assert leased(session.pk) is None


def test_free_slots_get_tickets_that_carry_nothing_as_many_as_sessions_are_due(
    agent: NodeAgent, settings: Any
) -> None:
    assert agent.supply() == 0
    business = factories.make_business()
    for _number in range(settings.SLOTS + 3):
        factories.make_session(business)
    assert agent.supply() == settings.SLOTS
    assert {(row.task["func"], row.task["args"]) for row in OrmQ.objects.all()} == {
        ("blu.tasks.visit", ())
    }
    broker.Broker("browser-a").dequeue()
    assert agent.supply() == 0


def test_a_lost_ticket_is_made_up_for_and_a_second_one_changes_nothing(agent: NodeAgent) -> None:
    session = factories.make_session(factories.make_business())
    assert agent.supply() == 1
    OrmQ.objects.all().delete()
    assert agent.supply() == 1
    with runners.running() as runner:
        assert len(claim_due(runner, WORK, limit=1)) == 1
        assert claim_due(runner, WORK, limit=1) == []
    assert leased(session.pk) is not None


def test_somebody_who_waits_for_a_code_gets_a_ticket_of_the_pairing_cluster(
    agent: NodeAgent,
) -> None:
    session = factories.make_session(factories.make_business(), state="pairing", linked_at=None)
    session.link.pairings.create()
    assert agent.supply() == 1
    assert OrmQ.objects.get().key == "pairing-a"
    assert agent.supply() == 0


def test_a_dead_workers_task_is_done_by_another(
    agent: NodeAgent, dead: tuple[int, float], tmp_path: Path
) -> None:
    queue.enqueue("blu.tasks.run_import", 1)
    ((task, _payload),) = broker.Broker("jobs").dequeue() or []
    in_hand = TasksInHand(tmp_path, "jobs")
    in_hand.clear()
    in_hand.put(TaskFile(dead[0], dead[1], task, 0))
    assert agent.mend() == 1
    assert in_hand.files() == []
    assert broker.Broker("jobs").dequeue() == [(task, OrmQ.objects.get().payload)]


def test_a_stuck_cluster_is_asked_to_stop_and_then_killed(
    agent: NodeAgent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    killed: list[str] = []
    monkeypatch.setattr(exec_wrapper, "kill", lambda _run, name: killed.append(name))
    monkeypatch.setattr(node_agent, "_age", lambda _run, _name: 1000.0)
    monkeypatch.setattr(liveness_probe, "PATIENCE", 0.0)
    agent.turn()
    assert killed == []
    agent.turn()
    assert queue.stop_flag(tmp_path, "browser-a").exists()
    agent.turn()
    assert set(killed) == {"jobs", "browser-a", "pairing-a"}


def test_a_full_disk_is_said_once_and_so_is_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gauge = disk.Gauge(tmp_path / "not" / "yet", 100)
    with capture_logs() as said:
        for left in (500, 99, 3, 100, 500):
            monkeypatch.setattr(disk, "free", lambda _folder, left=left: left)
            assert gauge.is_low() is (left < 100)
    assert [(line["event"], line["free"]) for line in said] == [
        ("disk_full", 99),
        ("disk_has_room", 100),
    ]


def test_a_name_that_was_taken_over_stops_the_node(agent: NodeAgent) -> None:
    Node.objects.update(token=uuid4())
    with pytest.raises(Displaced) as displaced:
        agent.turn()
    assert "another node took the name 'a'" in str(displaced.value)


def test_a_node_is_steady_only_after_a_whole_silences_time(agent: NodeAgent) -> None:
    agent.turn()
    assert not agent.steady()
    assert agent._steady_since is not None
    agent._steady_since -= nodes.gone_after() + 1
    assert agent.steady()
    agent.interrupted()
    assert not agent.steady()


def test_a_clock_five_minutes_ahead_is_corrected(
    agent: NodeAgent, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: real() + timedelta(minutes=5))
    agent.turn()
    assert abs(runner_clock.now() - real()) < timedelta(seconds=10)


def test_one_watch_leads_until_it_ends_or_hangs() -> None:
    first, second = uuid4(), uuid4()
    assert watch_loop.leads(first)
    assert watch_loop.leads(first)
    assert not watch_loop.leads(second)
    Turn.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert watch_loop.leads(second)
    assert not watch_loop.leads(first)
    turns.give_back("watch", second)
    assert watch_loop.leads(first)


@pytest.mark.parametrize(("every", "times"), [(3600.0, 1), (0.0, 3)])
def test_the_watch_that_leads_goes_round_at_once_and_then_not_at_every_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: float, times: int
) -> None:
    stop, turns_taken, gone = threading.Event(), count(1), []
    monkeypatch.setattr(dispatcher, "dispatch_due", lambda *, steady: gone.append(steady))
    monkeypatch.setattr(watch_loop, "ROUND_EVERY", every)
    monkeypatch.setattr(watch_loop, "EVERY", 0.0)

    def turn(_agent: NodeAgent) -> None:
        if next(turns_taken) == 3:
            stop.set()

    monkeypatch.setattr(NodeAgent, "turn", turn)
    watch_loop.watch(stop, uuid4(), tmp_path)
    assert len(gone) == times


@pytest.mark.parametrize("status", ["reading", "queued", "running"])
def test_an_import_that_nobody_works_on_is_rung_again(status: str) -> None:
    business = factories.make_business()
    late = timezone.now() - timedelta(seconds=dispatcher.LOST_TASK + 1)
    for name, enqueued_at in (("late", late), ("fresh", timezone.now())):
        Import.objects.create(
            business=business,
            file_name=name,
            stored_as=name,
            status=status,
            enqueued_at=enqueued_at,
        )
    assert dispatcher.enqueue_imports() == 1
    assert dispatcher.enqueue_imports() == 0


def test_looks_of_a_month_ago_and_of_unlinked_accounts_go(agent: NodeAgent) -> None:
    business = factories.make_business()
    now = timezone.now()
    for name, days, linked_at in (("A", 1, None), ("B", 31, now), ("C", 29, now)):
        session = factories.make_session(business, name=name, linked_at=linked_at)
        for title in ("", f"Dona {name}"):
            look = BrowserLook.objects.create(link=session.link, title_hash=title, looks=[])
            BrowserLook.objects.filter(pk=look.pk).update(seen_at=now - timedelta(days=days))
    agent.turn()
    # The baseline of a linked account stays: without it unheard replies would be history.
    assert sorted(look.title_hash for look in BrowserLook.objects.all()) == ["", "", "Dona C"]
