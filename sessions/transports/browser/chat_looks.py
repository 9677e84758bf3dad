"""Looks: what the chat list showed when its chats were last heard.

WhatsApp Web has no acknowledgement: opening a chat takes its badge away for good, and a chat that is
open never shows one. So a link remembers of each chat what its row said when all of it was kept. A row
that says anything else is heard, by whomever opens the browser next: a process may die anywhere between
opening a chat and keeping its replies, and a person may have read it on the phone meanwhile.

Telling something again is harmless, since a reply is unique by WhatsApp's id; so every doubt is decided
for hearing once more. The rules, all in this file:

- A chat with a badge is opened only after a look says how many were unread: replies without a stamp, or
  from before the link, are told by that number alone.
- The first reading of a link's list is its baseline: what has no badge then is history. Later a row
  without a look is new, unless the row itself says that it is older than the baseline.
- A chat that was only marked as unread, by a person or by us, was heard if it still says the same.
- Rows have no ids. The looks of a title are a few, because people may share a name.
- The same words in the same minute leave the same row: a look that is as young as its row is not final,
  and the next opening hears that chat once more.

Plain values and memory only: whoever keeps them stands behind `LookStore`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sessions.transports.browser.dom_rows import ChatRow, minute_of

BASELINE = ""
"""In the place of a title: that the list was read once, and when."""
MOST_OF_A_TITLE = 4
LATE_FOR = timedelta(days=2)
"""How long a text is looked for that is still to come."""
FINAL_AFTER = timedelta(minutes=2)
"""From the beginning of the minute that a row shows: the minute itself, and as much for the clocks."""


@dataclass(frozen=True)
class Look:
    """One row as it was seen; `unread` of its replies were not kept then.

    `shown` is the row's own time (`rows.shown_time`), `last_id` the last message that was heard, ""
    where the chat was never opened, and `taken_at` when that was. What is not `final` is heard once more
    by the next opening; `tried` says that nobody's number was found there, `owed` that the badge which hearing
    took away is not back yet, `waits` that a text was still to come ("Aguardando esta mensagem"),
    and `told` how many of those that its badge counts were told without opening the chat.
    """

    digest: str
    shown: str
    taken_at: datetime
    unread: int = 0
    last_id: str = ""
    final: bool = True
    tried: bool = False
    owed: bool = False
    waits: bool = False
    told: int = 0


StoredLooks = Mapping[str, Sequence[Look]]
"""Looks by the digest of their title."""


class LookStore(Protocol):
    """Keeps the looks of one link. Called in the thread of the transport's caller only."""

    key: bytes
    """Of the digests: what is kept says nothing of names and words."""

    def load(self) -> StoredLooks:
        """All looks of the link."""

    def keep(self, looks: StoredLooks) -> None:
        """Put these in the place of what there was of the same titles, all or none."""

    def seen(self, titles: Iterable[str]) -> None:
        """These titles (digests) are in the list: their looks are still needed."""


class NoLooks:
    """Keeps nothing: each opening is a link's first. For pairing, and for looking at a page."""

    key = b"none"

    def load(self) -> StoredLooks:
        """Nothing."""
        return {}

    def keep(self, looks: StoredLooks) -> None:
        """Forgotten."""

    def seen(self, titles: Iterable[str]) -> None:
        """Forgotten."""


@dataclass(frozen=True)
class Heard:
    """How far a chat was heard before: up to one of `last_ids`, or else `since`, but for `unread`."""

    last_ids: frozenset[str]
    since: datetime
    unread: int


