"""Which chats of a list are unheard, by what was seen of them before: plain values, no browser."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from sessions.transports.browser import chat_looks as module
from sessions.transports.browser.chat_looks import BASELINE, Heard, Looks, StoredLooks
from sessions.transports.browser.dom_rows import ChatRow, Row, shown_time
from sessions.transports.browser.replies import below

NOW = datetime(2026, 11, 26, 10, 0, 30).astimezone()
KEY = b"key"


def row(preview: str = "Oi", shown: str = "2026-11-26 09:00", **fields: object) -> ChatRow:
    return ChatRow("Ana", 0, None, preview=preview, shown=shown, **fields)  # type: ignore[arg-type]


def unread(row: ChatRow, count: int = 1) -> ChatRow:
    return replace(row, unread=count)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The machine's clock, as the driver sees it: its last entry is now."""
    times = [NOW]

    class Clock(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return times[-1]

    monkeypatch.setattr(module, "datetime", Clock)
    return times


class Link:
    """One link over its openings; what is acknowledged outlives each."""

    def __init__(self, clock: list[datetime]) -> None:
        self.kept: dict[str, object] = {}
        self._clock = clock

    def opening(self, minutes: float = 0) -> Looks:
        """A new process, so many minutes after the first."""
        self._clock.append(NOW + timedelta(minutes=minutes))
        kept: StoredLooks = dict(self.kept)  # type: ignore[arg-type]
        return Looks(KEY, kept, self._clock[-1])

    def acknowledge(self, looks: Looks) -> None:
        """As the transport does with a batch."""
        looks.give()
        self.kept |= looks.given()
        looks.acknowledge()


@pytest.fixture
def link(clock: list[datetime]) -> Link:
    return Link(clock)


def begun(link: Link, *rows: ChatRow) -> Looks:
    """The first opening, its baseline acknowledged."""
    looks = link.opening()
    looks.begin(rows)
    for one in rows:
        looks.notice(one)
    link.acknowledge(looks)
    return looks


# The baseline


def test_what_has_no_badge_at_the_first_opening_is_history_also_for_the_next(link: Link) -> None:
    assert not begun(link, row()).is_unheard(row())
    assert not link.opening(10).is_unheard(row())


def test_nothing_is_opened_before_the_baseline_and_the_badges_are_acknowledged(link: Link) -> None:
    looks, chat = link.opening(), unread(row(), 2)
    looks.begin([chat])
    looks.notice(chat)
    assert looks.is_unheard(chat)
    assert not looks.may_open(chat)
    looks.give()
    assert not looks.may_open(chat)
    looks.acknowledge()
    assert looks.may_open(chat)


def test_a_crash_before_the_baseline_was_kept_takes_it_anew(link: Link) -> None:
    lost = link.opening()
    lost.begin([row()])
    lost.give()
    looks = link.opening(10)
    looks.begin([row("Tchau")])
    assert not looks.is_unheard(row("Tchau"))


def test_a_baseline_without_any_chat_is_one_too(link: Link) -> None:
    begun(link)
    assert BASELINE in link.kept
    looks = link.opening(10)
    looks.begin([row(shown="2026-11-26 10:09")])
    assert looks.is_unheard(row(shown="2026-11-26 10:09"))


def test_a_crash_between_opening_an_unread_chat_and_keeping_its_replies_hears_it_again(
    link: Link,
) -> None:
    begun(link, unread(row(), 2))
    after = link.opening(10)
    # Its badge is gone, and it says the same: only the look knows.
    assert after.is_unheard(row())
    assert after.heard("Ana").unread == 2


def test_history_that_the_first_sync_brings_late_is_not_opened(link: Link) -> None:
    looks = begun(link, row())
    late = replace(row(shown="2026-11-20"), title="Rui")
    new = replace(row(shown="2026-11-26 10:00"), title="Eva")
    assert not looks.is_unheard(late)
    assert looks.is_unheard(new)
    assert looks.is_unheard(replace(late, shown=""))


# What changed


def heard(link: Link, chat: ChatRow, last: str = "M1", *, minutes: float = 10) -> None:
    """One whole opening that hears the chat."""
    looks = link.opening(minutes)
    looks.read(chat, last)
    link.acknowledge(looks)


@pytest.mark.parametrize(
    ("now", "is_unheard"),
    [
        (row(), False),
        (row("Tchau"), True),
        # The same words of another minute.
        (row(shown="2026-11-26 09:30"), True),
        (unread(row()), True),
        # Read on the phone, or by a process that died.
        (row("SAIR", "2026-11-26 10:20"), True),
        # Somebody is writing: nothing was said yet.
        (row("digitando…"), False),
        # The hour becomes a day by itself.
        (row(shown="2026-11-26"), False),
    ],
)
def test_a_row_that_differs_from_its_look_is_unheard(
    link: Link, now: ChatRow, is_unheard: bool
) -> None:
    begun(link)
    heard(link, row())
    assert link.opening(20).is_unheard(now) is is_unheard


def test_a_row_whose_only_change_is_its_tick_needs_no_opening(link: Link) -> None:
    begun(link)
    ours = row("Olá", outgoing=True)
    heard(link, ours)
    looks = link.opening(20)
    assert not looks.is_unheard(replace(ours, tick=module.ChatRow("", 0, None).tick))
    # But an answer with the same words is not ours.
    assert looks.is_unheard(row("Olá"))


def test_words_as_young_as_the_look_are_heard_once_more_by_the_next_opening_only(
    link: Link,
) -> None:
    begun(link)
    young = row("SAIR", "2026-11-26 10:10")
    looks = link.opening(10)
    looks.read(young, "M1")
    link.acknowledge(looks)
    assert not looks.is_unheard(young)
    after = link.opening(20)
    assert after.is_unheard(young)
    assert after.heard("Ana").last_ids == {"M1"}
    after.read(young, "M2")
    link.acknowledge(after)
    assert not after.is_unheard(young)
    assert not link.opening(30).is_unheard(young)


def test_a_young_message_of_our_own_needs_no_second_hearing(link: Link) -> None:
    begun(link)
    ours = row("Olá", "2026-11-26 10:10", outgoing=True)
    heard(link, ours)
    assert not link.opening(20).is_unheard(ours)


def test_a_look_that_was_never_acknowledged_does_not_count(link: Link) -> None:
    begun(link, row())
    lost = link.opening(10)
    lost.read(row("SAIR"), "M1")
    lost.give()
    assert link.opening(20).is_unheard(row("SAIR"))


# People who share a name


def test_two_chats_of_one_title_do_not_hide_each_other(link: Link) -> None:
    ana, other = row("Oi"), row("Bom dia")
    begun(link, ana, other)
    looks = link.opening(10)
    assert not looks.is_unheard(ana)
    assert not looks.is_unheard(other)
    looks.read(row("SAIR"), "M1")
    link.acknowledge(looks)
    after = link.opening(20)
    assert [after.is_unheard(one) for one in (row("SAIR"), other, row("Boa tarde"))] == [
        False,
        False,
        True,
    ]


def test_the_looks_of_a_title_do_not_grow_without_end(link: Link) -> None:
    begun(link)
    for number in range(20):
        heard(link, row(f"Oi {number}"))
    assert len(link.kept[Looks(KEY, {}, NOW).digest("Ana")]) == module.MOST_OF_A_TITLE  # type: ignore[arg-type]


def test_of_a_title_that_several_share_the_oldest_look_says_since_when(link: Link) -> None:
    """The one who writes may be any of them."""
    ana = row()
    begun(link, ana)
    heard(link, row("Bom dia"), "M1", minutes=50)
    found = link.opening(60).heard("Ana")
    assert (set(found.last_ids), found.since) == ({"M1"}, NOW)


# Groups, and pages that are slow


def test_a_chat_without_a_number_is_tried_in_two_openings_and_then_left_alone(link: Link) -> None:
    begun(link)
    group = unread(row("Ana: oi"), 3)
    for minutes in (10, 20):
        looks = link.opening(minutes)
        looks.notice(group)
        link.acknowledge(looks)
        assert looks.is_unheard(group if minutes == 10 else row("Ana: oi"))
        looks.no_number(group if minutes == 10 else row("Ana: oi"))
        link.acknowledge(looks)
        assert not looks.is_unheard(row("Ana: oi"))
    last = link.opening(30)
    assert not last.is_unheard(row("Ana: oi"))
    assert last.is_unheard(row("Rui: tchau"))


def test_what_is_kept_says_no_name_and_no_word(link: Link) -> None:
    begun(link, row("Meu exame deu positivo"))
    heard(link, row("SAIR"), "M1")
    text = repr(link.kept)
    assert "Ana" not in text
    assert "exame" not in text
    assert "SAIR" not in text


# The time of a row


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("09:07", "2026-11-26 09:07"),
        ("9:07 AM", "2026-11-26 09:07"),
        ("12:07 am", "2026-11-26 00:07"),
        # Midnight passed since the page was drawn.
        ("23:50", "2026-11-25 23:50"),
        ("Ontem", "2026-11-25"),
        ("yesterday", "2026-11-25"),
        ("quarta-feira", "2026-11-25"),
        ("Thursday", "2026-11-19"),
        ("20/11/2026", "2026-11-20"),
        ("20/11/26", "2026-11-20"),
        ("hoje não", ""),
        ("25:61", ""),
    ],
)
def test_a_rows_time_is_a_day_however_the_page_says_it(text: str, shown: str) -> None:
    assert shown_time(text, NOW) == shown


