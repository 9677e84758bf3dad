"""Frames of a page's own sockets, seen through the debugging protocol of a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from sessions.transports.browser.frames import Frames
from tests.eventually import eventually
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

LINE = """
  const line = new WebSocket("ADDRESS/page/socket");
  line.onopen = () => line.send(JSON.stringify({ op: "pair" }));"""
HOLDERS = {
    "page": f"() => {{ {LINE} }}",
    "worker": f"() => {{ new Worker(URL.createObjectURL(new Blob([`{LINE}`]))); }}",
}


@pytest.mark.parametrize("holder", HOLDERS)
def test_frames_are_seen_whoever_holds_the_socket(
    chromium: Browser, simulator: SimulatorProcess, holder: str
) -> None:
    page = chromium.new_page()
    ours, others = Frames(), Frames()
    ours.watch(page, simulator.url)
    others.watch(page, "https://web.whatsapp.com")
    # Any document of the simulator's that opens no socket of its own.
    page.goto(f"{simulator.url}/health")
    page.evaluate(HOLDERS[holder].replace("ADDRESS", simulator.url.replace("http", "ws")))

    def came() -> bool:
        # Whatever is asked lets the browser tell what it has seen.
        page.title()
        return ours.last > 0

    eventually(came)
    # A worker's first socket may be there before it can be seen whose it is: it counts as the page's own.
    assert holder == "worker" or others.last < 0
    page.close()
