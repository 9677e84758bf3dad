"""One page of the simulator per profile for each file of this folder."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.sessions.simulator.page.stage import PROFILES, Stage, stages
from tests.simulator_browser import AWAY, new_context, pair
from tests.simulator_process import SimulatorProcess


@pytest.fixture(scope="module", params=PROFILES)
def stage(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Stage]:
    """The page in each profile."""
    with stages(chromium, request.param) as stage:
        yield stage


@pytest.fixture(scope="module")
def october(chromium: Browser) -> Iterator[Stage]:
    """The page in the newest profile, for what is the same in all."""
    with stages(chromium, "2026-10") as stage:
        yield stage


@pytest.fixture(scope="module")
def context(chromium: Browser, simulator: SimulatorProcess) -> Iterator[BrowserContext]:
    """A linked browser of the file's own, away from the page."""
    context = new_context(chromium)
    page = context.new_page()
    pair(page, simulator)
    page.goto(AWAY)
    yield context
    context.close()
