"""Whose chat is open, over a page that changes at the worst moment."""

from __future__ import annotations

from typing import Any

from sessions.transports.browser import selectors
from sessions.transports.browser.chat import Chats
from sessions.transports.browser.waits import Waits


class PassingPage:
    """Shows one saved contact's chat until its header is pressed; by then another one's is open."""

    def __init__(self, titles: list[str], number: str) -> None:
        self._titles = titles
        self._number = number

    def ask(self, question: str, *_about: object) -> dict[str, Any]:
        if question == "chat":
            return {"title": self._titles[0], "rows": []}
        return {"there": True, "kind": "person", "numbers": [self._number]}

    def click(self, name: str) -> bool:
        if name == "chat_header" and len(self._titles) > 1:
            self._titles.pop(0)
        return True


def adopted(titles: list[str], number: str) -> str:
    chats = Chats(PassingPage(titles, number), "", Waits(1, 1, 1), selectors.load())  # type: ignore[arg-type]
    chat = chats.adopt(titles[0])
    return chat.wa_id if chat else ""


def test_a_saved_contacts_number_is_read_in_the_drawer() -> None:
    assert adopted(["Ana"], "+55 11 98765-4321") == "5511987654321"


def test_a_drawer_of_the_chat_that_came_meanwhile_says_nothing_of_this_one() -> None:
    assert adopted(["Ana", "Maria"], "+55 11 98765-4321") == ""
