"""Which candidate of each element a live page has: for support, when WhatsApp changed its page."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from sessions.transports.browser import screens, ticks
from sessions.transports.browser.chat import Chats
from sessions.transports.browser.dom_rows import icons_of
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.screens import Screen
from sessions.transports.browser.selectors import Selectors

FOR_SENDING = ("pane", "chat_title", "message_row", "message_text", "box", "send")
"""Without these nothing can be sent or known to be sent. All others come and go with the screen."""
FOR_LINKING = ("link_screen", "qr")

PROBE = "blü"
CHAT_SECONDS = 8.0


@dataclass
class SelectorAudit:
    """What was seen on all screens that were visited."""

    counts: dict[str, list[int]] = field(default_factory=dict)
    """Of each element, how many nodes each candidate had at the most."""
    unknown_icons: set[str] = field(default_factory=set)
    screen: Screen = Screen.UNKNOWN
    kinds: set[str] = field(default_factory=set)
    """Of the messages that were seen."""
    modules: dict[str, str] = field(default_factory=dict)
    """By what they are used for, the names under which the page has them; "" where it hasn't."""
    linked: bool = False

    def place(self, element: str) -> int | None:
        """The candidate that the driver uses: the first that has a node. None: not on the page."""
        return next((place for place, count in enumerate(self.counts[element]) if count), None)

    def missing(self) -> list[str]:
        """What the page lacks and must have: for sending when it is linked, else for linking."""
        needed = FOR_SENDING if self.linked else FOR_LINKING
        return [element for element in needed if self.place(element) is None]


def take(page: WebPage, chats: Chats, selectors: Selectors, own: str) -> SelectorAudit:
    """Look at the page as it is, at a chat with messages, the archived ones, and a box with text that is not sent.

    Only chats without unread messages are opened, and text goes only into the chat with oneself.
    """
    audit = SelectorAudit()
    audit.screen = screens.screen_of(page.ask("look", screens.ALL))
    audit.modules = page.module("found") or {}
    _count(audit, page, selectors)
    audit.linked = audit.place("pane") is not None
    if not audit.linked:
        return audit
    if page.press_at(page.ask("quietRowPoint")):
        _wait_for(page, "message_row")
        _count(audit, page, selectors)
    if page.click("archived"):
        _wait_for(page, "archived_row")
        _count(audit, page, selectors)
        page.click("archived_close")
    if own and chats.answers(own, CHAT_SECONDS) is not False and _probe(page):
        _wait_for(page, "send")
        _count(audit, page, selectors)
        page.key("Control+A")
        page.key("Backspace")
    return audit


def _probe(page: WebPage) -> bool:
    """Write into the box of the chat that is open; False where it takes nothing."""
    return page.paste(PROBE, page.ask("chat")["title"]) is not None


def _count(audit: SelectorAudit, page: WebPage, selectors: Selectors) -> None:
    for element, counts in page.ask("census").items():
        before = audit.counts.get(element, [0] * len(counts))
        audit.counts[element] = [max(pair) for pair in zip(before, counts, strict=True)]
    for row in page.ask("chat")["rows"]:
        audit.kinds.add(row["kind"])
        if not row["incoming"]:
            audit.unknown_icons.update(ticks.unknown_icons(icons_of(row), selectors))


def _wait_for(page: WebPage, element: str) -> None:
    limit = time.monotonic() + CHAT_SECONDS
    while element not in page.wait(0.3, "look", (element,)) and time.monotonic() < limit:
        continue
