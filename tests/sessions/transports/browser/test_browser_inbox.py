"""What is opened and told, over a page and chats that a test scripts: order and limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from sessions.events import Event, Incoming, Link
from sessions.interfaces import Opened
from sessions.transports.browser import chat_list, selectors
from sessions.transports.browser.chat import OpenChat
from sessions.transports.browser.chat_looks import Looks
from sessions.transports.browser.inbox import UNOPENED_MOST, Inbox
from sessions.transports.browser.timeouts import Timeouts

TITLE, NUMBER = "+55 11 98100-0001", "5511981000001"


class ScriptedPage:
    """A chat list, and one chat in it that holds a voice note: a row without a stamp."""

    def __init__(self, *titles: str) -> None:
        self.list: list[dict[str, Any]] = [
            {"title": title, "unread": 1, "icons": [], "text": title} for title in titles
        ]
        self.open = ""
        self.opens = [TITLE]
        self.wanted = ""
        self.pressed: list[str] = []

    def ask(self, question: str, *about: object) -> Any:
        if question == "rowPoint":
            self.wanted = str(about[0])
        chat = {
            "title": self.open,
            "rows": [row("ACVOICE" if self.open == TITLE else self.open)] if self.open else [],
        }
        answers: dict[str, Any] = {
            "survey": {"screen": {"pane": {}}, "chat": chat, "list": self.list},
            "look": {"pane": {}},
            "chat": chat,
            "list": self.list,
            "rowCount": len(self.list),
            "archive": {"shown": False},
            "scroll": {"end": True, "page": 500, "moved": False},
            "screenful": {"rows": self.list, "whole": True},
            "readRow": None,
            "rowPoint": {"x": 0.0, "y": 0.0} if self.list else None,
            "opened": {**chat, "unread": False},
        }
        return answers[question]

    def wait(self, _seconds: float, question: str, *about: object) -> Any:
        return self.ask(question, *about)

    def rest(self, _seconds: float) -> bool:
        return False

    def module(self, _name: str, _seconds: float, *_about: object) -> Any:
        """This page has none."""

    def click(self, _name: str) -> bool:
        return False

    def press_at(self, _point: object) -> bool:
        self.pressed.append(self.wanted)
        if self.wanted in self.opens:
            self.enter(self.wanted)
        return True

    def enter(self, title: str) -> None:
        """The chat is open now, and its badge gone."""
        self.open = title
        for chat in self.list:
            chat["unread"] *= chat["title"] != title


class ScriptedChats:
    """Finds a number in the one chat there is."""

    def __init__(self, page: ScriptedPage) -> None:
        self._page = page
        self.current: OpenChat | None = None
        self.titles: dict[str, str] = {}

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
def looks() -> Looks:
    return Looks(b"key", {}, datetime.now().astimezone())


@pytest.fixture
def inbox(page: ScriptedPage, chats: ScriptedChats, looks: Looks) -> Inbox:
    timeouts = Timeouts(open=30, tick=30, scale=1)
    inbox = Inbox(page, chats, looks, selectors.load(None), timeouts=timeouts, keep_evidence=print)  # type: ignore[arg-type]
    inbox.start(Opened(Link.ONLINE))
    return inbox


def listen(inbox: Inbox, looks: Looks) -> list[Event]:
    """One poll and its acknowledgement."""
    inbox.listen(may_visit=False)
    looks.give()
    looks.acknowledge()
    return inbox.take()


def ids(events: list[Event]) -> list[str]:
    return [event.message_id for event in events if isinstance(event, Incoming)]


def test_no_chat_is_opened_before_its_badge_was_acknowledged(
    page: ScriptedPage, inbox: Inbox, looks: Looks
) -> None:
    page.list = ScriptedPage(TITLE).list
    for _poll in range(2):
        inbox.listen(may_visit=False)
        assert inbox.take() == []
        assert inbox.more()
        assert page.pressed == []
        looks.give()
    looks.acknowledge()
    assert ids(listen(inbox, looks)) == ["ACVOICE"]
    listen(inbox, looks)
    assert not inbox.more()


def test_a_voice_note_is_told_by_its_badge(page: ScriptedPage, inbox: Inbox, looks: Looks) -> None:
    page.list = ScriptedPage(TITLE).list
    assert ids(listen(inbox, looks) + listen(inbox, looks)) == ["ACVOICE"]


def test_a_voice_note_is_told_again_where_the_badge_is_gone_and_nobody_kept_it(
    page: ScriptedPage, chats: ScriptedChats, inbox: Inbox, looks: Looks
) -> None:
    page.list = ScriptedPage(TITLE).list
    listen(inbox, looks)
    kept = dict(looks._known)
    assert ids(listen(inbox, looks)) == ["ACVOICE"]
    # The process dies here; the next one knows what was acknowledged before.
    chats.current, page.open = None, ""
    after = Looks(b"key", kept, datetime.now().astimezone())
    timeouts = Timeouts(open=30, tick=30, scale=1)
    again = Inbox(page, chats, after, selectors.load(None), timeouts=timeouts, keep_evidence=print)  # type: ignore[arg-type]
    again.start(Opened(Link.ONLINE))
    assert page.list[0]["unread"] == 0
    assert ids(listen(again, after) + listen(again, after)) == ["ACVOICE"]


def test_one_chat_is_opened_a_look(page: ScriptedPage, inbox: Inbox, looks: Looks) -> None:
    page.list = ScriptedPage(TITLE, "Rui", "Eva").list
    page.opens = [TITLE, "Rui", "Eva"]
    listen(inbox, looks)
    for opened in range(1, 4):
        assert inbox.more()
        listen(inbox, looks)
        assert len(page.pressed) == opened
    listen(inbox, looks)
    assert not inbox.more()


def test_chats_without_a_badge_that_do_not_open_cost_an_opening_no_more_than_two_of_them(
    page: ScriptedPage, inbox: Inbox, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_list, "CHAT_SECONDS", 0.05)
    listen(inbox, looks)
    page.list = ScriptedPage(*(f"Pessoa {number}" for number in range(5))).list
    for chat in page.list:
        chat["unread"] = 0
    for _poll in range(8):
        listen(inbox, looks)
    assert len(set(page.pressed)) == UNOPENED_MOST
    assert not inbox.more()


def test_a_chat_that_came_up_is_not_pressed_again_for_its_namesakes_badge(
    page: ScriptedPage, inbox: Inbox, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_list, "CHAT_SECONDS", 0.4)
    monkeypatch.setattr(chat_list, "AGAIN_SECONDS", 0.1)
    page.list = ScriptedPage(TITLE, TITLE).list

    def still_unread(question: str, *about: object) -> object:
        answer = ScriptedPage.ask(page, question, *about)
        return {**answer, "unread": True} if question == "opened" else answer

    monkeypatch.setattr(page, "ask", still_unread)
    listen(inbox, looks)
    listen(inbox, looks)
    assert len(page.pressed) == 1


def test_namesakes_that_say_the_same_are_each_opened_and_then_nothing_is_left(
    page: ScriptedPage, inbox: Inbox, looks: Looks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_list, "NAMESAKE_SECONDS", 0)
    monkeypatch.setattr(page, "page", page, raising=False)
    monkeypatch.setattr(page, "wait_for_timeout", lambda _ms: None, raising=False)
    page.list = ScriptedPage(TITLE, TITLE).list
    badges = page.list

    def press(_point: object) -> bool:
        page.open = TITLE
        page.pressed.append(TITLE)
        unread = next((chat for chat in badges if chat["unread"]), badges[0])
        unread["unread"] = 0
        for chat in badges:
            chat["selected"] = chat is unread
        return True

    def counted(question: str, *about: object) -> object:
        answer = ScriptedPage.ask(page, question, *about)
        left = sum(bool(chat["unread"]) for chat in badges)
        return {**answer, "unread": left} if question == "opened" else answer

    monkeypatch.setattr(page, "press_at", press)
    monkeypatch.setattr(page, "ask", counted)
    polls = 0
    while polls < 20 and (not polls or inbox.more()):
        listen(inbox, looks)
        polls += 1
    assert not inbox.more()
    assert polls < 10
    assert not any(chat["unread"] for chat in badges)