# Which rows of a chat are told


def message(number: int, minutes_ago: int | None, *, ours: bool = False) -> Row:
    said = NOW - timedelta(minutes=minutes_ago or 0)
    stamp = "" if minutes_ago is None else f"[{said:%H:%M}, {said:%d/%m/%Y}] Ana: "
    kind = "text" if stamp else "unknown"
    return Row(f"{number}", "SAIR", ours, "sent" if ours else "", (), stamp, "", kind)


@pytest.mark.parametrize(
    ("minutes_ago", "last", "unread", "told"),
    [
        # Below the last that was heard, however old its stamp: the page may have been fetching still.
        ([90, 80, 70], "1", 0, "2"),
        ([90, 80, 70], "2", 0, ""),
        # Where that is out of sight, or the chat was never opened: since the look.
        ([90, 80, 5, 4], "", 0, "23"),
        ([90, 80, 5], "gone", 0, "2"),
        # As many as were unread, also from before.
        ([90, 80, 70], "", 2, "12"),
        ([90, 80, 5], "", 1, "2"),
        ([90, 80, 5], "", 2, "12"),
        ([90, 80], "", 9, "01"),
        # What has no stamp may be the page's own word, unless a badge counted it: a voice note.
        ([90, 5, None], "", 0, "1"),
        ([90, 5, None], "", 1, "12"),
        ([90, None, None], "0", 1, "2"),
    ],
)
def test_what_is_told_of_a_chat(
    minutes_ago: list[int | None], last: str, unread: int, told: str
) -> None:
    rows = [message(number, ago) for number, ago in enumerate(minutes_ago)]
    known = Heard(frozenset({last} - {""}), NOW - timedelta(minutes=10), unread)
    assert "".join(one.id for one in below(rows, known, NOW)) == told


def test_our_own_messages_are_no_replies_but_say_where_the_new_ones_begin() -> None:
    rows = [message(0, 90), message(1, 5, ours=True), message(2, 5)]
    known = Heard(frozenset(), NOW - timedelta(minutes=10), 0)
    assert [one.id for one in below(rows, known, NOW)] == ["2"]
