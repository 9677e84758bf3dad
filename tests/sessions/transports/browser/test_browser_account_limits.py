"""What the page's own modules say of time-lock and quota; pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sessions.transports.browser import reasons
from sessions.transports.browser.account_limits import FREE, UNLIMITED, told_by_modules

END = 1_800_000_000


def said(**values: Any) -> dict[str, Any]:
    nothing = {"locked": False, "type": "", "until": 0, "total": None, "used": None, "cycle_end": 0, "status": ""}  # fmt: skip
    return nothing | values


def test_a_page_without_modules_says_nothing() -> None:
    assert told_by_modules(None) is None


def test_an_account_without_limits_is_free() -> None:
    assert told_by_modules(said()) == FREE
    assert told_by_modules(said(total=50, used=3, status="NONE")) == FREE


def test_a_time_lock_allows_no_new_chat_until_its_end() -> None:
    for until in (END, END * 1000):
        told = told_by_modules(said(locked=True, until=until, total=50, used=3, status="NONE"))
        assert told is not None
        assert (told.quota, told.reason) == (0, reasons.RESTRICTED)
        assert told.until == datetime.fromtimestamp(END, UTC)


def test_a_time_lock_may_have_no_end() -> None:
    told = told_by_modules(said(locked=True))
    assert told is not None
    assert (told.quota, told.until) == (0, None)


def test_the_quota_is_what_is_left_of_the_cycle() -> None:
    told = told_by_modules(said(total=50, used=44, status="FIRST_WARNING", cycle_end=END))
    assert told is not None
    assert (told.quota, told.reason, told.until) == (
        6,
        UNLIMITED,
        datetime.fromtimestamp(END, UTC),
    )


def test_a_cap_leaves_nothing() -> None:
    told = told_by_modules(said(total=50, used=44, status="CAPPED"))
    assert told is not None
    assert (told.quota, told.reason) == (0, reasons.NEW_CHATS_SPENT)
