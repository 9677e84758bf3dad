"""What an ordinary month brings: deploys, restarts, a page in a mood. Nothing is killed."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import psutil

from blu.lab.chaos.two_nodes import programs
from blu.ops import dev_secrets, exec_wrapper

# Faults that pass, each with its values; a browser's session meets all of them.
FAULTS: dict[str, dict[str, Any]] = {
    "late_tick": {"seconds": 30}, "receipt_first": {"seconds": 5}, "no_ack": {},
    "double_receipts": {}, "whats_new": {"when": "open", "times": 1}, "stale_draft": {"times": 1},
    "slow_pane": {"seconds": 20}, "deaf_send": {"times": 1}, "silent_cut": {}, "offline": {},
    "crash": {"when": "sent", "times": 1}, "wrong_chat": {"when": "open", "times": 1},
}  # fmt: skip
FAULT_SECONDS = 5.0


class Simulator(Protocol):
    """What is asked of the simulator."""

    def set_fault(self, account: str, fault: str, **values: Any) -> dict[str, Any]: ...
    def clear_faults(self, account: str, fault: str | None = None) -> dict[str, Any]: ...


@dataclass
class Upset:
    """Disturbs two nodes gently, one thing at a time, by a seeded chance; remembers what it did."""

    simulator: Simulator
    houses: list[tuple[Path, str]]
    accounts: list[str]
    chance: random.Random
    done: dict[str, int] = field(default_factory=dict)

    def disturb(self) -> None:
        """One disturbance."""
        deeds: list[Callable[[], str]] = [self._fault, self._fault, self._restart]
        name = self.chance.choice(deeds)()
        self.done[name] = self.done.get(name, 0) + 1

    def _fault(self) -> str:
        name = self.chance.choice(list(FAULTS))
        account = self.chance.choice(self.accounts)
        self.simulator.set_fault(account, name, **FAULTS[name])
        time.sleep(FAULT_SECONDS)
        self.simulator.clear_faults(account)
        return name

    def _restart(self) -> str:
        """SIGTERM to one program, as a deploy does; supervisor starts it again."""
        var, node = self.chance.choice(self.houses)
        name = self.chance.choice(programs(node))
        process = exec_wrapper.running(dev_secrets.run_folder(var), name)
        if process is not None:
            process.send_signal(signal.SIGTERM)
        return f"restart {name}"


def memory_mb(houses: list[tuple[Path, str]]) -> dict[str, float]:
    """Proportional memory of each program of work, in MB, browsers left out: they come and go."""
    found = {}
    for var, node in houses:
        for name in programs(node):
            value = exec_wrapper.mark(str(dev_secrets.run_folder(var)), name)
            total = sum(_pss(process) for process in exec_wrapper.marked(value))
            found[f"{node}:{name}"] = round(total / 1024 / 1024, 1)
    return found


def _pss(process: psutil.Process) -> int:
    try:
        if "python" not in process.name():
            return 0
        pss: int = process.memory_full_info().pss
    except psutil.Error:
        return 0
    return pss
