"""When the link must be proven again, and when a session has gone wrong too often; pure."""

from __future__ import annotations

import math
from inspect import signature

import pytest

from sessions.interfaces import InDoubt, NotSent
from sessions.transports.browser import BrowserTransport, words
from sessions.transports.browser.pulse import ANSWER_SECONDS, PULSE_SECONDS, Pulse


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands until a test moves it."""
    clock = [1000.0]
    monkeypatch.setattr("sessions.transports.browser.pulse.time.monotonic", lambda: clock[0])
    return clock


def test_silence_is_asked_about_only_when_there_is_time_for_it(now: list[float]) -> None:
    pulse = Pulse(1.0)
    assert not pulse.due(idle=True)
    now[0] += PULSE_SECONDS + 1
    assert pulse.due(idle=True)
    assert not pulse.due(idle=False)
    pulse.proven()
    assert not pulse.due(idle=True)


def test_a_silent_cut_is_noticed_within_a_minute() -> None:
    """At an opening, and while nothing is sent: silence, then a question that nobody answers."""
    opening = signature(BrowserTransport).parameters["open_seconds"].default
    assert opening <= 60
    assert PULSE_SECONDS + ANSWER_SECONDS <= 60


@pytest.mark.parametrize(
    "outcome", [InDoubt(words.NO_TICK), NotSent(words.CHAT_DID_NOT_OPEN, permanent=False)]
)
def test_doubted_link_is_proven_before_anything_else(outcome: NotSent | InDoubt) -> None:
    pulse = Pulse(1.0)
    pulse.went_wrong(outcome)
    assert pulse.due(idle=False)
    pulse.proven()
    assert not pulse.due(idle=False)


def test_number_that_is_not_on_whatsapp_says_nothing_of_the_link() -> None:
    pulse = Pulse(1.0)
    for _ in range(5):
        pulse.went_wrong(NotSent(words.NOT_ON_WHATSAPP, permanent=True))
    assert not pulse.due(idle=False)
    assert pulse.verdict() == ""


def test_third_message_under_the_clock_stops_the_session() -> None:
    pulse = Pulse(1.0)
    pulse.went_wrong(InDoubt(words.NO_TICK))
    pulse.waiting()
    assert pulse.verdict() == ""
    pulse.went_wrong(InDoubt(words.NO_TICK))
    assert pulse.verdict() == words.NO_CONFIRMATION


def test_three_different_rows_that_fail_in_a_row_are_the_page() -> None:
    pulse = Pulse(1.0)
    for row, reason in enumerate((words.NO_EFFECT, words.WRONG_CHAT, words.DRAFT_DIFFERS)):
        assert pulse.verdict() == ""
        pulse.went_wrong(NotSent(reason, permanent=False), row)
    assert pulse.verdict() == words.PAGE_ODD


def test_one_row_that_fails_three_times_is_not_the_page() -> None:
    pulse = Pulse(1.0)
    for _ in range(3):
        pulse.went_wrong(NotSent(words.DRAFT_DIFFERS, permanent=False), "row")
    assert pulse.verdict() == ""


def test_a_row_that_never_shows_after_a_press_is_the_page() -> None:
    pulse = Pulse(1.0)
    pulse.went_wrong(InDoubt(words.NO_ROW), "row")
    assert pulse.verdict() == words.UNKNOWN_PAGE


def test_what_the_page_could_not_tell_is_asked_again_only_after_a_while(now: list[float]) -> None:
    pulse = Pulse(1.0)
    now[0] += PULSE_SECONDS + 1
    pulse.asked()
    assert not pulse.due(idle=True)
    assert not pulse.is_news(-math.inf)
    pulse.proven()
    assert pulse.is_news(-math.inf)


def test_message_that_went_ends_the_count() -> None:
    pulse = Pulse(1.0)
    for _ in range(2):
        pulse.went_wrong(InDoubt(words.NO_TICK))
    pulse.confirmed()
    pulse.went_wrong(InDoubt(words.NO_TICK))
    assert pulse.verdict() == ""
