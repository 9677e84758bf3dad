"""The chat list: reading it, from the top or whole, and opening a chat by its row."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from sessions.transports.browser.chat import AGAIN_SECONDS
from sessions.transports.browser.chat_list_scroll import rows_shown, screenfuls
from sessions.transports.browser.dom_rows import ChatRow, chat_rows
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.text import strip_marks
from sessions.transports.browser.timeouts import Limit, Timeouts

CHAT_SECONDS = 8.0
NAMESAKE_SECONDS = 1.0
MENU_SECONDS = 5.0


class Mark(enum.Enum):
    """What came of setting a chat back to unread."""

    UNREAD = "unread"
    GONE = "gone"
    """Its row was not found."""
    NO_WAY = "no way"
    """The page has no such thing in the row's menu, or no menu."""


class ChatList:
    """The list of one page. Only the rows in sight are in the page."""

    def __init__(self, page: WebPage, selectors: Selectors, timeouts: Timeouts) -> None:
        self._page = page
        self._selectors = selectors
        self._timeouts = timeouts

    def rows(self, data: Sequence[dict[str, Any]]) -> list[ChatRow]:
        """The rows that the reader gave, top first."""
        return chat_rows(data, self._selectors)

    def whole(self, *, archived: bool = False) -> tuple[list[ChatRow], bool]:
        """All rows, one screen after another, each with the place where it was seen; False when a stop
        came before the end. The list, or that of the archived chats, is at its top again then."""
        found: dict[tuple[str, str, str], ChatRow] = {}
        for top, data in screenfuls(self._page):
            for row in self.rows(data):
                seen = replace(row, top=top, archived=archived)
                found.setdefault((row.title, row.text, row.shown), seen)
            if self._timeouts.asked_at() is not None:
                self._page.ask("scroll", 0)
                return list(found.values()), False
        return list(found.values()), True

    def open(
        self, row: ChatRow, *, is_open: bool, meanwhile: Callable[[dict[str, Any]], object]
    ) -> bool:
        """Press a row until its chat is there; False when it doesn't come.

        `is_open` says that a chat of that title is open already, and `meanwhile` is told of what the page
        shows until then: what is said in the chat that is left shows no badge.
        """
        limit = self._timeouts.until(CHAT_SECONDS)
        pressed_at, arrived = 0.0, False
        # Its badge goes when it is open; those of its namesakes stay.
        badges = self._page.ask("opened", row.title)["unread"]
        fewer = max(1, badges + (not row.unread))
        try:
            while self._in_place(row) and not limit.passed():
                # A row that is drawn anew under the pointer takes no notice of the press. Once the chat
                # is there, the next press could be a namesake's, and this one's words unheard.
                late = not arrived and time.monotonic() - pressed_at > AGAIN_SECONDS
                if late and self._page.press_at(self._find("rowPoint", row, row.text, limit)):
                    pressed_at = time.monotonic()
                    if is_open:
                        # Their titles don't tell when the page has gone from one to the other.
                        self._page.page.wait_for_timeout(NAMESAKE_SECONDS * 1000)
                shown = self._page.wait(0.2, "opened", row.title)
                if not is_open:
                    meanwhile(shown)
                arrived = strip_marks(shown["title"]) == row.title and bool(shown["rows"])
                if pressed_at and arrived and shown["unread"] < fewer:
                    return True
            return False
        finally:
            self.to_top()

    def mark_unread(self, row: ChatRow) -> Mark:
        """Set a chat back to unread by its row's menu. The list stays where that row is, until `to_top`."""
        search = self._timeouts.until(MENU_SECONDS)
        found = self._find("readRow", row, row.preview, search) if self._in_place(row) else None
        limit = self._timeouts.until(MENU_SECONDS)
        chosen = False
        while found and not limit.passed():
            if found["unread"]:
                return Mark.UNREAD
            if found["row"]:
                self._page.hover(found["row"])
            chosen = chosen or self._page.click("mark_unread")
            if not chosen and self._page.press_at(found["menu"]):
                chosen = self._page.click("mark_unread")
            self._page.rest(0.1)
            found = self._find("readRow", row, row.preview, limit)
        if found:
            self._page.key("Escape")
        return Mark.NO_WAY if found else Mark.GONE

    def to_top(self) -> None:
        """Have the list itself again, at its top: what comes in next stands there."""
        if self._page.ask("archive")["shown"]:
            self.hide_archived()
        elif self._page.ask("scroll", 0)["moved"]:
            rows_shown(self._page)

    def _find(self, question: str, row: ChatRow, words: str, limit: Limit) -> Any:
        """What the reader answers of a row that `words` tell from its namesakes'; None where no place has it."""
        for _ in self._places(row):
            found = self._page.ask(question, row.title, words)
            if found is not None or limit.passed():
                return found
        return None

    def _places(self, row: ChatRow) -> Iterator[None]:
        """Scroll to where the row may be: what is in sight, where it was seen, and the whole list."""
        yield
        if row.top:
            self._page.ask("scroll", row.top)
            rows_shown(self._page)
            yield
        for _screen in screenfuls(self._page):
            yield

    def _in_place(self, row: ChatRow) -> bool:
        """Is the list there in which this row stands?"""
        if self._page.ask("archive")["shown"] == row.archived:
            return True
        if row.archived:
            return self._show_archived()
        self.hide_archived()
        return True

    def archived(self) -> tuple[list[ChatRow], bool]:
        """All archived chats; False when a stop came before the end."""
        if not self._show_archived():
            return [], True
        found = self.whole(archived=True)
        self.hide_archived()
        return found

    def _show_archived(self) -> bool:
        self._page.ask("scroll", 0)
        if not self._page.click("archived"):
            return False
        limit = self._timeouts.until(MENU_SECONDS)
        while not limit.passed():
            if self._page.wait(0.1, "archive")["shown"]:
                return True
        self.hide_archived()
        return False

    def hide_archived(self) -> None:
        """Have the list itself again; the way back to it stands at the top."""
        self._page.ask("scroll", 0)
        self._page.click("archived_close")
