"""The benches run in a house of their own, say one JSON line a figure, and leave nothing behind."""

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.conf import settings as product
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings

from blu.lab.bench import scratch
from tests.eventually import GENEROUS
from tests.prepared import begin_with_tables
from tests.sessions.simulator.multidevice.standard_clients import neonize_package

COMMON = {"bench", "rows", "unit", "figure", "floor", "ratio", "peak_mb", "target"}
# Figures are printed to a thousandth, and so few rows take some thousandths of a second.
ROUNDED = 0.0005


pytestmark = pytest.mark.nodes


def bench(env: dict[str, str], name: str, *more: str, **sizes: int) -> list[dict[str, Any]]:
    """The figures of one bench."""
    size = [f"--{what}={number}" for what, number in sizes.items()]
    done = subprocess.run(
        [sys.executable, "manage.py", "bench", name, *size, *more],
        cwd=product.BASE,
        env=env,
        capture_output=True,
        text=True,
        timeout=GENEROUS,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def are_right(figures: list[dict[str, Any]], rows: int) -> None:
    """Each says all that is common to benches, and the ratio of what it gives."""
    for figure in figures:
        assert figure.keys() >= COMMON
        assert figure["rows"] == rows
        assert figure["figure"] > 0
        assert figure["floor"] > ROUNDED
        least = (figure["figure"] - ROUNDED) / (figure["floor"] + ROUNDED)
        most = (figure["figure"] + ROUNDED) / (figure["floor"] - ROUNDED)
        assert least - ROUNDED <= figure["ratio"] <= most + ROUNDED


def test_a_bench_runs_in_a_house_of_its_own_and_leaves_nothing(
    tmp_path: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Its folder begins with the tables, which are made in an empty one in tests/processes/test_kills.py."""
    made: list[Path] = []

    def with_tables(prefix: str, dir: Path) -> str:
        made.append(dir / f"{prefix}own")
        begin_with_tables(made[-1])
        return str(made[-1])

    settings.VAR = tmp_path
    monkeypatch.setattr(scratch.tempfile, "mkdtemp", with_tables)
    call_command("bench", "render", rows=500)
    figures = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert len(figures) == 1
    are_right(figures, 500)
    assert made == [tmp_path / "bench-own"]
    assert list(tmp_path.glob("bench-*")) == []
    left = [
        p.pid for p in psutil.process_iter(["cmdline"]) if str(tmp_path) in str(p.info["cmdline"])
    ]
    assert left == []


@pytest.mark.parametrize(
    ("name", "rows", "lines"),
    [("host", 12, 1), ("ledger", 24, 2)],
)
def test_a_bench_prints_its_figures_of_other_processes(
    database_env: dict[str, str], name: str, rows: int, lines: int
) -> None:
    Path(database_env["BLU_VAR"]).mkdir()
    # A link's own pause between two messages is in no figure, only in how long a bench takes.
    owner = database_env | {
        "DATABASE_URL": database_env["BLU_OWNER_DATABASE_URL"], "BLU_TIME_SCALE": "0.05",
    }  # fmt: skip
    figures = bench(owner, name, "--inside", rows=rows)
    assert len(figures) == lines
    are_right(figures, rows)


@pytest.mark.parametrize("name", ["launch", "import"])
@pytest.mark.django_db(transaction=True)
def test_a_bench_prints_its_figures(name: str) -> None:
    printed = StringIO()
    call_command("bench", name, "--inside", rows=200, stdout=printed)
    figures = [json.loads(line) for line in printed.getvalue().splitlines()]
    assert len(figures) == 2
    are_right(figures, 200)


WRONG = ("repeated", "lost", "unaccounted", "not_sent", "not_read")


@pytest.fixture
def with_store(database_env: dict[str, str], device_store: str) -> dict[str, str]:
    """The environment of a bench that links accounts without a browser."""
    neonize_package()
    Path(database_env["BLU_VAR"]).mkdir()
    return database_env | {
        "DATABASE_URL": database_env["BLU_OWNER_DATABASE_URL"], "BLU_DEVICE_STORE_URL": device_store,
    }  # fmt: skip


def test_direct_links_are_weighed_and_what_people_saw_is_what_the_ledger_says(
    with_store: dict[str, str],
) -> None:
    memory, speed = bench(with_store, "direct", "--inside", sessions=2, messages=6)
    assert memory["figure"] > 0
    assert memory["seconds_to_link_all"] > 0
    assert speed["rows"] == 6
    assert speed["cpu_ms_host"] > 0
    assert speed["connections"] > 0
    assert [speed[what] for what in WRONG] == [0] * 5


def test_capacity_tells_how_long_each_message_waited(with_store: dict[str, str]) -> None:
    (capacity,) = bench(with_store, "capacity", "--inside", sessions=2, messages=16)
    # Two people of each session had a first message; then each had one of each of four campaigns.
    assert (capacity["first_messages"]["rows"], capacity["rows"]) == (4, 16)
    assert capacity["waited_median_seconds"] <= capacity["waited_p99_seconds"]
    assert [capacity[what] for what in WRONG] == [0] * 5


def test_of_a_host_that_is_killed_and_one_that_stops_nothing_is_repeated_or_lost(
    with_store: dict[str, str],
) -> None:
    env = with_store | {"BLU_TIME_SCALE": "0.05"}
    figures = bench(env, "failover", "--inside", sessions=4, messages=8)
    launch, cut, leases, online, connects, stop = figures
    assert launch["rows"] == 3
    assert (cut["cut"], cut["messages"]) == (2, 4)
    # The library gives up by itself what gets no answer for long.
    assert cut["still_under_way"] + cut["given_up"] >= 2
    assert (leases["rows"], online["rows"]) == (2, 2)
    assert connects["figure"] >= 1
    assert (stop["exit_status"], stop["left_sending"]) == (0, 0)
    # What the network swallowed is in doubt for good, and reached nobody.
    assert [stop[what] for what in ("repeated", "lost", "unaccounted")] == [0] * 3


def test_an_unknown_bench_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CommandError) as refused:
        call_command("bench", "nothing")
    for name in (
        "capacity",
        "day",
        "direct",
        "failover",
        "host",
        "import",
        "launch",
        "ledger",
        "peers",
        "render",
        "visit",
    ):
        assert name in str(refused.value)
