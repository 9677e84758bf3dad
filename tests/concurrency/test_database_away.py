"""PostgreSQL goes away for some seconds while a drive sends: nothing is lost, nothing comes twice.

The suite's own server serves everybody else, so this house has one of its own.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from blu.lib import trial
from tests.eventually import GENEROUS, eventually
from tests.prepared import begin_with_tables
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.nodes

RECIPIENTS = 60
DRIVER = ["-m", "tests.concurrency.driver"]


@pytest.fixture
def house(tmp_path: Path, simulator: SimulatorProcess) -> dict[str, str]:
    """The environment of a trial of its own, whose database has its tables."""
    begin_with_tables(tmp_path / "var")
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    return kept | {
        "BLU_VAR": str(tmp_path / "var"),
        "BLU_SIMULATOR_URL": simulator.url,
        "BLU_LOG_LEVEL": "WARNING",
        "BLU_DATABASE_ROLE": "blu_owner",
        "DJANGO_SETTINGS_MODULE": "blu.settings",
        # Some twenty messages a second, so that the database goes away in the middle of it.
        "BLU_SIMULATED_DELAY_LEAST": "0.05",
        "BLU_SIMULATED_DELAY_MOST": "0.05",
    }


def python(house: dict[str, str], *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=settings.BASE,
        env=house,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def done(house: dict[str, str], *arguments: str) -> str:
    process = python(house, *arguments)
    said = process.communicate(timeout=GENEROUS)[0]
    assert process.returncode == 0, said
    return said.strip().splitlines()[-1] if said.strip() else ""


def url_of(house: dict[str, str]) -> str:
    return trial.database_url(Path(house["BLU_VAR"]), "blu_owner")


@contextmanager
def server(house: dict[str, str]) -> Iterator[None]:
    """The house's PostgreSQL, as durable as in earnest, while the block lasts."""
    process = python(house, "manage.py", "postgres", "--with-parent")
    try:
        eventually(lambda: answers(house))
        yield
    finally:
        process.terminate()
        process.communicate(timeout=GENEROUS)


def answers(house: dict[str, str]) -> bool:
    psycopg.connect(url_of(house)).close()
    return True


def counts(house: dict[str, str]) -> dict[str, int]:
    with psycopg.connect(url_of(house)) as reader:
        rows = reader.execute("SELECT status, count(*) FROM campaigns_delivery GROUP BY status")
        return dict(rows.fetchall())


def test_a_restart_of_postgresql_loses_and_repeats_nothing(
    house: dict[str, str], simulator: SimulatorProcess
) -> None:
    visit = [*DRIVER, "visit"]
    with server(house):
        session = done(house, *DRIVER, "seed", str(RECIPIENTS))
        driver = python(house, *visit, session)
        eventually(lambda: counts(house).get("queued", 0) < RECIPIENTS - 5)
    assert driver.stdout is not None
    missed = next((line for line in driver.stdout if "database_away" in line), "")
    assert missed, driver.communicate()
    with server(house):
        driver.communicate(timeout=GENEROUS)
        for _visit in range(3):
            if not counts(house).keys() & {"queued", "sending"}:
                break
            done(house, *visit, session)
        ended = counts(house)
    assert not ended.keys() & {"queued", "sending", "failed", "skipped"}, ended
    assert ended.get("uncertain", 0) <= 1, ended
    seen = [message["to"] for message in simulator.messages()]
    twice = [m for m in simulator.messages() if seen.count(m["to"]) > 1]
    assert not twice, f"somebody saw it twice: {twice} {ended}"
    assert RECIPIENTS - ended.get("uncertain", 0) <= len(seen) <= RECIPIENTS
