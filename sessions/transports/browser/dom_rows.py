"""Message rows and chat rows as the reader gives them, made into plain values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sessions.events import Tick
from sessions.transports.browser import ticks
from sessions.transports.browser.selectors import Selectors
from sessions.transports.browser.text import strip_marks
from sessions.transports.browser.ticks import Icon

LEGACY_ID = re.compile(r"^(true|false)_(\d+)@c\.us_(\w+)")
STAMP = re.compile(
    r"\[(?P<clock>[^,\]]+),\s*(?P<first>\d{1,2})[/.-](?P<second>\d{1,2})[/.-](?P<year>\d{4})\]"
)
CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::\d{2})?\s*([AaPp])?")
DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})")
YESTERDAY = ("ontem", "yesterday", "ayer")
WEEKDAYS = (
    ("segunda", "monday", "lunes"),
    ("terça", "tuesday", "martes"),
    ("quarta", "wednesday", "miércoles"),
    ("quinta", "thursday", "jueves"),
    ("sexta", "friday", "viernes"),
    ("sábado", "saturday"),
    ("domingo", "sunday"),
)
COUNT = re.compile(
    r"((\d[\d.,]*|uma?|una?|one) )?(mensage(m|ns) n[aã]o lidas?|unread messages?|mensajes? no le[ií]dos?)"
    r"|(conversa )?n[aã]o lida|unread( chat)?|(chat )?no le[ií]do",
    re.IGNORECASE,
)
"""How many are unread, as a row says it to those who can't see: it stands before the title."""
PASSING = re.compile(
    r"(.{1,60} (está|is|are|estão|están) )?"
    r"(digitando|gravando (áudio|vídeo)|typing|recording (audio|video)|escribiendo|grabando (audio|v[ií]deo))"
    r"\s*(…|\.{3})",
    re.IGNORECASE,
)
"""What somebody is doing; in a group with the name of who it is."""


@dataclass(frozen=True)
class Row:
    """One message of the open chat. `state` is a tick's name, "pending" or "" (incoming).

    `unknown` names icons that may be ticks of a build that we don't know.

    `phone` is the other side's digits where the id carries them (older builds), else "". `kind` is what
    the row shows ("text", "image", "deleted" …); "waiting" is one whose text is still to come, under the
    same id.
    """

    id: str
    text: str
    outgoing: bool
    state: str
    unknown: tuple[str, ...]
    stamp: str
    phone: str
    kind: str = "text"
    edited: bool = False

    @property
    def tick(self) -> Tick | None:
        """The tick beyond pending, if any."""
        return None if self.state in ("", "pending") else Tick(self.state)


@dataclass(frozen=True)
class ChatRow:
    """One chat of the list: its title, unread messages, and what it shows of its last message.

    `shown` is that message's time as far as it is shown (see `shown_time`), `text` all that stands in the
    row, as it is found again by, and `top` how far down the list was when it was seen (pixels).
    """

    title: str
    unread: int
    tick: Tick | None
    outgoing: bool = False
    preview: str = ""
    shown: str = ""
    text: str = ""
    selected: bool = False
    top: float = 0.0
    group: bool = False
    draft: bool = False
    archived: bool = False
    marked: bool = False
    """Marked as unread by a person, or by us: a badge without a number."""

    @property
    def passing(self) -> bool:
        """Does it show what the person is doing ("typing …"), in the place of what was said?"""
        return self.draft or PASSING.fullmatch(self.preview) is not None


def message_rows(data: Sequence[dict[str, Any]], selectors: Selectors) -> list[Row]:
    """Rows in the order of the page. Doubtful directions follow the rule: a tick means outgoing.

    Tails mark only the first row of a group, so a row without tail and tick is incoming: every
    outgoing one has a tick, be it pending.
    """
    return [_row(item, selectors) for item in data]


def chat_rows(data: Sequence[dict[str, Any]], selectors: Selectors) -> list[ChatRow]:
    """The chats that the virtualised list has on the page now, top first."""
    now = datetime.now().astimezone()
    return [_chat_row(item, selectors, now) for item in data]


