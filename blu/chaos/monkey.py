"""What goes wrong: processes killed, paused beyond their lease, servers restarted."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from django.db import connection

from blu.lib import clock, trial
from blu.lib.patience import patiently
from blu.lib.program import mark, marked
from sessions.leases import TTL

# Drivers whose row is between claim and settle right now, with the processes that hold the lease.
_IN_FLIGHT = """
SELECT lease.session_id, lease.fence, lease.pids, lease.node, d.id
  FROM campaigns_delivery d JOIN wa_sessions_lease lease
    ON lease.session_id = d.session_id AND lease.fence = d.fence
 WHERE d.status = 'sending' AND lease.pids <> '[]'::jsonb ORDER BY random() LIMIT 1
"""
_STILL = "SELECT 1 FROM campaigns_delivery WHERE id = %s AND fence = %s AND status = 'sending'"
_QUEUED = "SELECT 1 FROM campaigns_delivery WHERE status = 'queued' LIMIT 1"
_BACKEND = """
SELECT pid FROM pg_stat_activity WHERE usename = 'blu_web' AND pid <> pg_backend_pid()
 ORDER BY random() LIMIT 1
"""

Deed = Callable[[], bool]


@dataclass
class Monkey:
    """Does one thing at a time, by a seeded chance; remembers what it did.

    `houses` are (node's data folder, node's name).
    """

    houses: list[tuple[Path, str]]
    chance: random.Random
    kills: int = 0
    in_flight: int = 0
    deeds: dict[str, int] = field(default_factory=dict)
    _paused: list[tuple[psutil.Process, float]] = field(default_factory=list)

    def strike(self) -> bool:
        """One deed while rows are queued; True when it counted as a kill."""
        self.wake_paused()
        if not patiently(lambda: _rows(_QUEUED)):
            return False
        names, weights = zip(*self._plan().items(), strict=True)
        name = self.chance.choices(names, weights)[0]
        done = patiently(self._deed(name))
        if done:
            self.kills += 1
            self.deeds[name] = self.deeds.get(name, 0) + 1
        return done

    def _plan(self) -> dict[str, int]:
        return {
            "driver": 55, "pause": 8, "program": 14, "worker": 8, "browser": 5, "backend": 5,
            "postgres": 2, "simulator": 3,
        }  # fmt: skip

    def _deed(self, name: str) -> Deed:
        return {
            "driver": self.kill_driver,
            "pause": self.pause_driver,
            "program": self.kill_program,
            "worker": self.kill_worker,
            "browser": self.kill_browser,
            "backend": self.kill_backend,
            "postgres": lambda: self._kill_named("postgres"),
            "simulator": lambda: self._kill_named("simulator"),
        }[name]

    def kill_driver(self) -> bool:
        """SIGKILL a process that has claimed a row and not settled it."""
        found = _rows(_IN_FLIGHT)
        if not found:
            return False
        _session, fence, pids, _node, row = found[0]
        if not _signal(_first(pids), signal.SIGKILL):
            return False
        self.in_flight += bool(_rows(_STILL, [row, fence]))
        return True

    def pause_driver(self) -> bool:
        """SIGSTOP a driver for longer than its lease lives; it goes on as a zombie, if it still can."""
        found = _rows(_IN_FLIGHT)
        if not found or not _signal(_first(found[0][2]), signal.SIGSTOP):
            return False
        process = psutil.Process(_first(found[0][2]))
        self._paused.append((process, time.monotonic() + clock.scaled(TTL) * 1.6))
        return True

    def wake_paused(self, *, everybody: bool = False) -> None:
        """SIGCONT what was paused long enough."""
        for process, until in list(self._paused):
            if everybody or time.monotonic() > until:
                self._paused.remove((process, until))
                if process.is_running():
                    _signal(process.pid, signal.SIGCONT)

    def kill_program(self) -> bool:
        """SIGKILL the main process of a cluster, of watch or of the web."""
        var, node = self.chance.choice(self.houses)
        name = self.chance.choice(["jobs", f"browser-{node}", f"pairing-{node}", "watch", "web"])
        return self._kill_named(name, var)

    def kill_worker(self) -> bool:
        """SIGKILL any process below a browser cluster, idle or busy."""
        var, node = self.chance.choice(self.houses)
        below = list(marked(mark(_run(var), f"browser-{node}")))
        return bool(below) and _signal(self.chance.choice(below).pid, signal.SIGKILL)

    def kill_browser(self) -> bool:
        """SIGKILL a Chromium."""
        running = [
            process
            for var, node in self.houses
            for process in marked(mark(_run(var), f"browser-{node}"))
            if "chrom" in process.name().lower() or "headless_shell" in process.name()
        ]
        return bool(running) and _signal(self.chance.choice(running).pid, signal.SIGKILL)

    def kill_backend(self) -> bool:
        """SIGKILL a PostgreSQL backend: the server ends every connection and recovers."""
        found = _rows(_BACKEND)
        return bool(found) and _signal(found[0][0], signal.SIGKILL)

    def _kill_named(self, name: str, var: Path | None = None) -> bool:
        """SIGKILL a program's main process; supervisor brings it back."""
        value = mark(_run(var or self.houses[0][0]), name)
        family = list(marked(value))
        mains = [p for p in family if p.ppid() not in {other.pid for other in family}]
        return bool(mains) and _signal(mains[0].pid, signal.SIGKILL)


def _run(var: Path) -> str:
    return str(trial.run_folder(var))


def _first(pids: object) -> int:
    rows = json.loads(pids) if isinstance(pids, str) else pids
    assert isinstance(rows, list)
    return int(rows[0][0])


def _signal(pid: int, number: signal.Signals) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def _rows(sql: str, values: list[Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())
