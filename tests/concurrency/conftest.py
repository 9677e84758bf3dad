"""Real processes on one session each, over a simulator that writes down what people saw."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings

from tests.eventually import GENEROUS
from tests.simulator_process import SimulatorProcess, start_simulator

Process = "subprocess.Popen[str]"
Run = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("concurrency"), time_scale=0.02) as simulator:
        simulator.set_behaviour(deliver_share=1, read_share=1, reply_share=0)
        yield simulator


@pytest.fixture
def run(database_env: dict[str, str], simulator: SimulatorProcess) -> Iterator[Run]:
    """Start the driver on this test's database; whatever still runs at the end is killed.

    Leases live for a second and a half instead of thirty.
    """
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: object, **environment: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.concurrency.driver", *map(str, arguments)],
            cwd=settings.BASE,
            env=database_env
            | {
                "BLU_SIMULATOR_URL": simulator.url,
                "BLU_TIME_SCALE": "0.05",
                "BLU_LOG_LEVEL": "ERROR",
            }
            | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def stalled_at(process: "subprocess.Popen[str]", word: str) -> None:
    """Return once the process says that it stalls at `word`."""
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line == f"at {word}\n", (line, process.poll() is not None and process.communicate())


def result(process: "subprocess.Popen[str]") -> str:
    """The last line of a process that ends by itself, and well."""
    said, trouble = process.communicate(timeout=GENEROUS)
    assert process.returncode == 0, trouble
    return said.strip().splitlines()[-1]
