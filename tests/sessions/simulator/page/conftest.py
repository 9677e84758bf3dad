"""One page of the simulator per profile for all files of this folder."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.chromium import Chromium
from tests.sessions.simulator.page.stage import PROFILES, SIZE, Stage
from tests.simulator_browser import linked_context
from tests.simulator_process import SimulatorProcess


@pytest.fixture(scope="session")
def _kept(worker_chromium: Chromium) -> Iterator[dict[str, Stage]]:
    """This worker's pages by their profile. A test shows what it needs, and nothing else stands there then."""
    kept: dict[str, Stage] = {}
    yield kept
    with worker_chromium():
        for stage in kept.values():
            stage.page.context.close()


def _lent(kept: dict[str, Stage], chromium: Browser, profile: str) -> Iterator[Stage]:
    if profile not in kept:
        kept[profile] = Stage(chromium, profile)
    kept[profile].page.set_viewport_size(SIZE)
    yield kept[profile]
    assert kept[profile].errors == []


@pytest.fixture(scope="module", params=PROFILES)
def stage(
    request: pytest.FixtureRequest, chromium: Browser, _kept: dict[str, Stage]
) -> Iterator[Stage]:
    """The page in each profile."""
    yield from _lent(_kept, chromium, request.param)


@pytest.fixture(scope="module", params=["2026-10", "2026-no-testid"])
def either(
    request: pytest.FixtureRequest, chromium: Browser, _kept: dict[str, Stage]
) -> Iterator[Stage]:
    """The page with test ids and without, for what August's has as October's."""
    yield from _lent(_kept, chromium, request.param)


@pytest.fixture(scope="module")
def october(chromium: Browser, _kept: dict[str, Stage]) -> Iterator[Stage]:
    """The page in the newest profile, for what is the same in all but the test ids."""
    yield from _lent(_kept, chromium, "2026-10")


@pytest.fixture(scope="module")
def context(chromium: Browser, simulator: SimulatorProcess) -> Iterator[BrowserContext]:
    """A linked browser of the file's own, away from the page."""
    with linked_context(chromium, simulator) as context:
        yield context
