"""Chats that are read again, over a page and chats that a test scripts: order, limits, and marks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sessions.events import Address, Entering, Event, Incoming, Link, Mark, ReadOut
from sessions.interfaces import NotSent, Opened
from sessions.transports.browser import reading, selectors
from sessions.transports.browser.chat import OpenChat
from sessions.transports.browser.reading import UNOPENED_MOST, Inbox
from sessions.transports.browser.waits import Waits

NOW = datetime.now(UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
TITLE, NUMBER = "+55 11 98100-0001", "5511981000001"


class ScriptedPage:
    """A chat list, and one chat in it that holds a voice note: a row without a stamp."""

    def __init__(self, *titles: str) -> None:
        self.list: list[dict[str, Any]] = [
            {"title": title, "unread": 1, "icons": []} for title in titles
        ]
        self.open = ""

    def ask(self, question: str, *_about: object) -> Any:
        chat = {"title": self.open, "rows": [row("ACVOICE")] if self.open == TITLE else []}
        answers: dict[str, Any] = {
            "survey": {"screen": {"pane": {}}, "chat": chat, "list": self.list},
            "look": {"pane": {}},
            "chat": chat,
            "list": self.list,
            "scroll": {"end": True, "page": 500},
            "screenful": {"rows": self.list, "whole": True},
            "rowPoint": {"unread": self.list[0]["unread"]} if self.list else None,
            "opened": {**chat, "unread": False},
        }
        return answers[question]

    def wait(self, _seconds: float, question: str, *about: object) -> Any:
        return self.ask(question, *about)

    def press_at(self, _point: object) -> bool:
        self.enter(self.list[0]["title"])
        return True

    def enter(self, title: str) -> None:
        """The chat is open now, and its badge gone."""
        self.open = title
        for chat in self.list:
            chat["unread"] *= chat["title"] != title


class ScriptedChats:
    """Opens the one chat there is; any other number doesn't open."""

    def __init__(self, page: ScriptedPage) -> None:
        self._page = page
        self.current: OpenChat | None = None
        self.titles: dict[str, str] = {}
        self.tried: list[str] = []

    def show(self, phone: str, _wa_id: str | None = None) -> Address:
        self.tried.append(phone)
        if phone != f"+{NUMBER}":
            raise NotSent("chat_did_not_open", permanent=False)
        self._page.enter(TITLE)
        self.adopt(TITLE)
        return Address(phone, NUMBER)

    def adopt(self, title: str) -> OpenChat:
        self.current = OpenChat(title, NUMBER)
        return self.current


def row(message_id: str) -> dict[str, Any]:
    return {"id": message_id, "text": "", "stamp": "", "icons": [], "outgoing": False, "incoming": True}  # fmt: skip


@pytest.fixture
def page() -> ScriptedPage:
    return ScriptedPage()


@pytest.fixture
def chats(page: ScriptedPage) -> ScriptedChats:
    return ScriptedChats(page)


@pytest.fixture
def inbox(page: ScriptedPage, chats: ScriptedChats) -> Inbox:
    waits = Waits(open=30, tick=30, scale=1)
    inbox = Inbox(page, chats, selectors.load(None), waits=waits, keep_evidence=print)  # type: ignore[arg-type]
    inbox.start(Opened(Link.ONLINE))
    return inbox


def marked(chat: str, minutes_ago: int = 60) -> Mark:
    return Mark(chat, 0, NOW - timedelta(minutes=minutes_ago), LONG_AGO)


def looks(inbox: Inbox, most: int = 12) -> list[list[Event]]:
    """One list of events a look, until there is nothing new."""
    found: list[list[Event]] = []
    while len(found) < most and (events := inbox.step(may_visit=False)):
        found.append(events)
    return found


def test_marked_chats_are_opened_one_look_each_and_announced_before(
    inbox: Inbox, chats: ScriptedChats
) -> None:
    inbox.recall([marked(f"+{NUMBER}")])
    assert inbox.step(may_visit=False) == [Entering(f"+{NUMBER}", 0)]
    assert chats.tried == []
    inbox.step(may_visit=False)
    assert chats.tried == [f"+{NUMBER}"]


def test_chats_that_do_not_open_cost_an_opening_no_more_than_two_of_them(
    inbox: Inbox, chats: ScriptedChats
) -> None:
    others = [marked(f"+551198200000{number}", number) for number in range(1, 6)]
    inbox.recall(others)
    events = [event for look in looks(inbox) for event in look]
    # The newest first; what doesn't open keeps its mark.
    assert chats.tried == [mark.chat for mark in others[:UNOPENED_MOST]]
    assert not any(isinstance(event, ReadOut) for event in events)


@pytest.mark.parametrize("is_marked", [False, True])
def test_a_voice_note_is_told_by_its_badge_before_a_mark_takes_that_away(
    inbox: Inbox, page: ScriptedPage, is_marked: bool
) -> None:
    page.list = ScriptedPage(TITLE).list
    if is_marked:
        inbox.recall([marked(f"+{NUMBER}")])
    events = [event for look in looks(inbox) for event in look]
    assert [event.message_id for event in events if isinstance(event, Incoming)] == ["ACVOICE"]


def test_a_chat_that_was_left_and_entered_again_keeps_its_mark(inbox: Inbox) -> None:
    for chat in ("Ana", "Rui", "Ana"):
        inbox.entered(chat)
    assert inbox.step(may_visit=False) == [ReadOut("Rui")]


def test_a_chat_that_came_up_is_not_pressed_again_for_its_namesakes_badge(
    page: ScriptedPage, chats: ScriptedChats, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "CHAT_SECONDS", 0.4)
    monkeypatch.setattr(reading, "AGAIN_SECONDS", 0.1)
    page.list = ScriptedPage(TITLE, TITLE).list
    pressed: list[object] = []

    def press(point: object) -> bool:
        pressed.append(point)
        page.open = TITLE
        page.list[len(pressed) - 1]["unread"] = 0
        return True

    def still_unread(question: str, *about: object) -> object:
        answer = ScriptedPage.ask(page, question, *about)
        return {**answer, "unread": True} if question == "opened" else answer

    monkeypatch.setattr(page, "press_at", press)
    monkeypatch.setattr(page, "ask", still_unread)
    inbox.step(may_visit=False)
    inbox.step(may_visit=False)
    assert len(pressed) == 1
