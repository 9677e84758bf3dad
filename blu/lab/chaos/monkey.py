"""What goes wrong: processes killed, paused beyond their lease, servers restarted."""

from __future__ import annotations

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

from blu.db import clock
from blu.db.retry import retry_while_away
from blu.lab.chaos.two_nodes import programs
from blu.ops import dev_secrets
from blu.ops.exec_wrapper import mark, marked
from sessions.driving.leases import TTL

# Drivers whose row is between claim and settle right now, with the process that holds the lease:
# any of them, or first one that drives a real browser or a direct link.
_IN_FLIGHT = """
SELECT lease.fence, runner.pid, d.id, link.transport
  FROM campaigns_delivery d JOIN wa_sessions_lease lease
    ON lease.session_id = d.session_id AND lease.fence = d.fence
  JOIN wa_sessions_link link ON link.id = lease.link_id
  JOIN wa_sessions_runner runner ON runner.id = lease.runner_id
 WHERE d.status = 'sending'
 ORDER BY (%s AND link.transport <> 'simulated') DESC, random() LIMIT 1
"""
_STILL = "SELECT 1 FROM campaigns_delivery WHERE id = %s AND fence = %s AND status = 'sending'"
_QUEUED = "SELECT 1 FROM campaigns_delivery WHERE status = 'queued' LIMIT 1"
_BACKEND = """
SELECT pid FROM pg_stat_activity WHERE usename IN ('blu_web', 'blu_jobs', 'blu_host', 'blu_store') AND pid <> pg_backend_pid()
 ORDER BY random() LIMIT 1
"""

Deed = Callable[[], bool]

CHANCES = {
    "driver": 50, "pause": 8, "program": 12, "host": 7, "worker": 8, "browser": 5, "backend": 5,
    "postgres": 2, "simulator": 3,
}  # fmt: skip
IN_FLIGHT_SHARE = 0.35  # of all kills, at least
RARE_EVERY = 6  # strikes: one of those is something that was not done yet
REAL_FIRST = (
    0.9  # the share of drivers looked for among the few real browsers and direct links first
)


@dataclass
class Monkey:
    """Does one thing at a time, by a seeded chance; remembers what it did.

    `houses` are (node's data folder, node's name). `kills` counts SIGKILLs while rows were queued,
    `in_flight` those that hit a driver between claim and settle; pauses are only in `deeds`.
    """

    houses: list[tuple[Path, str]]
    chance: random.Random
    kills: int = 0
    in_flight: int = 0
    deeds: dict[str, int] = field(default_factory=dict)
    strikes: int = 0
    _paused: list[tuple[psutil.Process, float]] = field(default_factory=list)

    def strike(self) -> bool:
        """One deed while rows are queued; True when it counted as a kill."""
        self.wake_paused()
        if not retry_while_away(lambda: _rows(_QUEUED)):
            return False
        name = self._choose()
        if not retry_while_away(self._deed(name)):
            return False
        self._note(name)
        self.kills += name != "pause"
        return name != "pause"

    def _choose(self) -> str:
        """By chance; but enough drivers in mid-send, and what was not done yet has its turn."""
        self.strikes += 1
        if self.in_flight < IN_FLIGHT_SHARE * self.kills:
            return "driver"
        missing = [name for name in CHANCES if name not in self.deeds]
        if missing and self.strikes % RARE_EVERY == 0:
            return self.chance.choice(missing)
        return self.chance.choices(list(CHANCES), list(CHANCES.values()))[0]

    def _note(self, name: str) -> None:
        self.deeds[name] = self.deeds.get(name, 0) + 1

    def _deed(self, name: str) -> Deed:
        return {
            "driver": self.kill_driver,
            "pause": self.pause_driver,
            "program": self.kill_program,
            "host": self.kill_host,
            "worker": self.kill_worker,
            "browser": self.kill_browser,
            "backend": self.kill_backend,
            "postgres": self.kill_postgres,
            "simulator": lambda: self._kill_named("simulator"),
        }[name]

    def kill_driver(self) -> bool:
        """SIGKILL a process that has claimed a row and not settled it."""
        found = self._in_flight()
        if not found:
            return False
        fence, pid, row, transport = found[0]
        if not _signal(pid, signal.SIGKILL):
            return False
        if _rows(_STILL, [row, fence]):
            self.in_flight += 1
            self._note(f"in flight, {transport}")
        return True

    def _in_flight(self) -> list[tuple[Any, ...]]:
        return _rows(_IN_FLIGHT, [self.chance.random() < REAL_FIRST])

    def pause_driver(self) -> bool:
        """SIGSTOP a driver for longer than its lease lives; it goes on as a zombie, if it still can."""
        found = self._in_flight()
        if not found or not _signal(found[0][1], signal.SIGSTOP):
            return False
        process = psutil.Process(found[0][1])
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
        """SIGKILL the main process of a cluster, of a host, of watch or of the web."""
        var, node = self.chance.choice(self.houses)
        return self._kill_named(self.chance.choice(programs(node)), var)

    def kill_host(self) -> bool:
        """SIGKILL a host; its links go on in the other."""
        return self._kill_named("host-1", self.chance.choice(self.houses)[0])

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

    def kill_postgres(self) -> bool:
        """SIGKILL the server itself; its owner ends, and supervisor starts both again."""
        file = self.houses[0][0] / "postgres" / "postmaster.pid"
        try:
            number = int(file.read_text(encoding="ascii").split()[0])
        except (OSError, ValueError, IndexError):
            return False
        return _signal(number, signal.SIGKILL)

    def _kill_named(self, name: str, var: Path | None = None) -> bool:
        """SIGKILL a program's main process; supervisor brings it back."""
        value = mark(_run(var or self.houses[0][0]), name)
        family = list(marked(value))
        mains = [p for p in family if p.ppid() not in {other.pid for other in family}]
        return bool(mains) and _signal(mains[0].pid, signal.SIGKILL)


def _run(var: Path) -> str:
    return str(dev_secrets.run_folder(var))


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
