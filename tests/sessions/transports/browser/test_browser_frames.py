"""Frames on the page's line: the proof of a link that asks nobody."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from sessions.transports.browser.frames import Frames
from tests.eventually import eventually
from tests.simulator_browser import new_context
from tests.simulator_process import SimulatorProcess, start_simulator

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("frames")) as simulator:
        yield simulator


@pytest.mark.parametrize("line", ["page", "worker"])
def test_frames_are_seen_wherever_the_socket_lives(
    chromium: Browser, simulator: SimulatorProcess, line: str
) -> None:
    simulator.set_phone(line=line)
    page = new_context(chromium).new_page()
    frames, others = Frames(), Frames()
    frames.watch(page, simulator.url)
    others.watch(page, "https://web.whatsapp.com")
    assert frames.last == -math.inf
    page.goto(simulator.url)
    page.wait_for_selector("[data-ref]")

    def came() -> bool:
        # Whatever is asked lets the browser tell what it has seen.
        page.title()
        return frames.last > -math.inf

    eventually(came)
    # A worker's first socket may be there before it can be seen whose it is: it counts as the page's own.
    assert line == "worker" or others.last < 0
    page.context.close()
