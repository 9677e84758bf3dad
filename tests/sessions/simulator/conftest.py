"""What the tests of the simulator share."""

import pytest

from tests.simulator_process import SimulatorProcess


@pytest.fixture(scope="module")
def nobody_reads(simulator: SimulatorProcess) -> None:
    """Of all recipients."""
    simulator.set_behaviour(read_share=0)
