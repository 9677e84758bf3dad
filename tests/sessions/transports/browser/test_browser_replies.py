"""Which rows of a chat are told: late texts, edits, rows without a stamp; pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from sessions.transports.browser.chat import OpenChat
from sessions.transports.browser.chat_looks import Heard
from sessions.transports.browser.dom_rows import Row
from sessions.transports.browser.replies import ROWS, Replies, last_told

NOW = datetime.now().astimezone()
ANA = OpenChat("Ana", "5511987654321")
SINCE = Heard(frozenset({"AC0"}), NOW - timedelta(hours=1), 0)


def row(message_id: str, text: str = "", *, minutes: int = 0, **values: object) -> Row:
    at = NOW - timedelta(minutes=minutes)
    stamp = f"[{at:%H:%M}, {at:%d/%m/%Y}] Ana: " if text else ""
    plain = Row(message_id, text, outgoing=False, state="", unknown=(), stamp=stamp, phone="")
    return replace(plain, **values)  # type: ignore[arg-type]


def told(replies: Replies, *rows: Row, heard: Heard = SINCE) -> list[tuple[str, str, bool]]:
    found = replies.new(rows, ANA, heard)
    return [(one.message_id, one.content.body, one.edited) for one in found]


def test_a_text_that_is_still_to_come_is_told_when_it_has_under_the_same_id() -> None:
    replies = Replies()
    known, waiting = row("AC0", "oi", minutes=5), row("AC1", kind="waiting")
    assert told(replies, known, waiting) == []
    assert last_told([known, waiting]) == "AC0"
    assert told(replies, known, row("AC1", "SAIR")) == [("AC1", "SAIR", False)]


def test_what_came_after_a_text_that_is_late_is_told_once() -> None:
    replies = Replies()
    rows = row("AC0", "oi", minutes=5), row("AC1", kind="waiting"), row("AC2", "e aí")
    assert told(replies, *rows) == [("AC2", "e aí", False)]
    assert told(replies, *rows) == []
    assert told(replies, rows[0], row("AC1", "SAIR"), rows[2]) == [("AC1", "SAIR", False)]


def test_an_edit_of_what_was_heard_is_told_as_one() -> None:
    replies = Replies()
    assert told(replies, row("AC0", "SAIR", minutes=9, edited=True)) == [("AC0", "SAIR", True)]
    assert told(replies, row("AC0", "SAIR", minutes=9, edited=True)) == []


def test_an_edit_from_long_before_is_history() -> None:
    assert told(Replies(), row("AC0", "SAIR", minutes=600, edited=True)) == []


def test_a_voice_note_without_a_stamp_is_told_and_the_pages_own_word_is_not() -> None:
    rows = (
        row("AC0", "oi"),
        row("AC1", kind="voice"),
        row("AC2", kind="system"),
        row("AC3", kind="unknown"),
    )
    assert told(Replies(), *rows) == [("AC1", "", False)]


def test_people_without_a_number_are_told_by_their_username() -> None:
    ana = OpenChat("@ana.souza", "", "ana.souza")
    (reply,) = Replies().new([row("AC1", "SAIR")], ana, SINCE)
    assert (reply.chat.username, reply.chat.number) == ("ana.souza", "")


NAMED = OpenChat("@ana.souza", "", "ana.souza")


def unwritten(*rows: Row, chat: OpenChat = NAMED) -> bool:
    """Whether the last of these rows is told as one of a chat in which nothing of ours stands."""
    *_, reply = Replies().new(rows, chat, SINCE)
    return reply.unwritten


def test_only_of_a_whole_chat_is_it_said_that_nothing_of_ours_stands_in_it() -> None:
    said = row("AC9", "SAIR")
    assert unwritten(row("AC1", kind="system", minutes=9), row("AC2", "oi", minutes=5), said)
    ours = replace(row("3EB01", "Olá", minutes=900), outgoing=True)
    assert not unwritten(ours, said)
    for kind in ("shell", "unknown"):
        assert not unwritten(row("AC1", kind=kind, minutes=9), said)
    assert not unwritten(*(row(f"AC{place:03}", "oi", minutes=9) for place in range(ROWS)), said)
    # What we wrote in a chat of this title may have vanished from it since.
    assert not unwritten(said, chat=replace(NAMED, written=True))
