"""A stop ends every wait soon, whatever the page is waiting for.

Each wait here would last minutes: that it ends at all is the stop's doing.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions.interfaces import InDoubt, LinkLost, NotSent
from sessions.transports.browser import BrowserTransport, page_session, timeouts
from sessions.transports.browser import transport as transport_module
from tests.concurrency.waiting import Beside
from tests.sessions.linked_account import (
    browser_in,
    fault,
    in_page,
    linked_browser,
    new_person,
    outgoing,
)
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

# A page that takes no notice of a link to a chat.
DEAF = """() => {
  const ask = window.bluReader.ask;
  window.bluReader.ask = (name, args) =>
    name === "follow" ? { matched: {}, answer: true } : ask(name, args);
}"""


class Stop:
    """A stop that is asked for in the middle of a wait: when that has looked some times more."""

    def __init__(self) -> None:
        self.looks: int | None = None

    def soon(self) -> None:
        """From the fifth look on."""
        self.looks = 5

    def __call__(self) -> bool:
        if self.looks is None:
            return False
        self.looks -= 1
        return self.looks <= 0


@pytest.fixture
def stop(monkeypatch: pytest.MonkeyPatch) -> Stop:
    monkeypatch.setattr(timeouts, "HURRY_SECONDS", 0.5)
    return Stop()


@pytest.fixture
def patient(
    simulator: SimulatorProcess, tmp_path: Path, account: str, stop: Stop
) -> Iterator[BrowserTransport]:
    """A linked browser that would wait for minutes, and looks at `stop`."""
    with linked_browser(
        tmp_path, simulator, account, tick_seconds=6000, open_seconds=6000, stopping=stop
    ) as transport:
        yield transport


def test_a_clock_for_ever_is_a_doubt_soon_after_a_stop(
    patient: BrowserTransport, simulator: SimulatorProcess, account: str, stop: Stop
) -> None:
    with fault(simulator, account, "clock"):
        sending = Beside(lambda: patient.send(outgoing(new_person()), stop.soon))
        with pytest.raises(InDoubt) as caught:
            sending.result()
        Beside(patient.close).result()
    assert caught.value.message_id


def test_a_chat_that_does_not_open_is_given_up_unpressed_soon_after_a_stop(
    patient: BrowserTransport, stop: Stop
) -> None:
    in_page(patient, DEAF)
    pressed: list[int] = []
    stop.soon()
    sending = Beside(lambda: patient.send(outgoing(new_person()), lambda _id="": pressed.append(1)))
    with pytest.raises(NotSent) as caught:
        sending.result()
    assert not caught.value.permanent
    assert not pressed


def test_a_page_that_never_finishes_loading_is_left_soon_after_a_stop(
    simulator: SimulatorProcess,
    tmp_path: Path,
    account: str,
    stop: Stop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with linked_browser(tmp_path, simulator, account):
        pass
    for module in (page_session, transport_module):
        monkeypatch.setattr(module, "SCREEN_SECONDS", 600.0)
    monkeypatch.setattr(transport_module, "OPEN_SECONDS", 700.0)
    transport = browser_in(tmp_path, simulator, time_scale=1.0, stopping=stop)
    with fault(simulator, account, "slow_pane", seconds=6000):
        stop.soon()
        entering = Beside(transport.open)
        with pytest.raises(LinkLost):
            entering.result()
    transport.close()
