"""What every node's watch does for its own node: a sign of life, and mending what a kill left behind.

The rounds (blu.dispatch.dispatcher) belong to one leader over all nodes; this belongs to each.
"""

import time
from pathlib import Path
from uuid import UUID

import structlog
from django.conf import settings

from blu.db import clock, limits_cache
from blu.jobs import queue
from blu.jobs.liveness_probe import LivenessProbe
from blu.jobs.task_files import TasksInHand
from blu.ops import exec_wrapper
from campaigns.ledger.due import WORK
from sessions.driving import homes, nodes, runner_clock, runners
from sessions.driving.claim_due import count_due
from sessions.linking.claim_pairing import count_waiting
from sessions.registry import BACKENDS

log = structlog.get_logger()

SWEEP_EVERY = 60.0  # seconds between looks through the homes and for what is old
GRACE = 8.0  # seconds a silent cluster's visits get to finish the message in hand


class Displaced(Exception):
    """Another node took this one's name while it was silent; the message is one line for a person."""


class NodeAgent:
    """The steps of one node's watch; `token` tells this instance from another of the same name."""

    def __init__(self, token: UUID, run: Path) -> None:
        self._token, self._run = token, run
        self._steady_since: float | None = None
        self._swept = float("-inf")
        self._condemned: dict[str, float] = {}
        self._probes = [
            LivenessProbe(
                run, name, workers,
                enqueue=lambda token, name=name: _send_probe(name, token),  # type: ignore[misc]
                age=lambda name=name: _age(run, name),  # type: ignore[misc]
            )
            for name, workers in queue.clusters().items()
        ]  # fmt: skip

    def turn(self) -> None:
        """One turn, every few seconds. Raises Displaced, and what a lost database raises."""
        now = nodes.beat(self._token)
        if now is None:
            raise Displaced(
                f"another node took the name {settings.NODE!r} while this one was silent: "
                "stop one of them, or give it another NODE"
            )
        runner_clock.agree(now)
        if self._steady_since is None:
            self._steady_since = time.monotonic()
        runners.expire_dead()
        self.mend()
        self.supply()
        for probe in self._probes:
            self._tend(probe)
        if time.monotonic() - self._swept > clock.scaled(SWEEP_EVERY):
            self._swept = time.monotonic()
            homes.sweep()
            for backend in BACKENDS.values():
                backend.sweep()
            limits_cache.remove_expired()
            queue.forget_failures()

    def steady(self) -> bool:
        """The database answered for so long that a silent node is a dead one."""
        since = self._steady_since
        return since is not None and time.monotonic() - since > nodes.gone_after()

    def interrupted(self) -> None:
        """Excuse the silence of the time in which the database was away."""
        self._steady_since = None
        for probe in self._probes:
            probe.excuse()

    def supply(self) -> int:
        """Tickets for this node's free slots, where something is due: they carry nothing, so that one
        lost, doubled or late changes nothing. Returns the number enqueued.
        """
        visits = queue.supply(
            "blu.tasks.visit", queue.browser_cluster(), lambda most: count_due(WORK, limit=most)
        )
        pairings = queue.supply(
            "blu.tasks.pair", queue.pairing_cluster(), lambda _most: count_waiting()
        )
        return visits + pairings

    def mend(self) -> int:
        """Give back the tasks that killed workers had in hand. Returns the number of tasks."""
        mended = 0
        for name in queue.clusters():
            tasks = TasksInHand(self._run, name)
            for file in tasks.files():
                if not file.alive():
                    log.warning("task_of_dead_given_back", cluster=name, task=file.task)
                    mended += queue.give_back(name, task=file.task)
                    tasks.forget(file)
        return mended

    def _tend(self, probe: LivenessProbe) -> None:
        """Restart a cluster that answers no more; its visits may finish the message in hand."""
        name = probe.cluster
        if name in self._condemned:
            in_hand = any(file.alive() for file in TasksInHand(self._run, name).files())
            if not in_hand or time.monotonic() - self._condemned[name] > GRACE:
                del self._condemned[name]
                exec_wrapper.kill(self._run, name)
                probe.excuse()
        elif probe.silent():
            log.error("cluster_does_not_answer", cluster=name)
            self._condemned[name] = time.monotonic()
            queue.ask_to_stop(queue.stop_flag(self._run, name))


def _send_probe(name: str, token: str) -> None:
    queue.enqueue("blu.tasks.answer_probe", token, cluster=queue.of_this_node(name))


def _age(run: Path, name: str) -> float | None:
    process = exec_wrapper.running(run, name)
    return None if process is None else time.time() - process.create_time()
