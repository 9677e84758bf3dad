"""Writing a message, pressing send, and knowing that it went."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sessions.events import Address, Link
from sessions.interfaces import InDoubt, LinkLost, NotSent, Outgoing, Sent
from sessions.transports.browser import chat_identity, reasons, screens
from sessions.transports.browser.chat import Chats, OpenChat
from sessions.transports.browser.dom_rows import Row, are_unreadable, message_rows
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.screens import SCREENS
from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.text import same_draft, same_message, strip_marks
from sessions.transports.browser.timeouts import Timeouts

DRAFT_SECONDS = 3.0
AGAIN_SECONDS = 3.0
"""A press that had no effect for so long is made again, with Enter. Safe, because sending empties
the box in the same stroke: another press finds either our text or nothing."""
PRESSES = 3
WAITING = {
    "timelock": reasons.CHAT_LOCKED,
    "cap": reasons.NEW_CHATS_SPENT,
    "old_lid": reasons.CHAT_DID_NOT_OPEN,
    "announcement": reasons.WRONG_CHAT,
    "ex_member": reasons.WRONG_CHAT,
    "channel": reasons.WRONG_CHAT,
}
"""What may stand in the place of the box, and why that message waits while others go on."""
UNKNOWN_SECONDS = 1.5


@dataclass
class Draft:
    """A message that stands in the box of the right chat, ready to be pressed."""

    text: str
    title: str
    before: set[str] = field(default_factory=set)
    """Ids of the rows that stood there before: the same text may be among them, legitimately."""
    presses: int = 0
    """How often it was pressed: at 0 it is certainly not on the wire."""


class Sending:
    """The two halves of a send: `prepare` up to the wire, `press` beyond it."""

    def __init__(
        self,
        page: WebPage,
        chats: Chats,
        selectors: Selectors,
        *,
        timeouts: Timeouts,
        keep_evidence: Callable[[str], None],
    ) -> None:
        self._page = page
        self._chats = chats
        self._selectors = selectors
        self._timeouts = timeouts
        self._again_seconds = max(0.5, min(AGAIN_SECONDS, timeouts.tick / 6))
        self._keep_evidence = keep_evidence

    def prepare(self, message: Outgoing) -> Draft:
        """Open the chat and write the text. Nothing is on the wire.

        Raises NotSent (permanent: not on WhatsApp, or blocked by the account itself), LinkLost.
        """
        draft, chat = self._at(message)
        try:
            self._fill(draft, chat)
        except NotSent as problem:
            if problem.reason != reasons.WRONG_CHAT:
                raise
            # A slow page brings up late what it was asked for before: it is asked once more for ours.
            self._chats.current = None
            draft, chat = self._at(message)
            self._fill(draft, chat)
        return draft

    def _at(self, message: Outgoing) -> tuple[Draft, dict[str, Any]]:
        """The message and its chat, which is open and takes it; nothing is written yet."""
        current, seen = self._show(message.to)
        self._refuse_obstacles(seen)
        return Draft(message.content.body, current.title), seen["chat"]

    def press(self, draft: Draft) -> Sent:
        """Press send and wait for a new row with the text and a tick beyond pending.

        Raises NotSent while nothing was pressed, or when the press came to nothing; then InDoubt;
        LinkLost for an unknown icon.
        """
        try:
            aim = self._page.ask("aim")
            if aim["dialog"] and screens.dismiss(self._page, self._page.ask("look", SCREENS)):
                aim = self._page.ask("aim")
        except Exception as error:
            # The page died before anything was pressed: certainly not on the wire.
            raise NotSent(reasons.LINK_LOST, permanent=False) from error
        self._refuse_changed(aim, draft)
        draft.before = {row.id for row in message_rows(aim["rows"], self._selectors)}
        try:
            self._push(draft, aim, aim["send"])
            return self._confirm(draft)
        except (NotSent, InDoubt, LinkLost):
            raise
        except Exception as error:
            raise InDoubt(reasons.LINK_LOST) from error

    def clear(self) -> None:
        """Take the text out of the box again, so that it is never sent by accident."""
        if self._page.ask("focus", "box"):
            self._page.key("Control+A")
            self._page.key("Backspace")

    def _fill(self, draft: Draft, chat: dict[str, Any]) -> None:
        """Have exactly the text in the box of the chat, as it was a moment ago; NotSent where that doesn't
        come about."""
        limit = time.monotonic() + DRAFT_SECONDS
        while time.monotonic() < limit:
            if chat_identity.box_is_anothers(chat, self._selectors):
                raise NotSent(reasons.WRONG_CHAT, permanent=False)
            if chat["draft"]:
                self.clear()
            pasted = self._page.paste(draft.text, draft.title)
            chat = self._settled(draft, pasted) if pasted else self._page.wait(0.1, "chat")
            if strip_marks(chat["title"]) != draft.title:
                self._remove_ours(chat, draft)
                raise NotSent(reasons.WRONG_CHAT, permanent=False)
            if same_draft(draft.text, chat["draft"] or ""):
                return
            self._clear_the_way()
        self.clear()
        there = strip_marks(self._page.ask("chat")["title"]) == draft.title
        reason = reasons.DRAFT_DIFFERS if there else reasons.WRONG_CHAT
        raise NotSent(reason, permanent=False, of_text=there)

    def _settled(self, draft: Draft, chat: dict[str, Any]) -> dict[str, Any]:
        """The chat as soon as it holds the text, or after a moment."""
        settled = time.monotonic() + DRAFT_SECONDS / 3
        while not self._untouched(chat, draft) and time.monotonic() < settled:
            chat = self._page.wait(0.1, "chat")
        return chat

    def _clear_the_way(self) -> None:
        """What lies over the box takes the letters: the page's news can be put away."""
        screens.dismiss(self._page, self._page.ask("look", SCREENS))

    def _show(self, to: Address) -> tuple[OpenChat, dict[str, Any]]:
        """The chat of that person, open, and what stands there.

        A slow page may come back to a chat that was asked for before: this one is asked for again.
        """
        for _ in range(2):
            if self._chats.show(to.phone, to.wa_id) is None:
                raise NotSent(reasons.NOT_ON_WHATSAPP, permanent=True)
            current = self._chats.current
            seen = self._chats.arrived or self._page.ask("arrival", (*SCREENS, "box"))
            if current is not None and strip_marks(seen["chat"]["title"]) == current.title:
                return current, seen
        raise NotSent(reasons.WRONG_CHAT if current else reasons.UNKNOWN_CHAT, permanent=False)

    def _refuse_obstacles(self, seen: dict[str, Any]) -> None:
        look, barrier = seen["screen"], seen["chat"]["barrier"]
        self._refuse_unreadable(seen["chat"])
        if "offline" in look:
            raise LinkLost(reasons.OFFLINE, Link.OFFLINE)
        if barrier == "contact":
            raise NotSent(reasons.CONTACT_BLOCKED, permanent=True)
        if barrier in WAITING:
            raise NotSent(WAITING[barrier], permanent=False)
        if barrier == "terms":
            self._keep_evidence("terms")
            raise LinkLost(reasons.TERMS_ASKED, Link.STOPPED)
        if barrier:
            # Nobody has described it: no recipient fails by it, and nothing more is tried.
            self._keep_evidence(f"barrier-{barrier}")
            raise LinkLost(reasons.UNKNOWN_PAGE, Link.STOPPED)
        if "interstitial" in look and not screens.dismiss(self._page, look):
            raise NotSent(reasons.PAGE_COVERED, permanent=False)

    def _refuse_changed(self, aim: dict[str, Any], draft: Draft) -> None:
        """Everything must still be as prepared; a temporary NotSent otherwise."""
        if strip_marks(aim["title"]) != draft.title:
            self._remove_ours(aim, draft)
            raise NotSent(reasons.WRONG_CHAT, permanent=False)
        if aim["dialog"] or aim["barred"] or aim["offline"]:
            self.clear()
            raise NotSent(reasons.PAGE_COVERED, permanent=False)
        if not same_draft(draft.text, aim["draft"] or ""):
            self.clear()
            raise NotSent(reasons.DRAFT_DIFFERS, permanent=False, of_text=True)

    def _remove_ours(self, chat: dict[str, Any], draft: Draft) -> None:
        """Letters that went on into another chat's box must not stay there."""
        if chat["draft"] and same_draft(draft.text, chat["draft"]):
            self.clear()

    def _push(self, draft: Draft, chat: dict[str, Any], point: dict[str, float] | None) -> None:
        """Press, with the page itself refusing it in any other chat or with any other text."""
        self._page.ask("guard", chat["title"], chat["draft"])
        draft.presses += 1
        if not self._page.press_at(point):
            self._page.key("Enter")
        if self._page.ask("release"):
            if draft.presses == 1:
                self._remove_ours(self._page.ask("chat"), draft)
                raise NotSent(reasons.WRONG_CHAT, permanent=False)
            raise InDoubt(reasons.NO_TICK)

    def _confirm(self, draft: Draft) -> Sent:
        started = pressed = time.monotonic()
        limit = self._timeouts.until(self._timeouts.tick)
        row: Row | None = None
        while not limit.passed():
            now = time.monotonic()
            seen = self._page.wait(0.3, "arrival", SCREENS)
            row = self._new_row(seen["chat"], draft)
            if row is not None and row.tick is not None:
                return Sent(row.id, datetime.now(UTC), row.tick)
            self._stop_when_lost(seen["screen"], row)
            if row is not None and row.unknown and now - started > UNKNOWN_SECONDS:
                self._keep_evidence("unknown-icon")
                raise LinkLost(reasons.UNKNOWN_ICON, Link.STOPPED)
            uncovered = screens.dismiss(self._page, seen["screen"])
            due = uncovered or now - pressed > self._again_seconds
            if row is None and due and self._untouched(seen["chat"], draft):
                if draft.presses >= PRESSES:
                    break
                pressed = now
                self._press_again(draft)
        if row is None and self._taken_back(draft):
            raise NotSent(reasons.NO_EFFECT, permanent=False)
        if row is None and (unread := self._unreadable(draft)) is not None:
            self._keep_evidence("no-row")
            raise InDoubt(reasons.NO_ROW, unread)
        raise InDoubt(reasons.NO_TICK, row.id if row else "")

    def _stop_when_lost(self, screen: screens.Shown, row: Row | None) -> None:
        """No tick will come over a link that the page itself shows as gone."""
        if "conflict" in screen or ("link_screen" in screen and "pane" not in screen):
            raise InDoubt(reasons.LINK_LOST, row.id if row else "")

    def _new_row(self, chat: dict[str, Any], draft: Draft) -> Row | None:
        for row in reversed(message_rows(chat["rows"], self._selectors)):
            fresh = row.id not in draft.before and (row.outgoing or row.unknown)
            if fresh and same_message(draft.text, row.text):
                return row
        return None

    def _unreadable(self, draft: Draft) -> str | None:
        """The box is empty, and what went shows as nothing that can be read: its id, "" without one.

        None where the page is as it should be, and the message only isn't there.
        """
        chat = self._page.ask("chat")
        rows = message_rows(chat["rows"], self._selectors)
        fresh = [row for row in rows if row.id not in draft.before and row.outgoing]
        if strip_marks(chat["title"]) != draft.title or strip_marks(chat["draft"] or ""):
            return None
        if fresh and not any(row.text for row in fresh):
            return fresh[-1].id
        return None if rows else ""

    def _refuse_unreadable(self, chat: dict[str, Any]) -> None:
        """Nothing is written where not one text can be read: what went could not be seen either."""
        rows = message_rows(chat["rows"], self._selectors)
        if are_unreadable(rows) or (not rows and chat["stamped"]):
            self._keep_evidence("unreadable")
            raise LinkLost(reasons.UNKNOWN_PAGE, Link.STOPPED)

    def _untouched(self, chat: dict[str, Any], draft: Draft) -> bool:
        same = strip_marks(chat["title"]) == draft.title
        return same and same_draft(draft.text, chat["draft"] or "")

    def _press_again(self, draft: Draft) -> None:
        if self._page.ask("focus", "box"):
            chat = self._page.ask("chat")
            if self._untouched(chat, draft):
                self._push(draft, chat, None)

    def _taken_back(self, draft: Draft) -> bool:
        """Does the text still stand in the box, and goes away by our hand?

        Sending would have emptied the box, and keys are handled in their order: when clearing shows,
        every press before it was handled and came to nothing.
        """
        if not self._untouched(self._page.ask("chat"), draft):
            return False
        self.clear()
        chat = self._page.wait(self._again_seconds, "chat")
        emptied = not strip_marks(chat["draft"] or "")
        here = strip_marks(chat["title"]) == draft.title
        return here and emptied and self._new_row(chat, draft) is None
