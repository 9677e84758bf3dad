"""When the link must be proven again, and when a session has gone wrong too often; pure."""

from __future__ import annotations

import math
from inspect import signature

import pytest

from sessions.interfaces import InDoubt, NotSent
from sessions.transports.browser import BrowserTransport, reasons
from sessions.transports.browser.link_health import ANSWER_SECONDS, PULSE_SECONDS, LinkHealth


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """A clock that stands until a test moves it."""
    clock = [1000.0]
    monkeypatch.setattr("sessions.transports.browser.link_health.time.monotonic", lambda: clock[0])
    return clock


def test_silence_is_asked_about_only_when_there_is_time_for_it(now: list[float]) -> None:
    health = LinkHealth(1.0)
    assert not health.due(idle=True)
    now[0] += PULSE_SECONDS + 1
    assert health.due(idle=True)
    assert not health.due(idle=False)
    health.proven()
    assert not health.due(idle=True)


def test_a_silent_cut_is_noticed_within_a_minute() -> None:
    """At an opening, and while nothing is sent: silence, then a question that nobody answers."""
    opening = signature(BrowserTransport).parameters["open_seconds"].default
    assert opening <= 60
    assert PULSE_SECONDS + ANSWER_SECONDS <= 60


@pytest.mark.parametrize(
    "outcome", [InDoubt(reasons.NO_TICK), NotSent(reasons.CHAT_DID_NOT_OPEN, permanent=False)]
)
def test_doubted_link_is_proven_before_anything_else(outcome: NotSent | InDoubt) -> None:
    health = LinkHealth(1.0)
    health.went_wrong(outcome)
    assert health.due(idle=False)
    health.proven()
    assert not health.due(idle=False)


def test_number_that_is_not_on_whatsapp_says_nothing_of_the_link() -> None:
    health = LinkHealth(1.0)
    for _ in range(5):
        health.went_wrong(NotSent(reasons.NOT_ON_WHATSAPP, permanent=True))
    assert not health.due(idle=False)
    assert health.verdict() == ""


def test_third_message_under_the_clock_stops_the_session() -> None:
    health = LinkHealth(1.0)
    health.went_wrong(InDoubt(reasons.NO_TICK))
    health.waiting()
    assert health.verdict() == ""
    health.went_wrong(InDoubt(reasons.NO_TICK))
    assert health.verdict() == reasons.NO_CONFIRMATION


def test_three_different_rows_that_fail_in_a_row_are_the_page() -> None:
    health = LinkHealth(1.0)
    for row, reason in enumerate((reasons.NO_EFFECT, reasons.WRONG_CHAT, reasons.DRAFT_DIFFERS)):
        assert health.verdict() == ""
        health.went_wrong(NotSent(reason, permanent=False), row)
    assert health.verdict() == reasons.PAGE_ODD


def test_one_row_that_fails_three_times_is_not_the_page() -> None:
    health = LinkHealth(1.0)
    for _ in range(3):
        health.went_wrong(NotSent(reasons.DRAFT_DIFFERS, permanent=False), "row")
    assert health.verdict() == ""


def test_a_row_that_never_shows_after_a_press_is_the_page() -> None:
    health = LinkHealth(1.0)
    health.went_wrong(InDoubt(reasons.NO_ROW), "row")
    assert health.verdict() == reasons.UNKNOWN_PAGE


def test_what_the_page_could_not_tell_is_asked_again_only_after_a_while(now: list[float]) -> None:
    health = LinkHealth(1.0)
    now[0] += PULSE_SECONDS + 1
    health.asked()
    assert not health.due(idle=True)
    assert not health.is_news(-math.inf)
    health.proven()
    assert health.is_news(-math.inf)


def test_message_that_went_ends_the_count() -> None:
    health = LinkHealth(1.0)
    for _ in range(2):
        health.went_wrong(InDoubt(reasons.NO_TICK))
    health.confirmed()
    health.went_wrong(InDoubt(reasons.NO_TICK))
    assert health.verdict() == ""
