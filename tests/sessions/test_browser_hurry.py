"""A stop takes at most 20 s, whatever the page is waiting for."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions.ports import InDoubt, LinkLost, NotSent
from sessions.transports.browser import BrowserTransport
from tests.sessions.linked_account import (
    fault,
    home_in,
    in_page,
    linked_browser,
    new_person,
    nothing,
    outgoing,
)
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

STOP_SECONDS = 20.0

# A page that takes no notice of a link to a chat.
DEAF = """() => {
  const ask = window.bluReader.ask;
  window.bluReader.ask = (name, args) =>
    name === "follow" ? { matched: {}, answer: true } : ask(name, args);
}"""


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


@pytest.fixture
def patient(
    simulator: SimulatorProcess, tmp_path: Path, account: str, stop: threading.Event
) -> Iterator[BrowserTransport]:
    """A linked browser that would wait for minutes, and looks at `stop`."""
    with linked_browser(
        tmp_path, simulator, account, tick_seconds=3000, open_seconds=3000, stopping=stop.is_set
    ) as transport:
        yield transport


def test_a_clock_for_ever_is_a_doubt_soon_after_a_stop(
    patient: BrowserTransport, simulator: SimulatorProcess, account: str, stop: threading.Event
) -> None:
    with fault(simulator, account, "clock"):
        threading.Timer(2.0, stop.set).start()
        asked = time.monotonic() + 2.0
        with pytest.raises(InDoubt) as caught:
            patient.send(outgoing(new_person()), nothing)
        patient.close()
        took = time.monotonic() - asked
    assert caught.value.message_id
    assert 0 < took < STOP_SECONDS


def test_a_chat_that_does_not_open_is_given_up_unpressed_soon_after_a_stop(
    patient: BrowserTransport, stop: threading.Event
) -> None:
    in_page(patient, DEAF)
    pressed: list[int] = []
    threading.Timer(1.0, stop.set).start()
    started = time.monotonic()
    with pytest.raises(NotSent) as caught:
        patient.send(outgoing(new_person()), lambda: pressed.append(1))
    assert not caught.value.permanent
    assert time.monotonic() - started < STOP_SECONDS / 2
    assert not pressed


def test_a_page_that_never_finishes_loading_is_left_soon_after_a_stop(
    simulator: SimulatorProcess, tmp_path: Path, account: str, stop: threading.Event
) -> None:
    with linked_browser(tmp_path, simulator, account):
        pass
    transport = BrowserTransport(stopping=stop.is_set)
    with fault(simulator, account, "slow_pane", seconds=3000):
        threading.Timer(3.0, stop.set).start()
        started = time.monotonic()
        with pytest.raises(LinkLost):
            transport.open(home_in(tmp_path, simulator))
    transport.close()
    assert time.monotonic() - started < STOP_SECONDS
