"""Writing a message, pressing send, and knowing that it went."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sessions.ports import InDoubt, Link, LinkLost, NotSent, Outgoing, Sent
from sessions.transports.browser import screens, words
from sessions.transports.browser.chat import Chats
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.rows import Row, message_rows
from sessions.transports.browser.screens import SCREENS
from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.text import same_draft, same_message, strip_marks

DRAFT_SECONDS = 3.0
AGAIN_SECONDS = 3.0
"""A press that had no effect for so long is made once more, with Enter. Safe, because sending
empties the box in the same stroke: a second press finds either our text or nothing."""
UNKNOWN_SECONDS = 1.5


@dataclass
class Draft:
    """A message that stands in the box of the right chat, ready to be pressed."""

    text: str
    title: str
    before: set[str] = field(default_factory=set)
    """Ids of the rows that stood there before: the same text may be among them, legitimately."""


class Sending:
    """The two halves of a send: `prepare` up to the wire, `press` beyond it."""

    def __init__(
        self,
        page: WebPage,
        chats: Chats,
        selectors: Selectors,
        *,
        tick_seconds: float,
        keep_evidence: Callable[[str], None],
    ) -> None:
        self._page = page
        self._chats = chats
        self._selectors = selectors
        self._tick_seconds = tick_seconds
        self._keep_evidence = keep_evidence

    def prepare(self, message: Outgoing) -> Draft:
        """Open the chat and write the text. Nothing is on the wire.

        Raises NotSent (permanent: not on WhatsApp), LinkLost.
        """
        address = self._chats.show(message.phone, message.wa_id)
        if address is None:
            raise NotSent(words.NOT_ON_WHATSAPP, permanent=True)
        self._refuse_obstacles()
        current = self._chats.current
        if current is None:
            raise NotSent(words.UNKNOWN_CHAT, permanent=False)
        self._fill(message.text)
        return Draft(message.text, current.title)

    def press(self, draft: Draft) -> Sent:
        """Press send and wait for a new row with the text and a tick beyond pending.

        Raises NotSent while nothing was pressed, then InDoubt; LinkLost for an unknown icon.
        """
        try:
            aim = self._page.ask("aim")
        except Exception as error:
            # The page died before anything was pressed: certainly not on the wire.
            raise NotSent(words.LINK_LOST, permanent=False) from error
        self._refuse_changed(aim, draft)
        draft.before = {row.id for row in message_rows(aim["rows"], self._selectors)}
        try:
            if not self._page.press_at(aim["send"]):
                self._page.key("Enter")
            return self._confirm(draft)
        except (InDoubt, LinkLost):
            raise
        except Exception as error:
            raise InDoubt(words.LINK_LOST) from error

    def clear(self) -> None:
        """Take the text out of the box again, so that nobody ever sends it by accident."""
        if self._page.ask("focus", "box"):
            self._page.key("Control+A")
            self._page.key("Backspace")

    def _fill(self, text: str) -> None:
        limit = time.monotonic() + DRAFT_SECONDS
        while time.monotonic() < limit:
            if not self._page.ask("focus", "box"):
                self._page.wait(0.1, "look", ("box",))
                continue
            if self._page.ask("chat")["draft"]:
                self.clear()
            self._page.write(text)
            chat = self._page.ask("chat")
            settled = time.monotonic() + DRAFT_SECONDS / 3
            while not same_draft(text, chat["draft"] or "") and time.monotonic() < settled:
                chat = self._page.wait(0.1, "chat")
            if same_draft(text, chat["draft"] or ""):
                return
        self.clear()
        raise NotSent(words.DRAFT_DIFFERS, permanent=False)

    def _refuse_obstacles(self) -> None:
        look = self._page.ask("look", (*SCREENS, "restricted", "box"))
        if look.get("offline", {}).get("text"):
            raise LinkLost(words.OFFLINE, Link.OFFLINE)
        if "restricted" in look and "box" not in look:
            raise screens.restriction(look["restricted"])
        if "interstitial" in look and not screens.dismiss(self._page, look):
            raise NotSent(words.PAGE_COVERED, permanent=False)

    def _refuse_changed(self, aim: dict[str, Any], draft: Draft) -> None:
        """Everything must still be as prepared; a temporary NotSent otherwise."""
        if strip_marks(aim["title"]) != draft.title:
            raise NotSent(words.WRONG_CHAT, permanent=False)
        if aim["dialog"] or aim["restricted"] or aim["offline"]:
            self.clear()
            raise NotSent(words.PAGE_COVERED, permanent=False)
        if not same_draft(draft.text, aim["draft"] or ""):
            self.clear()
            raise NotSent(words.DRAFT_DIFFERS, permanent=False)

    def _confirm(self, draft: Draft) -> Sent:
        started = time.monotonic()
        again = False
        row: Row | None = None
        chat = self._page.wait(0.2, "chat")
        while (waited := time.monotonic() - started) < self._tick_seconds:
            row = self._new_row(chat, draft)
            if row is not None and row.tick is not None:
                return Sent(row.id, datetime.now(UTC), row.tick)
            if row is not None and row.unknown and waited > UNKNOWN_SECONDS:
                self._keep_evidence("unknown-icon")
                raise LinkLost(words.UNKNOWN_ICON)
            if (
                row is None
                and not again
                and waited > AGAIN_SECONDS
                and self._untouched(chat, draft)
            ):
                again = True
                self._press_again()
            chat = self._page.wait(0.3, "chat")
        raise InDoubt(words.NO_TICK, row.id if row else "")

    def _new_row(self, chat: dict[str, Any], draft: Draft) -> Row | None:
        for row in reversed(message_rows(chat["rows"], self._selectors)):
            fresh = row.id not in draft.before and (row.outgoing or row.unknown)
            if fresh and same_message(draft.text, row.text):
                return row
        return None

    def _untouched(self, chat: dict[str, Any], draft: Draft) -> bool:
        same = strip_marks(chat["title"]) == draft.title
        return same and same_draft(draft.text, chat["draft"] or "")

    def _press_again(self) -> None:
        if self._page.ask("focus", "box"):
            self._page.key("Enter")
