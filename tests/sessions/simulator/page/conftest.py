"""One page of the simulator per profile for each file of this folder."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.sessions.simulator.page.stage import PROFILES, Stage, stages


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
