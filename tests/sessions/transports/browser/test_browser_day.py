"""A phone's day in a real Chromium: nothing missed, nothing of a group, and the badges as they were.

DAYS="1-40" draws those days, DAY_HOURS how much happens in each: for long runs.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.sessions.simulator.phones_day import Day
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

FIRST, _, LAST = os.environ.get("DAYS", "7").partition("-")
HOURS = int(os.environ.get("DAY_HOURS", "2"))


@pytest.mark.parametrize("seed", range(int(FIRST), int(LAST or FIRST) + 1))
def test_a_phones_day_is_heard_whole(
    simulator: SimulatorProcess, account: str, tmp_path: Path, seed: int
) -> None:
    day = Day(simulator, account, tmp_path, seed)
    day.link()
    for _hour in range(HOURS):
        day.happens(7)
        day.visit()
    day.evening()
    assert day.faults() == [], "\n".join(day.deeds)
    before = day.badges()
    day.quiet_visit()
    assert day.badges() == before, "\n".join(day.deeds)
