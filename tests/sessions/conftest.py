"""What the tests of sessions share: a simulator a file, accounts on it, and browsers linked to them."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django import Settings

from sessions.interfaces import InDoubt, LinkLost, NotSent
from sessions.models import WhatsAppSession
from sessions.transports.browser import BrowserTransport
from tests.chromium import Chromium
from tests.eventually import eventually
from tests.sessions import shared_chromium
from tests.sessions.linked_account import (
    SCALE,
    linked_browser,
    linked_session,
    new_account,
    new_person,
    nothing,
    outgoing,
)
from tests.sessions.simulator.multidevice.standard_clients import (
    StandardClient,
    baileys,
    baileys_library,
)
from tests.simulator_browser import linked_context, only_page
from tests.simulator_process import OWNER, SimulatorProcess, start_simulator

_people = count(70000300)


@pytest.fixture(scope="session", autouse=True)
def _shared_chromium() -> Iterator[None]:
    """That of the transports under test ends with this worker."""
    yield
    shared_chromium.end()


@pytest.fixture(scope="module", autouse=True)
def _homes() -> Iterator[None]:
    """Those in it end with their file."""
    yield
    shared_chromium.forget_homes()


@pytest.fixture(scope="module")
def simulator(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimulatorProcess]:
    """The simulator of a file's tests; everybody reads and nobody answers by themselves."""
    folder = tmp_path_factory.mktemp("simulator")
    with start_simulator(folder, time_scale=SCALE) as simulator:
        simulator.set_behaviour(reply_share=0, read_share=1)
        if "test_simulator" not in request.module.__name__:
            simulator.set_page(profile="2026-10")
        yield simulator


@pytest.fixture(scope="session")
def baileys_folder() -> Path:
    """Another program for the same protocol, as npm installs it; skips loudly where there is no npm."""
    return baileys_library()


@pytest.fixture
def baileys_client(
    baileys_folder: Path, simulator: SimulatorProcess, tmp_path: Path
) -> Iterator[StandardClient]:
    """A Baileys that is yet to be linked."""
    client = baileys(baileys_folder, simulator, tmp_path / "baileys")
    yield client
    client.end()


@pytest.fixture
def account() -> str:
    """An account's number of this test's own."""
    return new_account()


@pytest.fixture
def person(simulator: SimulatorProcess) -> str:
    """A number that is on WhatsApp, with the ninth digit, and of this test's own."""
    phone = f"+55119{next(_people)}"
    simulator.mark_short(phone, False)
    return phone


@pytest.fixture
def on_simulator(settings: Settings, simulator: SimulatorProcess) -> None:
    """Links of this process lead to the simulator, whose waits are short."""
    settings.SIMULATOR_URL = settings.WHATSAPP_WEB_URL = simulator.url
    settings.TIME_SCALE = SCALE


@pytest.fixture
def linked(simulator: SimulatorProcess, account: str, tmp_path: Path) -> Iterator[BrowserTransport]:
    """A browser of this test's own that is linked to the account."""
    with linked_browser(tmp_path, simulator, account) as transport:
        yield transport


@pytest.fixture(scope="module")
def ours() -> str:
    """The account of the browser that a file's tests share."""
    return new_account()


@pytest.fixture(scope="module")
def _shared(
    simulator: SimulatorProcess, ours: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserTransport]:
    with linked_browser(tmp_path_factory.mktemp("shared"), simulator, ours) as transport:
        yield transport


@pytest.fixture
def shared(_shared: BrowserTransport) -> Iterator[BrowserTransport]:
    """One browser for what passes; each test leaves it in a state in which messages go."""
    yield _shared
    eventually(lambda: goes(_shared))


def goes(transport: BrowserTransport) -> bool:
    try:
        return bool(transport.send(outgoing(new_person(), "e tudo segue"), nothing))
    except (NotSent, InDoubt, LinkLost):
        return False


@pytest.fixture
def session(
    simulator: SimulatorProcess, account: str, tmp_path: Path, settings: Settings
) -> WhatsAppSession:
    """A browser session whose home is linked to the account."""
    settings.VAR = tmp_path
    settings.TIME_SCALE = SCALE
    settings.SIMULATOR_URL = settings.WHATSAPP_WEB_URL = simulator.url
    return linked_session(simulator, account)


@pytest.fixture(scope="module")
def chromium(worker_chromium: Chromium) -> Iterator[Browser]:
    """A Chromium to look at the simulator's page with."""
    with worker_chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def linked_profile(chromium: Browser, simulator: SimulatorProcess) -> Iterator[BrowserContext]:
    """A profile with a link, for the tests that don't lose it."""
    with linked_context(chromium, simulator) as context:
        yield context


@pytest.fixture
def page(linked_profile: BrowserContext, simulator: SimulatorProcess) -> Iterator[Page]:
    """The page of that profile, just loaded; no fault is left behind."""
    with only_page(linked_profile, simulator) as page:
        yield page
        simulator.clear_faults(OWNER)
