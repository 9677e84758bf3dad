"""A build nobody has seen: names of the page that are others, and a page that works all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from sessions.simulator.client import CallRefused
from tests.simulator_browser import new_context, pair
from tests.simulator_process import OWNER, SimulatorProcess, start_simulator

pytestmark = pytest.mark.browser

NAMES = ("pane-side", "cell-frame-title", "wa-web-loading-screen", "selectable-text")


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("builds")) as simulator:
        simulator.set_page(profile="2026-10")
        yield simulator


def test_names_are_others_in_a_page_that_works_and_come_back(
    chromium: Browser, simulator: SimulatorProcess
) -> None:
    context = new_context(chromium)
    page = context.new_page()
    pair(page, simulator)
    simulator.say("+5511987600001", OWNER, "Oi, tudo bem?")
    page.wait_for_selector("#pane-side [data-testid=cell-frame-title]")
    simulator.rename(*NAMES)
    page.goto(simulator.url)
    page.click("#pane-side-v2 [data-testid=cell-frame-title-v2]")
    page.wait_for_selector("#main .selectable-text-v2 >> text=Oi, tudo bem?")
    for name in NAMES:
        assert page.locator(f"[data-testid~={name}], #{name}, .{name}").count() == 0
    simulator.rename()
    page.goto(simulator.url)
    page.wait_for_selector("#pane-side [data-testid=cell-frame-title]")
    with pytest.raises(CallRefused, match="two words at least"):
        simulator.rename("main")
    context.close()
