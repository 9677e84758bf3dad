"""What becomes of a link: every event of the line is one state with its reason, or nothing that lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sessions.events import Link, LinkChange
from sessions.reasons import Code
from sessions.transports.direct import heard, inbox, protocol
from sessions.transports.direct.inbox import AWAY_MOST, Inbox

BAN = {"Code": "BLOCKED_BY_USERS", "Expire": 6000}
CHANGES: list[tuple[int, str, dict[str, Any], Link, str]] = [
    (protocol.LOGGED_OUT, "LoggedOut", {"OnConnect": True, "Reason": "LOGGED_OUT"}, Link.LOGGED_OUT, "logged_out"),  # 401
    (protocol.LOGGED_OUT, "LoggedOut", {"OnConnect": False, "Reason": "LOGGED_OUT"}, Link.LOGGED_OUT, "logged_out"),
    (protocol.LOGGED_OUT, "LoggedOut", {"OnConnect": True, "Reason": "UNKNOWN_LOGOUT"}, Link.LOGGED_OUT, "logged_out"),  # 406
    (protocol.LOGGED_OUT, "LoggedOut", {"OnConnect": True, "Reason": "MAIN_DEVICE_GONE"}, Link.BANNED, "banned"),  # 403
    (protocol.REPLACED, "StreamReplaced", {}, Link.CONFLICT, "conflict"),  # 440
    (protocol.BANNED, "TemporaryBan", BAN, Link.RESTRICTED, "no_messages"),  # 402
    (protocol.OUTDATED, "ClientOutdated", {}, Link.OUTDATED, "outdated"),  # 405
    (protocol.REFUSED, "ConnectFailure", {"Reason": "GENERIC"}, Link.STOPPED, "unknown_sign"),  # 400
    (protocol.REFUSED, "ConnectFailure", {"Reason": "BAD_USER_AGENT"}, Link.STOPPED, "unknown_sign"),  # 409
    (protocol.REFUSED, "ConnectFailure", {"Reason": "EXPERIMENTAL"}, Link.STOPPED, "unknown_sign"),  # 501
    (protocol.REFUSED, "ConnectFailure", {}, Link.STOPPED, "unknown_sign"),  # a number that the library doesn't know
]  # fmt: skip
NONE = (
    protocol.PAIRED,
    protocol.CONNECTED,
    protocol.SILENT,
    protocol.HEARD_AGAIN,
    protocol.DISCONNECTED,
    protocol.CAUGHT_UP,
)
OF_PEOPLE = (protocol.MESSAGE, protocol.RECEIPT)


@pytest.mark.parametrize(("number", "form", "fields", "link", "reason"), CHANGES)
def test_an_event_that_ends_a_link_is_one_state_with_a_reason_that_has_words(
    messages: Any, number: int, form: str, fields: dict[str, Any], link: Link, reason: str
) -> None:
    event = getattr(messages, form)(**fields).SerializePartialToString()
    change = heard.change(messages, number, event)
    assert change is not None
    assert (change.link, change.reason) == (link, reason)
    assert reason in Code


@pytest.mark.parametrize("number", NONE)
def test_any_other_event_of_the_line_ends_nothing(messages: Any, number: int) -> None:
    assert heard.change(messages, number, b"") is None


def test_every_event_that_is_asked_of_the_library_has_its_meaning() -> None:
    known = {number for number, *_rest in CHANGES}
    assert sorted([*known, *NONE, *OF_PEOPLE]) == sorted(protocol.EVENTS)


def test_a_ban_ends_when_whatsapp_says_so_and_one_without_an_end_is_open(messages: Any) -> None:
    def until(seconds: int) -> datetime | None:
        ban = messages.TemporaryBan(Code="BLOCKED_BY_USERS", Expire=seconds)
        change = heard.change(messages, protocol.BANNED, ban.SerializeToString())
        return change.until

    before = datetime.now(UTC)
    end = until(6000)
    assert end is not None
    assert before <= end - timedelta(seconds=6000) <= datetime.now(UTC)
    assert until(0) is None


class Line:
    """What an inbox hears of its line, on a clock that the test sets."""

    def __init__(self, messages: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        nobody: Any = None  # of the line nothing is kept
        self.now = 1000.0
        monkeypatch.setattr(inbox, "monotonic", lambda: self.now)
        self.inbox = Inbox(messages, nobody, "home", lambda: None)
        self.inbox.on_event(protocol.CONNECTED, b"")

    def hears(self, number: int, *, after: float = 0.0) -> Line:
        """Seconds later, this."""
        self.now += after
        self.inbox.on_event(number, b"")
        return self


@pytest.fixture
def line(messages: Any, monkeypatch: pytest.MonkeyPatch) -> Line:
    return Line(messages, monkeypatch)


CUTS = [
    (protocol.DISCONNECTED, protocol.CONNECTED),
    (protocol.SILENT, protocol.HEARD_AGAIN),
    (protocol.SILENT, protocol.CONNECTED),
]


@pytest.mark.parametrize(("cut", "back"), CUTS)
def test_a_short_cut_of_the_line_is_nothing(line: Line, cut: int, back: int) -> None:
    line.hears(cut)
    line.now += AWAY_MOST - 0.1
    assert not line.inbox.is_lost()
    line.hears(back)
    line.now += AWAY_MOST
    assert not line.inbox.is_lost()
    assert line.inbox.taken() == ([], [])


@pytest.mark.parametrize("cut", [protocol.DISCONNECTED, protocol.SILENT])
def test_a_cut_that_lasts_is_a_line_that_is_away_since_its_beginning(line: Line, cut: int) -> None:
    line.hears(cut).hears(cut, after=AWAY_MOST - 0.1)
    assert not line.inbox.is_away()
    line.now += 0.2
    assert line.inbox.is_away()
    assert line.inbox.is_lost()


def test_what_ends_a_link_is_heard_at_once_and_nothing_goes_out_before_it_is_told(
    line: Line,
) -> None:
    line.hears(protocol.REPLACED)
    assert line.inbox.is_lost()
    assert line.inbox.taken() == ([], [LinkChange(Link.CONFLICT, "conflict")])
