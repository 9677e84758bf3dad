"""The chat list in a real Chromium: what is unread is heard, however far down and however the page lags."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions.events import Incoming
from sessions.transports.browser import BrowserTransport
from sessions.transports.browser.chat_list_scroll import screenfuls
from tests.sessions.linked_account import (
    SECONDS,
    browser_in,
    in_page,
    link,
    new_person,
)
from tests.sessions.listening import hear_all, heard_until
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

SWALLOWS_ONE_CLICK = """() => {
  const swallow = (event) => {
    if (!event.target.closest("#pane-side")) return;
    event.stopImmediatePropagation();
    removeEventListener("click", swallow, true);
  };
  addEventListener("click", swallow, true);
}"""
DRAWS_LATE = """() => addEventListener("scroll", (event) => {
  if (!event.isTrusted) return;
  event.stopImmediatePropagation();
  setTimeout(() => event.target.dispatchEvent(new Event("scroll")), 400);
}, true)"""


@pytest.fixture
def away(simulator: SimulatorProcess, account: str, tmp_path: Path) -> Iterator[BrowserTransport]:
    """A transport on a linked home, not open."""
    transport = browser_in(tmp_path, simulator)
    link(transport, simulator, account)
    transport.close()
    yield transport
    transport.close()
    assert transport.pids() == []


def heard_in_all(transport: BrowserTransport) -> dict[str, Incoming]:
    """By message id, polled as the drive does: until there is nothing new."""
    heard = hear_all(transport)
    return {event.message_id: event for event in heard if isinstance(event, Incoming)}


def test_unread_chats_far_down_are_heard_and_set_back_before_a_poll_is_empty_however_late_they_are_drawn(
    away: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    # More than the page has whole or as shells at once.
    said = {simulator.say(new_person(), account, f"oi {number}")["id"] for number in range(24)}
    away.open()
    in_page(away, DRAWS_LATE)
    page_session = away._page_session
    assert page_session is not None
    screens = away._run(lambda: list(screenfuls(page_session.page)), SECONDS)
    assert len(screens[0][1]) < len(said)
    assert len({row["title"] for _top, rows in screens for row in rows}) == len(said)
    assert set(heard_in_all(away)) == said
    away.close()
    assert all(chat["marked"] for chat in simulator.chats(account).values())


def test_chat_that_took_no_notice_of_the_first_press_is_pressed_again(
    away: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    away.open()
    in_page(away, SWALLOWS_ONE_CLICK)
    said = simulator.say(new_person(), account, "SAIR")
    heard = heard_until(away, lambda events: any(isinstance(one, Incoming) for one in events))
    assert said["id"] in [event.message_id for event in heard if isinstance(event, Incoming)]
