"""Unread badges that opening a chat removed; they are put back for the people at the phone.

Opening a chat takes its badge away, here and on the phone, and so does a reply in the chat that is open.
Whichever chats had one are set back to unread by their row's menu as soon as nothing is left to be read, and
the one that stays open when the page closes. Until then its look says that a badge is owed
(`chat_looks.Look.owed`), so that whoever opens the browser after a crash puts it back.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence

from sessions.transports.browser.chat import OpenChat
from sessions.transports.browser.chat_list import ChatList, Mark
from sessions.transports.browser.chat_looks import Looks
from sessions.transports.browser.dom_rows import ChatRow, Row
from sessions.transports.browser.timeouts import Timeouts

log = logging.getLogger(__name__)

GIVE_SECONDS = 15.0
"""Of one look at the page; what is left is for the next."""
STUCK_MOST = 3
"""So many chats that can't be set back, and none that was: the page has no way to. Each costs seconds."""


class Badges:
    """The badges that one opening of a link owes."""

    def __init__(self, chats: ChatList, looks: Looks, timeouts: Timeouts) -> None:
        self._list = chats
        self._looks = looks
        self._timeouts = timeouts
        self._owed: dict[tuple[str, str], ChatRow] = {}
        self._badged: dict[str, ChatRow] = {}
        self._stuck: set[str] = set()
        self.kept: bool | None = None
        """Could badges be put back on this page? None where none was owed yet."""

    def __bool__(self) -> bool:
        return bool(self._owed)

    def take(self, row: ChatRow) -> None:
        """Note that a chat loses its badge."""
        self._owed[(row.title, row.preview)] = row

    def came(self, rows: Sequence[Row], chat: OpenChat) -> None:
        """Note a message in the open chat: it would have a badge if it were not open here."""
        if not self.owes(chat.title):
            self.take(ChatRow(chat.title, 1, None, preview=rows[-1].text))

    def seen(self, rows: Iterable[ChatRow]) -> None:
        """Note which chats have a badge now."""
        for row in rows:
            if row.unread:
                self._badged[row.title] = row
            else:
                self._badged.pop(row.title, None)

    def opened(self, title: str) -> None:
        """The chat is open, and no row of that title has a badge any more."""
        if (row := self._badged.pop(title, None)) is not None:
            self.take(row)

    def owes(self, title: str) -> bool:
        """Is a badge owed to a chat of that title?"""
        return any(owed == title for owed, _preview in self._owed)

    def remember(self, rows: Iterable[ChatRow]) -> None:
        """What earlier openings owe still, by the whole list."""
        for row in rows:
            if self._looks.owes(row):
                self.take(row)

    def put_back(self, *, but: str = "") -> None:
        """Set the chats back to unread, as far as the page allows it; not yet those with the title `but`."""
        owed = [(place, row) for place, row in self._owed.items() if row.title != but]
        limit = time.monotonic() + GIVE_SECONDS
        for place, row in owed:
            if self._timeouts.asked_at() is not None or time.monotonic() > limit:
                break
            del self._owed[place]
            self._set_back(row)
        if owed:
            self._list.to_top()

    def _set_back(self, row: ChatRow) -> None:
        """Set one chat back. Where that fails its look keeps the badge owed, for the next opening; on a page
        that can't mark chats as unread the badge is given up."""
        mark = Mark.NO_WAY if self._has_no_way() else self._list.mark_unread(row)
        if mark is Mark.UNREAD:
            self.kept = True
            self._badged[row.title] = row
            self._paid(row.title)
        if mark is Mark.NO_WAY:
            self.kept = bool(self.kept)
            self._stuck.add(row.title)
            log.warning("a chat could not be set back to unread")
        if self._has_no_way():
            for title in self._stuck:
                self._paid(title)

    def _has_no_way(self) -> bool:
        """Whether the page, and not a single row, can't mark chats as unread."""
        return not self.kept and len(self._stuck) >= STUCK_MOST

    def _paid(self, title: str) -> None:
        if not self.owes(title):
            self._looks.put_back(title)
