"""Real processes on one session each, over a simulator that writes down what people saw."""

from collections.abc import Callable, Iterator

import pytest

from tests.forked import Fork, Forked
from tests.simulator_process import SimulatorProcess, start_simulator

Run = Callable[..., Forked]


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("concurrency"), time_scale=0.02) as simulator:
        simulator.set_behaviour(deliver_share=1, read_share=1, reply_share=0)
        yield simulator


@pytest.fixture
def run(transactional_db: None, fork: Fork, simulator: SimulatorProcess) -> Run:
    """Start one of tests/concurrency/driver.py on this test's database.

    Leases live for a second and a half instead of thirty.
    """

    def start(work: Callable[..., str], *args: object) -> Forked:
        return fork(work, *args, simulator=simulator.url, TIME_SCALE=0.05)

    return start
