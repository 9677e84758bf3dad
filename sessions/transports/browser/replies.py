"""Which rows of a chat are replies that must be told, and which tell that the phone was in use."""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import datetime

from sessions.events import SENT_HERE, Address, Incoming, Mark, PhoneSeen, Text, typed_on_phone
from sessions.transports.browser.chat import OpenChat
from sessions.transports.browser.rows import Row, moment_of, written_at


class Replies:
    """What was told in one opening. Pure: it only reads rows and remembers their ids."""

    def __init__(self) -> None:
        self._opened_at = datetime.now().astimezone()
        self._told: set[str] = set()
        self._last: dict[str, str] = {}

    def new(
        self,
        rows: Sequence[Row],
        chat: OpenChat,
        waited_for: Container[str],
        *,
        unread: int = 0,
        mark: Mark | None = None,
    ) -> Iterable[Incoming]:
        """The last `unread` ones, those below a message of ours that is waited for, those that came
        since the last look at this chat, those of this opening by their minute, and those that a
        `mark` may stand for.

        The same one may be told again after a restart; its id tells.
        """
        incoming = [row for row in rows if not row.outgoing and not _echo(row)]
        fresh = {row.id for row in incoming[-unread:]} if unread else set()
        if mark is not None:
            fresh = fresh | left_unheard(incoming, mark, unread, self._opened_at)
        below, last = False, self._last.get(chat.wa_id)
        if rows:
            self._last[chat.wa_id] = rows[-1].id
        for row in rows:
            new = row.id in fresh or (row.stamp and (below or self._of_this_opening(row)))
            below = below or row.id in waited_for or row.id == last
            if new and row in incoming and row.id not in self._told:
                self._told.add(row.id)
                at = written_at(row, datetime.now().astimezone())
                yield Incoming(Address(wa_id=row.phone or chat.wa_id), row.id, Text(row.text), at)

    def go_on(self, rows: Iterable[Row], chat: OpenChat) -> bool:
        """Whether the rows still hold the last one seen of this chat: a namesake's would not."""
        last = self._last.get(chat.wa_id)
        return any(row.id == last for row in rows)

    def _of_this_opening(self, row: Row) -> bool:
        moment = moment_of(row.stamp, self._opened_at)
        return moment is not None and moment >= _minute(self._opened_at, self._opened_at)


class PhoneUse:
    """Messages that the account's owner typed on the phone: a sign that it is in use."""

    def __init__(self) -> None:
        self._seen_at: datetime | None = None

    def signs(self, rows: Iterable[Row]) -> Iterable[PhoneSeen]:
        """The newest such row of a chat, by its stamp's minute, where it is news in this opening.

        A stamp of a day to come was misread, and is no sign.
        """
        now = datetime.now().astimezone()
        typed = (row for row in rows if row.outgoing and typed_on_phone(row.id))
        moments = (moment_of(row.stamp, now) for row in typed)
        newest = max((moment for moment in moments if moment and moment <= now), default=None)
        if newest is not None and (self._seen_at is None or newest > self._seen_at):
            self._seen_at = newest
            yield PhoneSeen(newest)


def left_unheard(incoming: Sequence[Row], mark: Mark, unread: int, now: datetime) -> set[str]:
    """Which incoming rows a mark may stand for: as many of the last ones as were unread, and since
    newer ones may have come, as many before those; but then nothing from before the link.
    """
    moments = [moment_of(row.stamp, now) for row in incoming]
    since, linked = _minute(mark.since, now), _minute(mark.linked, now)
    newer = next(
        (n for n, moment in enumerate(moments) if moment is not None and moment >= since),
        len(incoming),
    )
    count = max(mark.unread, unread)
    certain = min(newer, max(0, len(incoming) - count))
    return {
        row.id
        for n, (row, moment) in enumerate(zip(incoming, moments, strict=True))
        if n >= certain or (n >= newer - count and moment is not None and moment >= linked)
    }


def _minute(moment: datetime, now: datetime) -> datetime:
    """Stamps have minutes only."""
    return moment.astimezone(now.tzinfo).replace(second=0, microsecond=0)


def _echo(row: Row) -> bool:
    """A row of our own under an unknown tick is not a reply."""
    return bool(row.unknown) and row.id.startswith(SENT_HERE)
