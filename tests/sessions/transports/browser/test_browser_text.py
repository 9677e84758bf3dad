"""Comparing what the page shows with what we hold; pure, without a browser."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.transports.browser import dom_rows
from sessions.transports.browser.text import (
    agrees,
    digits_of,
    masked_agrees,
    same_draft,
    same_message,
    strip_marks,
)

ZONE = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 26, 10, 4, 30, tzinfo=ZONE)
MARKS = "\u200e\u200f\u202a\u202c"

area = st.integers(11, 99).map(str)
last8 = st.integers(0, 99_999_999).map(lambda number: f"{number:08d}")
words = st.text(
    st.characters(
        codec="utf-8", exclude_characters=MARKS + "\r\u2066\u2067\u2068\u2069\u202b\u202d\u202e"
    )
)


@given(area, last8)
def test_ninth_digit_is_the_only_difference_that_agrees(area_code: str, number: str) -> None:
    short, long = f"55{area_code}{number}", f"55{area_code}9{number}"
    assert agrees(short, long)
    assert agrees(long, short)
    assert agrees(f"+{long}", short)


@given(area, area, last8, last8)
def test_another_area_code_or_other_last_digits_never_agree(
    one: str, other: str, first: str, second: str
) -> None:
    assert agrees(f"55{one}9{first}", f"55{other}{second}") == (one == other and first == second)
    assert agrees(f"55{one}9{first}", f"55{other}9{second}") == (one == other and first == second)


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("5511987654321", "351119876543"),  # another country
        ("5511987654321", "551187654321"[:-1]),
        ("5511887654321", "551187654321"),  # the extra digit is not a 9
        ("14155550123", "141555501239"),
        ("5511987654321", ""),
        ("", ""),
    ],
)
def test_doubtful_numbers_do_not_agree(asked: str, shown: str) -> None:
    assert not agrees(asked, shown)


@given(words, st.lists(st.tuples(st.integers(0, 20), st.sampled_from(MARKS)), max_size=6))
def test_direction_marks_never_matter(text: str, marks: list[tuple[int, str]]) -> None:
    marked = text
    for place, mark in marks:
        marked = marked[:place] + mark + marked[place:]
    assert strip_marks(marked) == strip_marks(text)
    assert same_draft(text, marked)
    assert same_message(text, marked)


@given(words, words)
def test_a_draft_with_another_word_is_not_the_same(text: str, extra: str) -> None:
    assert not same_draft(text, f"{text}{extra}x")


def test_draft_keeps_empty_lines_and_forgives_only_what_the_page_changes() -> None:
    assert same_draft("Olá ☀️\n\n*Ana*", "Olá ☀\n\n*Ana*")
    assert not same_draft("Olá\n\nAna", "Olá\nAna")
    assert not same_draft("*Ana*", "Ana")
    # In August's page every item has the same sign, whichever was written; bold is another matter.
    assert same_draft("Leve:\n- RG\n* CPF", "Leve:\n* RG\n* CPF")
    assert not same_draft("- RG", "RG")
    assert not same_draft("*RG*", "- RG*")


def test_sent_row_is_the_message_rendered_or_folded() -> None:
    assert same_message("*Olá*, _Ana_\nPromoção", "Olá, Ana\nPromoção")
    long = "Uma mensagem muito longa. " * 60
    assert same_message(long, long[:760])
    assert not same_message(long, long[:100])
    assert not same_message("Olá, Ana", "Olá, Bia")


@pytest.mark.parametrize(
    ("title", "digits"),
    [
        ("+55 11 98765-4321", "5511987654321"),
        ("\u202a+55 11 8765‑4321\u202c", "551187654321"),
        ("+1 (415) 555-0123", "14155550123"),
        ("Ana Beatriz", ""),
        ("Clínica 24 horas", ""),
        ("1234", ""),
    ],
)
def test_title_is_a_number_only_when_nothing_else_is_in_it(title: str, digits: str) -> None:
    assert digits_of(title) == digits


@pytest.mark.parametrize(
    ("stamp", "minute"),
    [
        ("[10:04, 26/11/2026] Ana: ", (2026, 11, 26, 10, 4)),
        ("[09:59, 03/02/2026] Ana: ", (2026, 2, 3, 9, 59)),
        ("[10:04 PM, 11/26/2026] Ana: ", (2026, 11, 26, 22, 4)),
        ("[12:30 AM, 2/3/2026] Ana: ", (2026, 2, 3, 0, 30)),
        ("[10:04, 11/26/2026] \u200eAna: ", (2026, 11, 26, 10, 4)),
    ],
)
def test_stamp_is_read_in_both_languages(stamp: str, minute: tuple[int, ...]) -> None:
    assert dom_rows.moment_of(stamp, NOW) == datetime(*minute, tzinfo=ZONE)


@given(st.text())
def test_any_stamp_gives_a_moment_or_nothing(stamp: str) -> None:
    moment = dom_rows.moment_of(stamp, NOW)
    assert moment is None or moment.tzinfo is not None


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Faltam:\n- CPF\n- RG", "Faltam:\n- CPF\n- RG"),
        ("Faltam:\n- CPF\n- RG", "Faltam:\nCPF\nRG"),
        ("> cita\nresposta", "cita\nresposta"),
        ("1. um\n2. dois", "um\ndois"),
    ],
)
def test_signs_of_lists_and_quotes_are_shown_or_drawn(written: str, shown: str) -> None:
    assert same_message(written, shown)


def test_another_item_is_another_message() -> None:
    assert not same_message("- CPF\n- RG", "- CPF\n- CNH")


@pytest.mark.parametrize(
    ("title", "phone", "may"),
    [
        ("+55 11 •••••-••21", "+5511987654321", True),
        ("+55 11 •••••-••99", "+5511987654321", False),
        ("@ana.souza", "+5511987654321", True),
        ("Usuário desconhecido", "+5511987654321", True),
        ("+55 11 98765-0000", "+5511987654321", False),
    ],
)
def test_a_title_may_hide_a_number_that_it_does_not_contradict(
    title: str, phone: str, may: bool
) -> None:
    assert masked_agrees(title, phone) is may
