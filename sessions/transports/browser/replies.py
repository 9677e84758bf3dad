"""Which rows of a chat are replies that were not reported yet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sessions.events import SENT_HERE, Address, Incoming, Text
from sessions.transports.browser.chat import OpenChat
from sessions.transports.browser.chat_looks import Heard
from sessions.transports.browser.dom_rows import Row, moment_of, written_at

ROWS = 80
"""The reader gives the last so many of a chat (reader/messages.js)."""
EDITABLE = timedelta(minutes=20)
"""How long after it was written a message may be edited, and some for the clocks."""


class Replies:
    """The replies reported in one opening. Pure: it only reads rows and remembers them."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()
        self._last: dict[str, str] = {}

    def new(self, rows: Sequence[Row], chat: OpenChat, heard: Heard) -> Iterable[Incoming]:
        """Those below what was `heard` of this chat, in this opening or before, the last so many that
        were unread, and those that may have been edited since. The same one may be told again after a
        restart; its id tells.
        """
        now = datetime.now().astimezone()
        last = self._last.get(chat.key)
        ids = frozenset({last}) if last else heard.last_ids
        unheard = below(rows, Heard(ids, heard.since, heard.unread), now)
        unheard += edited_since(rows, heard.since, now)
        if last_heard := last_told(rows):
            self._last[chat.key] = last_heard
        unwritten = not chat.written and is_unwritten(rows)
        for row in sorted(unheard, key=rows.index):
            if (row.id, row.text) not in self._told:
                self._told.add((row.id, row.text))
                address = Address(wa_id=row.phone or chat.wa_id, username=chat.username)
                at = written_at(row, now)
                yield Incoming(
                    address, row.id, Text(row.text), at, edited=row.edited, unwritten=unwritten
                )

    def take(self, replies: Iterable[Incoming]) -> list[Incoming]:
        """The replies of an unopened chat that were not reported yet."""
        new = [one for one in replies if (one.message_id, one.content.body) not in self._told]
        self._told |= {(one.message_id, one.content.body) for one in new}
        return new

    def go_on(self, rows: Iterable[Row], chat: OpenChat) -> bool:
        """Whether the rows still hold the last one seen of this chat: a namesake's would not."""
        last = self._last.get(chat.key)
        return any(row.id == last for row in rows)


def below(rows: Sequence[Row], heard: Heard, now: datetime) -> list[Row]:
    """The replies below the last row that was heard, or since the minute when that was.

    A row that is nothing known may be the page's own word, unless a badge counted it; one whose text is
    still to come is told when it has.
    """
    incoming = [
        row
        for row in rows
        if not row.outgoing and not _echo(row) and row.kind not in ("system", "waiting", "shell")
    ]
    counted = {row.id for row in incoming[-heard.unread :]} if heard.unread else set()
    known = [place for place, row in enumerate(rows) if row.id in heard.last_ids]
    since = heard.since.astimezone(now.tzinfo).replace(second=0, microsecond=0)
    start = known[-1] + 1 if known else _first_since(rows, since, now)
    later = {row.id for row in rows[start:] if row.stamp or row.kind != "unknown"}
    return [row for row in incoming if row.id in counted or row.id in later]


def is_unwritten(rows: Sequence[Row]) -> bool:
    """Is this all of a chat, and nothing in it ours? Neither where rows are left out or can't be read."""
    told = len(rows) < ROWS and all(row.kind not in ("shell", "unknown") for row in rows)
    return told and not any(row.outgoing or row.unknown for row in rows)


def edited_since(rows: Sequence[Row], since: datetime, now: datetime) -> list[Row]:
    """Replies that say they were edited, and may have been since: WhatsApp allows it for a while."""
    found = []
    for row in rows:
        moment = moment_of(row.stamp, now) if row.edited and not row.outgoing else None
        if moment and moment >= since.astimezone(now.tzinfo) - EDITABLE:
            found.append(row)
    return found


def last_told(rows: Sequence[Row]) -> str:
    """The id of the last row before the first whose text is still to come."""
    waiting = next((place for place, row in enumerate(rows) if row.kind == "waiting"), len(rows))
    return rows[waiting - 1].id if waiting else ""


def _first_since(rows: Sequence[Row], since: datetime, now: datetime) -> int:
    moments = (moment_of(row.stamp, now) for row in rows)
    return next(
        (place for place, moment in enumerate(moments) if moment and moment >= since), len(rows)
    )


def _echo(row: Row) -> bool:
    """A row of our own under an unknown tick is not a reply."""
    return bool(row.unknown) and row.id.startswith(SENT_HERE)
