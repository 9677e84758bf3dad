"""Hearing: ticks that advance, replies that arrive, links that change.

The driver sees only what the page shows. Replies are found by the unread badges of the chat list
and read by opening the chat; ticks are read in the open chat by message id, and in the chat list
by the last message's icon. A list row has no ids: its tick is taken for the messages sent there from
here. That they were not the last says no less of them: a chat is delivered and read in order.

Opening a chat takes its badge away, so it is announced before (`Entering`), and said to be read out
only once it was left (`ReadOut`): whoever listens keeps a mark in between. A look may therefore
pause in the middle of the list, and go on with the next.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from sessions.events import Entering, Event, Link, LinkChange, Mark, ReadOut, Tick
from sessions.interfaces import LinkLost, NotSent, Opened
from sessions.transports.browser import screens, words
from sessions.transports.browser.awaited import Awaited
from sessions.transports.browser.chat import AGAIN_SECONDS, Chats, OpenChat
from sessions.transports.browser.page import WebPage
from sessions.transports.browser.replies import PhoneUse, Replies
from sessions.transports.browser.rows import ChatRow, Row, chat_rows, message_rows
from sessions.transports.browser.screenfuls import screenfuls
from sessions.transports.browser.screens import SCREENS
from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.text import digits_of, strip_marks
from sessions.transports.browser.waits import Waits

SWEEP_SECONDS = 5.0
VISIT_SECONDS = 1.0
"""At most one chat in so many seconds is opened only for its ticks."""
REVISIT_SECONDS = 30.0
CHAT_SECONDS = 8.0
NAMESAKE_SECONDS = 1.0
UNOPENED_MOST = 2
"""Marked chats that may fail to open in one opening: each costs as long as a chat may take."""


class Inbox:
    """What was heard in one opening of a session, and what is still waited for."""

    def __init__(
        self,
        page: WebPage,
        chats: Chats,
        selectors: Selectors,
        *,
        waits: Waits,
        keep_evidence: Callable[[str], None],
    ) -> None:
        self._page = page
        self._chats = chats
        self._selectors = selectors
        self._waits = waits
        self._time_scale = waits.scale
        self._keep_evidence = keep_evidence
        self._replies = Replies()
        self._phone = PhoneUse()
        self._awaited = Awaited()
        self._stuck: dict[str, int] = {}
        self._swept_at: float | None = None
        self._visited: dict[str, float] = {}
        self._link = Link.ONLINE
        self._offline_since: float | None = None
        self._events: list[Event] = []
        self._marks: dict[str, Mark] = {}
        self._entered = ""
        self._course: Iterator[None] | None = None
        chats.on_staying = self._hear_staying

    def start(self, opened: Opened) -> None:
        """Remember the link found at the opening."""
        self._link = opened.link

    def expect(self, wa_id: str, message_id: str, tick: Tick | None) -> None:
        """Wait for the ticks of a message, known to have come as far as `tick`."""
        self._awaited.add(wa_id, message_id, tick)

    def recall(self, marks: Iterable[Mark]) -> None:
        """Read these chats again, badge or not."""
        self._marks |= {mark.chat: mark for mark in marks}

    def entered(self, chat: str) -> None:
        """This chat is open now; the one before was heard when it was left."""
        if self._entered not in ("", chat):
            self._events.append(ReadOut(self._entered))
        # Left and entered again before anybody was told: its mark must stay.
        self._events = [event for event in self._events if event != ReadOut(chat)]
        self._entered = chat

    def nothing_in(self, chat: str) -> None:
        """There is no such chat to read."""
        self._events.append(ReadOut(chat))

    def step(self, *, may_visit: bool) -> list[Event]:
        """Look once, or go on with the look that paused; return what is new.

        `may_visit` allows opening chats only for their ticks. Raises LinkLost when the page shows a tick that isn't known.
        """
        self._look(may_visit=may_visit)
        events, self._events = self._events, []
        return events

    def before_moving(self) -> None:
        """Hear what opening another chat would silence: the open chat's news, and at first all that
        is unread, because the chat that is opened next may be."""
        if self._swept_at is None:
            self._look(may_visit=False)
        for _pause in self._course or ():
            pass
        self._course = None
        self.hear_chat(self._page.ask("chat"))

    def _look(self, *, may_visit: bool) -> None:
        """Hear what there is to hear, up to the first pause."""
        if self._course is None:
            survey = self._page.ask("survey", SCREENS)
            screen = survey["screen"]
        else:
            survey, screen = None, self._page.ask("look", SCREENS)
        self._hear_link(screen)
        if "pane" not in screen:
            return
        if survey is not None:
            self.hear_chat(survey["chat"])
            self._course = self._all_there_is(self._list(survey["list"]), may_visit=may_visit)
        for _pause in self._course or ():
            return
        self._course = None

    def _all_there_is(self, rows: Sequence[ChatRow], *, may_visit: bool) -> Iterator[None]:
        yield from self._hear_list(rows)
        if self._sweep_due(may_visit):
            yield from self._sweep()
        # After the badges, which say more than a mark: opening a chat by its number takes them away.
        yield from self._recall_numbers()
        if may_visit and not self._events:
            yield from self._visit_expected()

    def hear_chat(self, chat: dict[str, Any]) -> None:
        """Take the ticks and new replies of the chat that is open, before it is left."""
        rows = message_rows(chat["rows"], self._selectors)
        current = self._chats.current
        if current is None or strip_marks(chat["title"]) != current.title:
            return
        self._hear_rows(rows, current)

    def pending(self) -> bool:
        """Does a row of the open chat still show the clock?"""
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
            link, reason = Link.LOGGED_OUT, words.LOGGED_OUT
        self._events.append(LinkChange(link, reason, opened.until))

    def _lasts(self, link: Link) -> bool:
        """A banner that comes and goes is no change; everything else is, at once."""
        if link is not Link.OFFLINE:
            self._offline_since = None
            return True
        self._offline_since = self._offline_since or time.monotonic()
        return time.monotonic() - self._offline_since >= screens.SETTLE_SECONDS * self._time_scale

    # Ticks

    def _hear_ticks(self, rows: Iterable[Row], chat: OpenChat) -> None:
        for row in rows:
            if row.id not in self._awaited:
                continue
            if row.unknown:
                self._keep_evidence("unknown-icon")
                raise LinkLost(words.UNKNOWN_ICON, Link.STOPPED)
            self._take_tick(row.id, row.tick, chat.wa_id)

    def _take_tick(self, message_id: str, tick: Tick | None, wa_id: str) -> None:
        self._events.extend(self._awaited.take(message_id, tick, wa_id))

    # Replies

    def _hear_opened(self, chat: OpenChat, *, unread: int = 0, mark: Mark | None = None) -> None:
        rows = message_rows(self._page.ask("chat")["rows"], self._selectors)
        self._hear_rows(rows, chat, unread=unread, mark=mark)

    def _hear_staying(self, data: Sequence[dict[str, Any]], chat: OpenChat) -> None:
        rows = message_rows(data, self._selectors)
        if self._replies.go_on(rows, chat):
            self._hear_rows(rows, chat)

    def _hear_rows(self, rows: Sequence[Row], chat: OpenChat, **there: Any) -> None:
        self._hear_ticks(rows, chat)
        self._events.extend(self._replies.new(rows, chat, self._awaited, **there))
        self._events.extend(self._phone.signs(rows))

    # The chat list

    def _list(self, data: Sequence[dict[str, Any]]) -> list[ChatRow]:
        return chat_rows(data, self._selectors)

    def _hear_list(self, rows: Sequence[ChatRow]) -> Iterator[None]:
        """Take ticks and unread chats."""
        for row in rows:
            wa_id = digits_of(row.title) or self._chats.titles.get(row.title, "")
            for message_id in self._awaited.of(wa_id):
                self._take_tick(message_id, row.tick, wa_id)
            if row.title in self._marks:
                yield from self._recall_row(row, sum(one.title == row.title for one in rows))
            elif row.unread and self._stuck.get(row.title) != row.unread:
                self._events.append(Entering(row.title, row.unread))
                yield
                self._read(row)

    def _read(self, row: ChatRow) -> None:
        """Open an unread chat from the list and report what is new in it."""
        badge = self._enter(row.title, partial(self._page.ask, "rowPoint", row.title))
        chat = self._chats.adopt(row.title) if badge is not None else None
        if chat is None:
            # A group, or a chat that doesn't open: tried again when its badge changes.
            self._stuck[row.title] = row.unread
            return
        self.entered(row.title)
        self._hear_opened(chat, unread=max(row.unread, badge or 0))

    def _enter(self, title: str, point: Callable[[], dict[str, Any] | None]) -> int | None:
        """Open a chat of the list; its badge when it was pressed: more may have come since the look."""
        current = self._chats.current
        is_another = current is not None and current.title != title
        limit = self._waits.until(CHAT_SECONDS)
        pressed: dict[str, Any] | None = None
        pressed_at, arrived = 0.0, False
        if is_another:
            self.hear_chat(self._page.ask("chat"))
        while not limit.passed():
            # A row that is drawn anew under the pointer takes no notice of the press. Once the chat
            # is there, the next press could be a namesake's, and this one's words unheard.
            late = not arrived and time.monotonic() - pressed_at > AGAIN_SECONDS
            if (pressed is None or late) and self._page.press_at(found := point()):
                pressed, pressed_at = found, time.monotonic()
            shown = self._page.wait(0.2, "opened", title)
            if is_another:
                # Until it is left, what is said in the open chat shows no badge.
                self.hear_chat(shown)
            arrived = strip_marks(shown["title"]) == title and bool(shown["rows"])
            if pressed and arrived and not shown["unread"]:
                return int(pressed["unread"])
        return None

    # Chats that an earlier opening left unread out

    def _recall_numbers(self) -> Iterator[None]:
        """Those that are found by their number, the newest first. What doesn't open keeps its mark."""
        marks = sorted(self._marks.values(), key=lambda mark: mark.since, reverse=True)
        unopened = 0
        for mark, number in ((mark, digits_of(mark.chat)) for mark in marks):
            if not number:
                continue
            chat = self._marks.pop(mark.chat).chat
            if self._waits.asked_at() is not None or unopened == UNOPENED_MOST:
                continue
            self._events.append(Entering(chat, mark.unread))
            yield
            self.hear_chat(self._page.ask("chat"))
            try:
                there = self._chats.show(f"+{number}", number) is not None
            except NotSent:
                unopened += 1
                continue
            if not there:
                self.nothing_in(chat)
            elif self._chats.current is not None:
                self.entered(chat)
                self._hear_opened(self._chats.current, mark=mark)

    def _recall_row(self, row: ChatRow, namesakes: int) -> Iterator[None]:
        """Those of the list; people may share a name, and any of them may be the one."""
        mark = self._marks.pop(row.title)
        self._events.append(Entering(row.title, row.unread))
        yield
        for place in range(namesakes):
            point = partial(self._page.ask, "titlePoint", row.title, place)
            badge = self._enter(row.title, point)
            if badge is not None and namesakes > 1:
                # Their titles don't tell when the page has gone from one to the other.
                self._page.page.wait_for_timeout(NAMESAKE_SECONDS * 1000)
            chat = self._chats.adopt(row.title) if badge is not None else None
            if chat is not None:
                self.entered(row.title)
                self._hear_opened(chat, unread=badge or 0, mark=mark)
            elif badge is not None:
                self.nothing_in(row.title)  # a group

    def _sweep_due(self, may_visit: bool) -> bool:
        if self._swept_at is None:
            return True
        waited = time.monotonic() - self._swept_at
        return (
            may_visit and bool(self._awaited.chats()) and waited > SWEEP_SECONDS * self._time_scale
        )

    def _sweep(self) -> Iterator[None]:
        """Read the whole chat list, one screen after another, and come back to its top."""
        for _top, rows in screenfuls(self._page):
            yield from self._hear_list(self._list(rows))
            if self._waits.asked_at() is not None:
                return
        self._swept_at = time.monotonic()

    # Chats opened only for their ticks

    def _visit_expected(self) -> Iterator[None]:
        now = time.monotonic()
        pause = VISIT_SECONDS * self._time_scale
        if any(now - moment < pause for moment in self._visited.values()):
            return
        for wa_id in self._awaited.chats():
            if now - self._visited.get(wa_id, 0.0) > REVISIT_SECONDS * self._time_scale:
                self._visited[wa_id] = now
                self._events.append(Entering(f"+{wa_id}"))
                yield
                self._visit(wa_id)
                return

    def _visit(self, wa_id: str) -> None:
        self.hear_chat(self._page.ask("chat"))
        try:
            there = self._chats.show(f"+{wa_id}", wa_id) is not None
        except NotSent:
            return
        if there:
            self.entered(f"+{wa_id}")
            self.hear_chat(self._page.ask("chat"))
        else:
            self.nothing_in(f"+{wa_id}")