def _chat_row(item: dict[str, Any], selectors: Selectors, now: datetime) -> ChatRow:
    icons, title, unread = icons_of(item), strip_marks(item["title"]), item["unread"]
    said = strip_marks(item.get("text", "")).split("\n")
    lines = [line for line in said if line.strip() and line != title and not COUNT.fullmatch(line)]
    # Builds without names for them: the first line that is a time is the row's own.
    time = strip_marks(item.get("time", "")) or next(
        (line for line in lines if shown_time(line, now)), ""
    )
    preview = strip_marks(item.get("preview", ""))
    if not preview:
        preview = "\n".join(line for line in lines if line != time)
    return ChatRow(
        title,
        unread,
        ticks.tick_of(icons, selectors),
        outgoing=bool(ticks.state_of(icons, selectors)),
        preview=preview.removesuffix(f"\n{unread}") if unread else preview,
        shown=shown_time(time, now),
        text=item.get("text", ""),
        selected=item.get("selected", False),
        group=item.get("group", False),
        draft=item.get("draft", False),
        marked=item.get("marked", False),
    )


def are_unreadable(rows: Sequence[Row]) -> bool:
    """Whether no message can be read, although some must show a text or a picture."""
    stamped = [row for row in rows if row.stamp]
    return bool(stamped) and all(row.kind == "unknown" for row in stamped)


def shown_time(text: str, now: datetime) -> str:
    """A row's own time, as "2026-11-26 10:04" of today, "2026-11-25" of an earlier day, or "".

    Said so that it stays the same while the page goes from the hour to "Ontem", a weekday and a date.
    """
    word = text.strip().lower()
    clock, date = CLOCK.fullmatch(word.removesuffix("m").strip()), DATE.fullmatch(word)
    if clock:
        hour = int(clock[1]) % 12 + 12 * (clock[3] == "p") if clock[3] else int(clock[1])
        if hour > 23 or int(clock[2]) > 59:
            return ""
        moment = now.replace(hour=hour, minute=int(clock[2]))
        # Midnight has passed since the page was drawn.
        moment -= timedelta(days=moment - now > timedelta(minutes=10))
        return f"{moment:%Y-%m-%d %H:%M}"
    if word in YESTERDAY:
        return f"{now - timedelta(days=1):%Y-%m-%d}"
    for number, names in enumerate(WEEKDAYS):
        if word.startswith(names):
            return f"{now - timedelta(days=(now.weekday() - number) % 7 or 7):%Y-%m-%d}"
    if date is None:
        return ""
    year = int(date[3])
    return f"{year + 2000 if year < 100 else year}-{int(date[2]):02}-{int(date[1]):02}"


def minute_of(shown: str, now: datetime) -> datetime | None:
    """The minute that `shown_time` said, in `now`'s zone; None where it said a day at most."""
    try:
        return datetime.strptime(shown, "%Y-%m-%d %H:%M").replace(tzinfo=now.tzinfo)
    except ValueError:
        return None


def moment_of(stamp: str, now: datetime) -> datetime | None:
    """The minute in `[10:04, 26/11/2026] Name: `, in `now`'s zone; None when unreadable.

    With AM or PM the date is American, unless that can't be.
    """
    found = STAMP.search(strip_marks(stamp))
    clock = CLOCK.search(found["clock"]) if found else None
    if found is None or clock is None:
        return None
    day, month = int(found["first"]), int(found["second"])
    half = clock[3]
    if month > 12 or (half and day <= 12):
        day, month = month, day
    hour = int(clock[1])
    if half:
        hour = hour % 12 + (12 if half in "Pp" else 0)
    try:
        return now.replace(
            year=int(found["year"]),
            month=month,
            day=day,
            hour=hour,
            minute=int(clock[2]),
            second=0,
            microsecond=0,
        )
    except ValueError:
        return None


def written_at(row: Row, now: datetime) -> datetime:
    """When a message was written: its stamp, or now when it says this very minute or nothing."""
    moment = moment_of(row.stamp, now)
    if moment is None or abs(now - moment) < timedelta(minutes=2):
        return now
    return moment


def icons_of(item: dict[str, Any]) -> list[Icon]:
    """The icons of a row as the reader gives it."""
    return [Icon(icon["name"], icon["label"], icon["blue"]) for icon in item["icons"]]


def _row(item: dict[str, Any], selectors: Selectors) -> Row:
    icons = icons_of(item)
    state = ticks.state_of(icons, selectors)
    legacy = LEGACY_ID.match(item["id"])
    sent_here = bool(legacy and legacy[1] == "true")
    incoming = bool(item["incoming"] or (legacy and legacy[1] == "false"))
    outgoing = not incoming and bool(state or sent_here or item["outgoing"])
    return Row(
        id=legacy[3] if legacy else item["id"],
        text=strip_marks(item["text"]),
        outgoing=outgoing,
        state=state if outgoing else "",
        unknown=() if state or incoming else tuple(ticks.unknown_icons(icons, selectors)),
        stamp=item["stamp"],
        phone=legacy[2] if legacy else "",
        kind=item.get("kind", "text"),
        edited=item.get("edited", False),
    )
