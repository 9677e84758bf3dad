"""What a bench gives back, and how time and memory are measured."""

import json
import resource
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil


@dataclass(frozen=True)
class Figure:
    """One line of a bench: a figure, the floor it is held against, and their ratio.

    `unit` says what both are in: seconds (ratio = figure / floor, small is good) or rows per second
    (ratio = figure / floor, big is good). `target` is the issue's bound for the ratio, if any.
    """

    bench: str
    rows: int
    unit: str
    figure: float
    floor: float | None
    peak_mb: float
    target: str = ""
    more: dict[str, Any] = field(default_factory=dict)

    def line(self) -> str:
        """The figure as one line of JSON."""
        values = asdict(self)
        more = values.pop("more")
        ratio = round(self.figure / self.floor, 3) if self.floor else None
        values["figure"] = round(self.figure, 3)
        values["floor"] = round(self.floor, 3) if self.floor else None
        return json.dumps({**values, "ratio": ratio, **more})


def seconds(step: Callable[[], object]) -> float:
    """How long a step takes, by a clock that never jumps."""
    start = time.perf_counter()
    step()
    return time.perf_counter() - start


def median(values: Iterable[float]) -> float:
    """The middle one: a busy machine's outliers don't count."""
    return statistics.median(values)


def peak_mb() -> float:
    """The most memory this process has had since `reset_peak`, in MB (proc(5), VmHWM)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return round(int(line.split()[1]) / 1024, 1)


def children_peak_mb() -> float:
    """The most memory that any child which has ended had, in MB."""
    return round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 1)


def reset_peak() -> None:
    """Begin anew with the peak memory of this process (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def family_pss_mb(pid: int) -> float:
    """Proportional memory of a process and all below it, in MB."""
    root = psutil.Process(pid)
    total = 0
    for process in [root, *root.children(recursive=True)]:
        try:
            total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return round(total / 1024 / 1024, 1)