class Looks:
    """The looks of one opening: what was kept before, and what is to be kept with the next batch."""

    def __init__(self, key: bytes, kept: StoredLooks, now: datetime) -> None:
        self._key = key[:64]
        self._opened_at = now
        self._known = {title: tuple(looks) for title, looks in kept.items()}
        self._stored = dict(self._known)
        self._back: set[str] = set()
        self._fresh: dict[str, tuple[Look, ...]] = {}
        self._given: dict[str, tuple[Look, ...]] = {}
        self._present: set[str] = set()

    # What is to be heard

    def is_unheard(self, row: ChatRow) -> bool:
        """Must this chat be opened? Asked of rows only after the baseline."""
        look = self._match(row)
        if row.unread and look is not None and not row.marked and look.told >= row.unread:
            return False
        if row.unread:
            # One that was only marked was heard, and set back by us or by a person.
            return not (row.marked and look is not None and not (look.unread or self._waits(look)))
        if look is None:
            return not (row.passing or self._is_history(row))
        if look.taken_at >= self._opened_at and (look.tried or not look.unread):
            return False
        return bool(look.unread) or not look.final or self._waits(look)

    def _waits(self, look: Look) -> bool:
        """Is a text that was late to be looked for? Once in an opening, and not for ever."""
        young = look.shown >= f"{self._opened_at.astimezone() - LATE_FOR:%Y-%m-%d}"
        return look.waits and young and look.taken_at < self._opened_at

    def may_open(self, row: ChatRow) -> bool:
        """Whether what its badge counts is stored already."""
        title = self.digest(row.title)
        return title not in self._fresh and title not in self._given

    def heard(self, title: str) -> Heard:
        """How far the chats of that title were heard, by what is known of them."""
        looks = self._known.get(self.digest(title), ())
        return Heard(
            frozenset(look.last_id for look in looks if look.last_id),
            min((look.taken_at for look in looks), default=self._began_at()),
            max((look.unread for look in looks), default=0),
        )

    def was_tried(self, row: ChatRow) -> bool:
        """Did an earlier opening find no number in the chat that shows this?"""
        look = self._match(row)
        return look is not None and look.tried and look.taken_at < self._opened_at

    # Who hides their number

    def wrote_to(self, title: str, wa_id: str) -> None:
        """We wrote to this person in a chat of that title, which tells no number."""
        key = self._person(title)
        if not any(look.digest == wa_id for look in self._known.get(key, ())):
            self._known[key] = self._fresh[key] = (Look(wa_id, "", datetime.now().astimezone()),)

    def person(self, title: str) -> str:
        """The digits of the one to whom we wrote in a chat of that title, "" where there is none."""
        looks = self._known.get(self._person(title), ())
        return looks[-1].digest if looks else ""

    def _person(self, title: str) -> str:
        return self.digest(f"person\0{title}")

    # What was seen

    def begin(self, rows: Iterable[ChatRow]) -> None:
        """Take the baseline, where there is none: all rows of the list, read from top to bottom."""
        rows = list(rows)
        self._present |= {self.digest(row.title) for row in rows}
        self._present |= {self._person(row.title) for row in rows} & set(self._known)
        if BASELINE in self._known:
            return
        began = Look("", "", self._opened_at)
        self._put(BASELINE, began)
        for row in rows:
            if not row.unread:
                self._put(self.digest(row.title), self._look(row))

    def notice(self, row: ChatRow) -> None:
        """Note a row before its chat is opened: that it is unread, is history, or has its badge back."""
        look = self._match(row)
        known = 0 if look is None else max(look.unread, look.told)
        if row.unread and (look is None or (known < row.unread and not row.marked)):
            heard = self.heard(row.title)
            last = look.last_id if look else ""
            unread = max(row.unread, heard.unread)
            new = replace(
                self._look(row), taken_at=heard.since, unread=unread, last_id=last, owed=True
            )
            self._put(self.digest(row.title), new)
        elif look and look.owed and row.marked and not look.unread:
            self._put(self.digest(row.title), replace(look, owed=False))
        elif look is None and not row.unread and not row.passing and self._is_history(row):
            self._put(self.digest(row.title), self._look(row))

    def read(self, row: ChatRow, last_id: str, *, owed: bool = False, waits: bool = False) -> None:
        """Note that the chat of this row was read up to `last_id`; `owed`: it lost its badge by that.

        `waits`: but for a text that is still to come.
        """
        look, now = self._match(row), datetime.now().astimezone()
        minute = minute_of(row.shown, now)
        final = row.outgoing or minute is None or now - minute >= FINAL_AFTER
        new = replace(
            self._look(row), taken_at=now, last_id=last_id, final=final, owed=owed, waits=waits
        )
        stays = look is not None and (final or look.taken_at >= self._opened_at)
        if look and stays and replace(look, taken_at=now, shown=row.shown) == new:
            return
        self._put(self.digest(row.title), new, heard=True)

    def told(self, row: ChatRow, last_id: str) -> None:
        """Note that all unread messages were reported without opening the chat; edits are read when it is opened."""
        since = self.heard(row.title).since
        new = replace(self._look(row), taken_at=since, last_id=last_id, told=row.unread)
        self._put(self.digest(row.title), new, heard=True)

    def of(self, title: str) -> tuple[Look, ...]:
        """All looks of a title."""
        return self._known.get(self.digest(title), ())

    def no_number(self, row: ChatRow, *, owed: bool = False) -> None:
        """Note that no number was found in this chat: a group, or a page that was slow. Tried twice."""
        if self.was_tried(row):
            last = replace(self._look(row), tried=True, owed=owed)
            self._put(self.digest(row.title), last, heard=True)
            return
        tried = replace(self._look(row), final=False, tried=True, unread=row.unread, owed=owed)
        self._put(self.digest(row.title), tried, heard=True)

    # Badges

    def owes(self, row: ChatRow) -> bool:
        """Did an earlier visit take this chat's badge away and end before it was back?"""
        look = self._match(row)
        return look is not None and look.owed and not row.unread

    def put_back(self, title: str) -> None:
        """The badges of that title are back, or can't be."""
        title = self.digest(title)
        looks = self._known.get(title, ())
        if any(look.owed for look in looks):
            self._known[title] = self._fresh[title] = _paid(looks)
        self._back.add(title)

    # Keeping

    def give(self) -> None:
        """Add the looks taken until now to the batch that is given now."""
        self._given |= self._fresh
        self._fresh = {}

    def given(self) -> StoredLooks:
        """The looks to store once that batch is stored."""
        return dict(self._given)

    def acknowledge(self) -> None:
        """Note that the given looks are stored."""
        self._stored |= self._given
        self._given = {}

    def at_the_end(self) -> StoredLooks:
        """The stored looks whose badges are back, to store at the end."""
        stored = {title: self._stored.get(title, ()) for title in self._back}
        return {
            title: _paid(some) for title, some in stored.items() if any(look.owed for look in some)
        }

    def present(self) -> set[str]:
        """The titles (digests) that the whole list had, told once."""
        present, self._present = self._present, set()
        return present

    def digest(self, text: str) -> str:
        """What is kept in the place of a name, or of words."""
        return hashlib.blake2b(text.encode(), key=self._key, digest_size=16).hexdigest()

    def _began_at(self) -> datetime:
        return self._known[BASELINE][0].taken_at if BASELINE in self._known else self._opened_at

    def _is_history(self, row: ChatRow) -> bool:
        began = f"{self._began_at().astimezone():%Y-%m-%d %H:%M}"
        unknown = self.digest(row.title) not in self._known
        return unknown and bool(row.shown) and row.shown < began[: len(row.shown)]

    def _match(self, row: ChatRow) -> Look | None:
        """The look that the row still is. A day later it shows less of its time."""
        digest = self._digest_of(row)
        for look in reversed(self._known.get(self.digest(row.title), ())):
            if look.digest == digest and look.shown.startswith(row.shown):
                return look
        return None

    def _look(self, row: ChatRow) -> Look:
        return Look(self._digest_of(row), row.shown, datetime.now().astimezone())

    def _digest_of(self, row: ChatRow) -> str:
        return self.digest(f"{row.title}\0{row.outgoing}\0{row.preview}")

    def _put(self, title: str, look: Look, *, heard: bool = False) -> None:
        """Beside the other looks of its title: a namesake's row has no other sign. What was seen and not
        heard goes with the first that is heard; a namesake that is unread still has its badge, or differs."""
        others = [
            other
            for other in self._known.get(title, ())
            if other.digest != look.digest and not (heard and other.unread)
        ]
        self._known[title] = self._fresh[title] = (*others[1 - MOST_OF_A_TITLE :], look)


def _paid(looks: Iterable[Look]) -> tuple[Look, ...]:
    return tuple(replace(look, owed=False) for look in looks)
