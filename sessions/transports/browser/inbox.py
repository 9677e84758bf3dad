"""Hearing: ticks that advance, replies that arrive, links that change.

The driver sees only what the page shows. A chat whose row in the list has a badge, or differs from the
last look at it (`chat_looks`), is opened and read; ticks are read in the open chat by message id, and in the
list by the last message's icon. A list row has no ids: its tick is taken for the messages sent there from
here. That they were not the last says no less of them: a chat is delivered and read in order.

Each `listen` is one look at the page and opens one chat at the most. What it found waits for `take`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from sessions.events import Event, Incoming, Link, LinkChange, Tick
from sessions.interfaces import LinkLost, NotSent, Opened
from sessions.transports.browser import reasons, screens, unread_by_modules
from sessions.transports.browser.badges import Badges
from sessions.transports.browser.chat import Chats, OpenChat
from sessions.transports.browser.chat_identity import number_in_title
from sessions.transports.browser.chat_list import ChatList
from sessions.transports.browser.chat_looks import Looks
from sessions.transports.browser.dom_rows import ChatRow, Row, are_unreadable, message_rows
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.pending_receipts import PendingReceipts
from sessions.transports.browser.replies import Replies, last_told
from sessions.transports.browser.screens import SCREENS
from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.text import strip_marks
from sessions.transports.browser.timeouts import Timeouts

SWEEP_SECONDS = 5.0
MODULE_SECONDS = 2.0
VISIT_SECONDS = 1.0
"""At most one chat in so many seconds is opened only for its ticks."""
REVISIT_SECONDS = 30.0
TOLD_SECONDS = 0.5
"""What the page tells the phone, it tells within moments: the last it does before it closes."""
UNOPENED_MOST = 2
"""Chats without a badge that may fail to open in one opening: each costs as long as a chat may take."""


class Inbox:
    """What was heard in one opening of a link, and what is still waited for."""

    def __init__(
        self,
        page: WebPage,
        chats: Chats,
        looks: Looks,
        selectors: Selectors,
        *,
        timeouts: Timeouts,
        keep_evidence: Callable[[str], None],
    ) -> None:
        self._page = page
        self._chats = chats
        self._looks = looks
        self._selectors = selectors
        self._timeouts = timeouts
        self._keep_evidence = keep_evidence
        self._list = ChatList(page, selectors, timeouts)
        self.badges = Badges(self._list, looks, timeouts)
        self._replies = Replies()
        self._pending = PendingReceipts()
        self._link = Link.ONLINE
        self._offline_since: float | None = None
        self._events: list[Event] = []
        self._unheard: dict[tuple[str, str], ChatRow] = {}
        self._given_up: set[tuple[str, str, int]] = set()
        self._has_read = False
        self._unopened = 0
        self._swept_at: float | None = None
        self._visited: dict[str, float] = {}
        chats.on_staying = self._hear_staying
        chats.on_hidden, chats.remembered = looks.wrote_to, looks.person

    def start(self, opened: Opened) -> None:
        """Remember the link found at the opening."""
        self._link = opened.link

    def expect(self, wa_id: str, message_id: str, tick: Tick | None) -> None:
        """Wait for the ticks of a message, known to have come as far as `tick`."""
        self._pending.add(wa_id, message_id, tick)

    def listen(self, *, may_visit: bool) -> None:
        """Look once; `may_visit` allows opening a chat only for its ticks.

        Raises LinkLost when the page shows a tick that isn't known.
        """
        survey = self._page.ask("survey", SCREENS)
        self._hear_link(survey["screen"])
        if "pane" not in survey["screen"]:
            return
        self._hear_open_chat(survey)
        if self._sweep_due(may_visit):
            self._sweep()
        else:
            self._hear_list(self._list.rows(survey["list"]))
        row = self._next_to_open()
        self._has_read = row is not None
        if row is not None:
            self._read(row)
        elif not self._events and not self.more():
            chat = self._chats.current
            self.badges.put_back(but=chat.title if chat else "")
            if may_visit:
                self._visit_expected()

    def more(self) -> bool:
        """Whether a chat waits to be opened, or another look is needed after one was."""
        return (bool(self._unheard) or self._has_read) and self._timeouts.asked_at() is None

    def take(self) -> list[Event]:
        """Returns the events since the last call."""
        events, self._events = self._events, []
        return events

    def has_news(self) -> bool:
        """Read the open chat. Returns whether it has messages that were not returned yet."""
        self._hear_open_chat(self._page.ask("survey", SCREENS))
        chat = self._chats.current
        if chat is None:
            return False
        mine = [event for event in self._events if isinstance(event, Incoming)]
        return any(
            (one.chat.wa_id, one.chat.username) == (chat.wa_id, chat.username) for one in mine
        )

    def before_moving(self) -> None:
        """Hear what opening another chat would silence: the open chat's news, and at first what the list
        says of all others, because the chat that is opened next may be unread."""
        survey = self._page.ask("survey", SCREENS)
        self._hear_open_chat(survey)
        self.badges.seen(self._list.rows(survey["list"]))
        if self._swept_at is None:
            self._sweep()

    def pending(self) -> bool:
        """Whether a row of the open chat still shows the clock."""
        rows = message_rows(self._page.ask("chat")["rows"], self._selectors)
        return any(row.outgoing and row.state == "pending" for row in rows)

    # Links

    def _hear_link(self, screen: dict[str, dict[str, str]]) -> None:
        screens.dismiss(self._page, screen)
        opened = screens.classify(screen)
        if opened is None or opened.link is self._link or not self._lasts(opened.link):
            return
        self._link = opened.link
        link, reason = opened.link, opened.reason
        if link is Link.NEEDS_PAIRING:
            link, reason = Link.LOGGED_OUT, reasons.LOGGED_OUT
        self._events.append(LinkChange(link, reason, opened.until))

    def _lasts(self, link: Link) -> bool:
        """A banner that comes and goes is no change; everything else is, at once."""
        if link is not Link.OFFLINE:
            self._offline_since = None
            return True
        self._offline_since = self._offline_since or time.monotonic()
        return (
            time.monotonic() - self._offline_since >= screens.SETTLE_SECONDS * self._timeouts.scale
        )

    # The open chat

    def _hear_open_chat(self, survey: dict[str, Any], opened: ChatRow | None = None) -> None:
        """Take its ticks and replies; and where the list shows its row, that this much is heard.

        Out of sight it is still as it was when it was `opened`, or will be heard again.
        """
        chat = self._chats.current
        rows = self._hear_chat(survey["chat"])
        if chat is None or not rows:
            return
        alike = [row for row in self._list.rows(survey["list"]) if row.title == chat.title]
        if opened is not None and not alike:
            alike = [replace(opened, unread=0, marked=False)]
        mine = [row for row in alike if row.selected] or alike
        # A namesake that says the same, and is unread, would take this look for its own.
        quiet = not any(row.unread and not row.marked for row in alike)
        if not any(row.unread for row in alike):
            self.badges.opened(chat.title)
        if len(mine) == 1 and not mine[0].passing and quiet and (last := last_told(rows)):
            waits = any(row.kind == "waiting" for row in rows)
            self._looks.read(mine[0], last, owed=self.badges.owes(chat.title), waits=waits)

    def _hear_chat(self, shown: dict[str, Any]) -> list[Row]:
        chat = self._chats.current
        if chat is None or strip_marks(shown["title"]) != chat.title:
            return []
        rows = message_rows(shown["rows"], self._selectors)
        self._hear_arrivals(rows, chat)
        return rows

    def _hear_staying(self, data: Sequence[dict[str, Any]], chat: OpenChat) -> None:
        """The chat that is still on the screen while the way leads to another."""
        rows = message_rows(data, self._selectors)
        if self._replies.go_on(rows, chat):
            self._hear_arrivals(rows, chat)

    def _hear_arrivals(self, rows: Sequence[Row], chat: OpenChat) -> None:
        """What came while the chat was open, or just before it was opened to write in."""
        if any(not reply.edited for reply in self._hear_rows(rows, chat)):
            self.badges.came(rows, chat)

    def _hear_rows(self, rows: Sequence[Row], chat: OpenChat, *, unread: int = 0) -> list[Incoming]:
        if are_unreadable(rows):
            self._stop("unreadable")
        self._hear_ticks(rows, chat)
        heard = self._looks.heard(chat.title)
        heard = replace(heard, unread=max(heard.unread, unread))
        replies = list(self._replies.new(rows, chat, heard))
        self._events.extend(replies)
        return replies

    def _hear_ticks(self, rows: Iterable[Row], chat: OpenChat) -> None:
        for row in rows:
            if row.id not in self._pending:
                continue
            if row.unknown:
                self._keep_evidence("unknown-icon")
                raise LinkLost(reasons.UNKNOWN_ICON, Link.STOPPED)
            self._events.extend(self._pending.take(row.id, row.tick, chat.wa_id))

    # The chat list

    def _sweep_due(self, may_visit: bool) -> bool:
        if self._swept_at is None:
            return True
        waited = time.monotonic() - self._swept_at
        awaited = may_visit and bool(self._pending.chats())
        return awaited and waited > SWEEP_SECONDS * self._timeouts.scale

    def _sweep(self) -> None:
        """Read the whole list; the first time that is the baseline, where the link has none."""
        self._page.click("all_filter")
        rows, whole = self._list.whole()
        if not rows and self._page.ask("rowCount"):
            self._stop("no-list")
        if whole:
            archived, whole = self._list.archived()
            rows += archived
        if whole:
            self.badges.remember(rows)
            self._looks.begin(rows)
            self._swept_at = time.monotonic()
        self._hear_list(rows)

    def _hear_list(self, rows: Sequence[ChatRow]) -> None:
        """Take the ticks, and note which chats are to be opened."""
        self.badges.seen(rows)
        for row in rows:
            if row.group:
                continue  # nobody's chat: neither opened nor told, and its badge stays
            wa_id = number_in_title(row.title) or self._chats.titles.get(row.title, "")
            for message_id in self._pending.of(wa_id):
                self._events.extend(self._pending.take(message_id, row.tick, wa_id))
            current = self._chats.current
            if current is not None and current.title == row.title and row.selected:
                continue  # it was heard just now
            if self._swept_at is None:
                continue  # a stop came before the baseline
            self._looks.notice(row)
            if self._looks.is_unheard(row) and not self._is_given_up(row):
                self._unheard.setdefault((row.title, row.text), row)

    def _next_to_open(self) -> ChatRow | None:
        """The first chat whose badge is kept; those that need no opening any more are left out."""
        if self._timeouts.asked_at() is not None:
            return None
        for place, row in list(self._unheard.items()):
            if not self._looks.is_unheard(row) or self._is_given_up(row):
                del self._unheard[place]
            elif self._looks.may_open(row):
                return self._unheard.pop(place)
        return None

    def _is_given_up(self, row: ChatRow) -> bool:
        if not row.unread and self._unopened >= UNOPENED_MOST:
            return True
        return (row.title, row.text, row.unread) in self._given_up

    def _read(self, row: ChatRow) -> None:
        """Read what is new in a chat of the list; it is opened where the page's modules don't give it."""
        if row.unread and not row.marked and self._read_unopened(row):
            return
        current = self._chats.current
        is_open = current is not None and current.title == row.title
        if row.unread:
            self.badges.take(row)
        there = self._list.open(row, is_open=is_open, meanwhile=self._hear_chat)
        chat = self._chats.adopt(row.title) if there else None
        if chat is None or not row.unread:
            # Once in an opening: where it still differs it is a namesake's, or doesn't open.
            self._given_up.add((row.title, row.text, row.unread))
        if chat is None:
            if not there and self._shows_nothing_of(row):
                self._stop("no-rows")
            self._unopened += not there and not row.unread
            if there:
                self._looks.no_number(row, owed=self.badges.owes(row.title))
            return
        survey = self._page.ask("survey", SCREENS)
        if strip_marks(survey["chat"]["title"]) == chat.title:
            rows = message_rows(survey["chat"]["rows"], self._selectors)
            self._hear_rows(rows, chat, unread=0 if row.marked else row.unread)
            self._hear_open_chat(survey, row)

    def _read_unopened(self, row: ChatRow) -> bool:
        chat = self._page.module("chat", MODULE_SECONDS, row.title, row.text)
        replies = unread_by_modules.replies(chat, row, self._looks.of(row.title))
        if not replies:
            return False
        self._events.extend(self._replies.take(replies))
        self._looks.told(row, replies[-1].message_id)
        return True

    def _shows_nothing_of(self, row: ChatRow) -> bool:
        """Is its chat open, and nothing in it can be read, though something came in?"""
        chat = self._page.ask("chat")
        return bool(row.unread) and strip_marks(chat["title"]) == row.title and not chat["rows"]

    def _stop(self, evidence: str) -> None:
        """Stop the link: replies can't be read, so nothing more is sent."""
        self._keep_evidence(evidence)
        raise LinkLost(reasons.UNKNOWN_PAGE, Link.STOPPED)

    def give_back(self) -> None:
        """Put all badges back, that of the open chat among them: the page closes."""
        if self.badges:
            self.badges.put_back()
            self._page.rest(TOLD_SECONDS)

    # Chats opened only for their ticks

    def _visit_expected(self) -> None:
        now = time.monotonic()
        pause = VISIT_SECONDS * self._timeouts.scale
        if any(now - moment < pause for moment in self._visited.values()):
            return
        for wa_id in self._pending.chats():
            if now - self._visited.get(wa_id, 0.0) > REVISIT_SECONDS * self._timeouts.scale:
                self._visited[wa_id] = now
                self._visit(wa_id)
                return

    def _visit(self, wa_id: str) -> None:
        self.before_moving()
        try:
            there = self._chats.show(f"+{wa_id}", wa_id) is not None
        except NotSent:
            return
        if there:
            self._hear_open_chat(self._page.ask("survey", SCREENS))
