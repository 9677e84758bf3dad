"""bench peers: what Baileys takes for the same accounts and messages, beside ours, on one simulator in one run.

Ours twice: the transport alone in a process of its own, and the host with its ledger. Baileys as it comes, with its
multi-file store. All write as much, to people who never had a message.
"""

import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil
from django.conf import settings

from blu.lab.bench import directing, hosts, scratch, simulated_account, store_pooler
from blu.lab.bench.baileys import NoBaileys, library
from blu.lab.bench.measuring import Figure
from blu.lab.bench.taking import own_mb, taken

SESSIONS = 60
MESSAGES = 3_000
AT_ONCE = 20  # accounts that link, or send, at a time
SECONDS = 120.0
WEIGHED_EVERY = 1.0  # seconds
TEXT = "Olá! Seu plano tem novidades.\n\nBench · Responda SAIR para não receber mais"
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Weight:
    """What so many accounts took: MB of memory each, the median of those seconds in which they wrote, and ms of CPU a
    message, its database's beside.
    """

    mb_linked: float
    mb: float
    cpu_ms: float
    cpu_ms_database: float
    failed: int


class Program:
    """A process that is asked by JSON lines and answers by JSON lines."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            command, cwd=settings.BASE, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.process = psutil.Process(self._process.pid)
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(json.loads(line))

    def ask(self, **values: object) -> None:
        """Tell it to do something."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(values) + "\n")
        self._process.stdin.flush()

    def hears(self) -> dict[str, Any]:
        """What it says next."""
        return self._said.get(timeout=SECONDS)

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.communicate()


def measure(sessions: int, messages: int) -> Iterator[Figure]:
    """The host with its ledger, then the transport alone, then Baileys."""
    try:
        folder = library()
    except NoBaileys as error:
        raise scratch.CannotBench(str(error)) from None
    with scratch.simulator(scale=1.0) as (url, simulator):
        with hosts.one(url, sessions) as host:
            figures = list(directing.measure_in(url, simulator, host, sessions, messages))
        yield from figures
        with _ours(url) as program:
            ours = _weighed(program, url, sessions, messages, first=1)
        with _baileys(url, folder) as program:
            theirs = _weighed(program, url, sessions, messages, first=2)
    yield from _compared(figures, ours, theirs, sessions)


@contextmanager
def _ours(url: str) -> Iterator[Program]:
    package = simulated_account.told(url, "/ws/copy")["package"]
    with store_pooler.pooled() as store:
        yield from _running([sys.executable, "-m", "blu.lab.bench.transport_alone", package, store])


@contextmanager
def _baileys(url: str, folder: Path) -> Iterator[Program]:
    root = simulated_account.told(url, "/ws/root")["root"]
    address = f"ws{url.removeprefix('http')}/ws/chat"
    stores = settings.VAR / "baileys"
    stores.mkdir()
    yield from _running(
        ["node", str(HERE / "baileys.mjs"), str(folder), address, root, str(stores)]
    )


def _running(command: Sequence[str]) -> Iterator[Program]:
    program = Program(command)
    try:
        assert program.hears() == {"ready": True}
        yield program
    finally:
        program.end()


def _weighed(program: Program, url: str, sessions: int, messages: int, *, first: int) -> Weight:
    """Link so many accounts, `first` makes them others than before, and have all of them write."""
    names = [f"peer-{first}-{number}" for number in range(sessions)]
    _link(program, url, names[:1], first)
    empty = own_mb(program.process)
    for part in _parts(names[1:]):
        _link(program, url, part, first)
    linked = own_mb(program.process)
    each, failed = max(1, messages // sessions), 0
    processes = {"program": program.process}
    with taken(processes, memory_of="program", look_every=WEIGHED_EVERY) as took:
        for part in _parts(names):
            failed += _send(program, part, each)
    count, others = each * sessions, max(1, sessions - 1)
    return Weight(
        (linked - empty) / others,
        (median([*took.mb, own_mb(program.process)]) - empty) / others,
        took.cpu["program"] * 1000 / count,
        took.cpu["database"] * 1000 / count,
        failed,
    )


def _parts(names: list[str]) -> Iterator[list[str]]:
    for begin in range(0, len(names), AT_ONCE):
        yield names[begin : begin + AT_ONCE]


def _link(program: Program, url: str, names: list[str], first: int) -> None:
    """A phone scans the first code of each; return once all are open."""
    for name in names:
        program.ask(link=name)
    waiting, scanned = set(names), set[str]()
    while waiting:
        said = program.hears()
        name = str(said.get("of"))
        if "qr" in said and name not in scanned:
            scanned.add(name)
            number = name.rsplit("-", 1)[-1]
            simulated_account.scan(
                url, f"+5548{900_000_000 + first * 10_000_000 + int(number)}", said["qr"]
            )
        elif said.get("open"):
            waiting.discard(name)
        elif said.get("open") is False:
            raise RuntimeError("an account was not linked")


def _send(program: Program, names: list[str], each: int) -> int:
    """All of them write to so many people; how many messages were not taken."""
    for name in names:
        number = int(name.rsplit("-", 1)[-1])
        people = [f"+5549{910_000_000 + number * each + one}" for one in range(each)]
        program.ask(send=name, to=people, text=TEXT)
    failed, waiting = 0, set(names)
    while waiting:
        said = program.hears()
        if "sent" in said:
            waiting.discard(said["sent"])
            failed += said["failed"]
    return failed


def _compared(
    figures: Sequence[Figure], ours: Weight, theirs: Weight, sessions: int
) -> Iterator[Figure]:
    with_ledger = figures[-1].more["cpu_ms_host"]
    yield Figure(
        bench="peers memory", rows=sessions, unit="MB a session (floor: ours)", figure=theirs.mb,
        floor=ours.mb, peak_mb=0.0, target=">= 7",
        more={
            "linked": round(theirs.mb_linked, 2),
            "ours_linked": round(ours.mb_linked, 2),
            "ours_in_a_host": figures[-1].more["mb_a_session_after"],
        },
    )  # fmt: skip
    yield Figure(
        bench="peers cpu", rows=sessions, unit="ms a message (floor: ours alone)", figure=theirs.cpu_ms,
        floor=ours.cpu_ms, peak_mb=0.0, target=">= 3",
        more={
            "failed": theirs.failed,
            "ours_failed": ours.failed,
            "ours_database": round(ours.cpu_ms_database, 2),
        },
    )  # fmt: skip
    yield Figure(
        bench="peers cpu with the ledger", rows=sessions, unit="ms a message (floor: ours)",
        figure=theirs.cpu_ms, floor=with_ledger, peak_mb=0.0, target=">= 2",
        more={"ours_database": figures[-1].more["cpu_ms_database"]},
    )  # fmt: skip
