"""A cluster that lives and works no more is found; one that is only busy is left alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from blu.jobs import liveness_probe
from blu.jobs.liveness_probe import PATIENCE, YOUTH, LivenessProbe
from blu.jobs.task_files import TaskFile, TasksInHand
from tests.full_disk import refuse_to_write, small_disk


@dataclass
class Cluster:
    """A cluster of two workers, and the clock that its probe goes by."""

    run: Path
    now: float = 1000.0
    age: float | None = 500.0
    sent: list[str] = field(default_factory=list)

    def probe(self) -> LivenessProbe:
        return LivenessProbe(
            self.run,
            "jobs",
            2,
            enqueue=self.sent.append,
            age=lambda: self.age,
            clock=lambda: self.now,
        )

    def busy(self, workers: int) -> None:
        in_hand = TasksInHand(self.run, "jobs")
        in_hand.clear()
        for pid in [1, psutil.Process().ppid()][:workers]:
            born = psutil.Process(pid).create_time()
            in_hand.put(TaskFile(pid, born, 1, 0))


@pytest.fixture
def cluster(tmp_path: Path) -> Cluster:
    return Cluster(tmp_path)


def _silent_after(
    cluster: Cluster, seconds: float, before: Callable[[], None] = lambda: None
) -> bool:
    watched = cluster.probe()
    assert not watched.silent()
    cluster.now += seconds
    before()
    return watched.silent()


def test_no_answer_is_a_dead_cluster(cluster: Cluster) -> None:
    assert not _silent_after(cluster, PATIENCE - 1)
    assert _silent_after(cluster, PATIENCE + 1)


def test_an_answer_sends_the_next_one_a_little_later(cluster: Cluster) -> None:
    watched = cluster.probe()
    watched.silent()
    liveness_probe.answer(cluster.run, "jobs", cluster.sent[0])
    cluster.now += PATIENCE + 1
    assert not watched.silent()
    assert len(cluster.sent) == 1
    cluster.now += liveness_probe.EVERY
    assert not watched.silent()
    assert len(set(cluster.sent)) == 2


def test_another_nodes_answer_is_none(cluster: Cluster) -> None:
    assert _silent_after(
        cluster, PATIENCE + 1, lambda: liveness_probe.answer(cluster.run, "jobs", "of another node")
    )


def test_all_workers_busy_is_no_silence(cluster: Cluster) -> None:
    assert not _silent_after(cluster, PATIENCE + 1, lambda: cluster.busy(2))
    assert _silent_after(cluster, PATIENCE + 1, lambda: cluster.busy(1))


def test_a_task_that_just_ended_is_a_sign_of_life(cluster: Cluster) -> None:
    in_hand = TasksInHand(cluster.run, "jobs")
    in_hand.clear()
    assert not _silent_after(cluster, PATIENCE + 1, lambda: in_hand.beat(cluster.now - 1))


@pytest.mark.parametrize("age", [None, YOUTH - 1])
def test_a_cluster_that_is_starting_gets_its_time(cluster: Cluster, age: float | None) -> None:
    cluster.age = age
    assert not _silent_after(cluster, PATIENCE + 1)


def test_what_was_asked_of_a_cluster_that_was_starting_is_asked_again(cluster: Cluster) -> None:
    cluster.age = 1
    watched = cluster.probe()
    watched.silent()
    cluster.now, cluster.age = cluster.now + 5, YOUTH - PATIENCE - 1
    assert not watched.silent()
    cluster.now, cluster.age = cluster.now + 2, YOUTH - PATIENCE + 1
    assert not watched.silent()
    assert len(cluster.sent) == 2
    cluster.now, cluster.age = cluster.now + PATIENCE - 1, YOUTH
    assert not watched.silent()
    cluster.now += 1
    assert watched.silent()


def test_what_a_lost_database_kept_from_answering_is_excused(cluster: Cluster) -> None:
    watched = cluster.probe()
    watched.silent()
    cluster.now += PATIENCE + 1
    watched.excuse()
    assert not watched.silent()


def test_marks_tell_the_dead_from_the_living(tmp_path: Path) -> None:
    in_hand = TasksInHand(tmp_path, "jobs")
    in_hand.clear()
    in_hand.begin(7)
    in_hand.put(TaskFile(1, 1.0, 8, 0))
    assert {file.task: file.alive() for file in in_hand.files()} == {7: True, 8: False}
    assert in_hand.pulse() > 0
    in_hand.end()
    assert [file.task for file in in_hand.files()] == [8]


def test_a_full_disk_keeps_no_worker_from_marking_and_no_probe_from_answering(
    tmp_path: Path,
) -> None:
    with small_disk(tmp_path / "run", 1) as disk:
        cluster = Cluster(disk.path)
        in_hand = TasksInHand(disk.path, "jobs")
        in_hand.clear()
        watched = cluster.probe()
        watched.silent()
        disk.fill()
        in_hand.begin(7)
        assert [file.task for file in in_hand.files()] == [7]
        liveness_probe.answer(disk.path, "jobs", cluster.sent[0])
        in_hand.end()
        assert in_hand.files() == []
        assert in_hand.pulse() > 0
        cluster.now += PATIENCE + 1
        assert not watched.silent()
        cluster.now += liveness_probe.EVERY
        watched.silent()
        assert len(cluster.sent) == 2


def test_a_disk_that_refuses_even_a_name_stops_no_task(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_hand = TasksInHand(tmp_path, "jobs")
    refuse_to_write(monkeypatch)
    in_hand.clear()
    in_hand.begin(7)
    liveness_probe.answer(tmp_path, "jobs", "token")
    in_hand.end()
    assert in_hand.files() == []


def test_old_answers_are_cleared_away(cluster: Cluster) -> None:
    watched = cluster.probe()
    for _round in range(3):
        watched.silent()
        liveness_probe.answer(cluster.run, "jobs", cluster.sent[-1])
        cluster.now += liveness_probe.EVERY
        watched.silent()
        cluster.now += liveness_probe.EVERY
    assert len(list(cluster.run.iterdir())) <= 1
