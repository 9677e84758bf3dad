"""Whose chat is open, over a page that changes at the worst moment."""

from __future__ import annotations

from typing import Any

import pytest

from sessions.transports.browser import chat, selectors
from sessions.transports.browser.chat import Chats
from sessions.transports.browser.text import strip_marks
from sessions.transports.browser.timeouts import Timeouts


class BarredPage:
    """A chat without a box, under whose title stand names with commas, and its card."""

    def __init__(self, title: str, subtitle: str, card: str) -> None:
        self._chat = {"title": title, "subtitle": subtitle, "label": "", "rows": []}
        self._card = {"there": bool(card), "kind": card, "numbers": ["+55 11 98765-4321"]}

    def ask(self, question: str, *_about: object) -> dict[str, Any]:
        return self._chat if question == "chat" else self._card

    def wait(self, _seconds: float, question: str) -> dict[str, Any]:
        return self.ask(question)

    def click(self, _name: str) -> bool:
        return True


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
    chats = Chats(PassingPage(titles, number), "", Timeouts(1, 1, 1), selectors.load())  # type: ignore[arg-type]
    found = chats.adopt(titles[0])
    return found.wa_id if found else ""


def test_a_saved_contacts_number_is_read_in_the_drawer() -> None:
    assert adopted(["Ana"], "+55 11 98765-4321") == "5511987654321"


def test_a_drawer_of_the_chat_that_came_meanwhile_says_nothing_of_this_one() -> None:
    assert adopted(["Ana", "Maria"], "+55 11 98765-4321") == ""


NUMBER = "\u202a+55 11 98765-4321\u202c"


@pytest.mark.parametrize("title", ["Clínica", NUMBER])
@pytest.mark.parametrize("subtitle", ["Silva, Souza e Cia", "Feito para você"])
@pytest.mark.parametrize(
    ("card", "wa_id"), [("person", "5511987654321"), ("group", ""), ("channel", ""), ("", "")]
)
def test_names_with_commas_where_no_box_is_are_a_persons_only_by_the_card(
    monkeypatch: pytest.MonkeyPatch, title: str, subtitle: str, card: str, wa_id: str
) -> None:
    monkeypatch.setattr(chat, "DRAWER_SECONDS", 0.1)
    monkeypatch.setattr(chat, "QUICK_SECONDS", 0.1)
    page: Any = BarredPage(title, subtitle, card)
    chats = Chats(page, "", Timeouts(1, 1, 1), selectors.load())
    adopted = chats.adopt(strip_marks(title))
    assert (adopted.wa_id if adopted else "") == wa_id
    assert chats.adopted_many is (card != "person")
