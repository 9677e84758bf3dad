"""How long a wait for WhatsApp lasts, and how little once a stop was asked for; pure."""

from __future__ import annotations

import pytest

from sessions.transports.browser import timeouts
from sessions.transports.browser.timeouts import HURRY_SECONDS, Timeouts

STOP_SECONDS = 20


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands until a test moves it."""
    clock = [1000.0]
    monkeypatch.setattr(timeouts.time, "monotonic", lambda: clock[0])
    return clock


def test_a_wait_lasts_as_long_as_it_was_given(now: list[float]) -> None:
    limit = Timeouts(open=30, tick=30, scale=1).until(30)
    now[0] += 29
    assert not limit.passed()
    now[0] += 1
    assert limit.passed()


def test_a_wait_ends_soon_after_a_stop_and_so_does_the_next_one(now: list[float]) -> None:
    stop = [False]
    waiting = Timeouts(open=30, tick=30, scale=1, stopping=lambda: stop[0])
    first = waiting.until(3000)
    now[0] += 10
    assert not first.passed()
    stop[0] = True
    assert not first.passed()
    now[0] += HURRY_SECONDS
    assert first.passed()
    second = waiting.until(3000)
    assert not second.passed()
    now[0] += HURRY_SECONDS
    assert second.passed()


def test_a_message_in_hand_goes_through_four_waits_within_the_time_of_a_stop() -> None:
    """A question to the link, its chat, its tick and a last look."""
    assert 4 * HURRY_SECONDS < STOP_SECONDS
