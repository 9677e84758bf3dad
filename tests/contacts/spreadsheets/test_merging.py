"""Rows of one number become one person, the same whatever the size of the chunks."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from contacts.spreadsheets import limits
from contacts.spreadsheets.cells import Answer
from contacts.spreadsheets.header import find_header
from contacts.spreadsheets.merging import SeenPhones, chunks

TODAY = datetime.date(2026, 11, 24)
TITLES = ["Nome", "Telefone", "Nascimento", "Aceita receber", "Plano", "Tags"]


def merged(*rows, size=None):
    numbered = enumerate([TITLES, *rows], 1)
    return list(chunks(numbered, find_header([TITLES]), size=size, today=TODAY))


def person(*rows):
    (chunk,) = merged(*rows)
    (only,) = chunk.people.values()
    return only


def row(name="", phone="11987654321", birth="", answer="", plan="", tags=""):
    return [name, phone, birth, answer, plan, tags]


def test_the_last_row_wins_for_what_it_fills_in():
    found = person(row("Ana", birth="01/05/1980", plan="Ouro"), row("ANA LUZ", plan="Prata"))
    assert (found.name, found.birth_date) == ("ANA LUZ", datetime.date(1980, 5, 1))
    assert found.attributes == {"plano": "Prata"}


def test_a_date_that_does_not_exist_erases_nothing():
    assert person(row(birth="01/05/1980"), row(birth="31/02/1980")).birth_date is not None


def test_a_later_no_takes_back_a_yes_and_an_empty_cell_does_not():
    assert person(row(answer="sim"), row(answer="não")).answer is Answer.NO
    assert person(row(answer="sim"), row()).answer is Answer.YES
    assert person(row(answer="não"), row(answer="x")).answer is Answer.YES


def test_the_flags_are_those_of_the_last_row():
    assert person(row(phone="11 8765-4321"), row()).flags == ()
    assert person(row(), row(phone="11 8765-4321")).flags == ("ninth digit added",)


def test_tags_of_all_rows_are_kept():
    assert person(row(tags="novo, vip"), row(tags="vip, retorno")).tags == [
        "novo",
        "vip",
        "retorno",
    ]


def test_footers_and_blank_rows_are_no_rows_but_a_total_with_a_phone_is_a_person():
    (chunk,) = merged(
        row("Ana"), row("", phone=" "), ["Total:", "2"], ["TOTAL GERAL", ""], row("Total Saúde", "11987650000")
    )  # fmt: skip
    assert chunk.rows == 2
    assert [p.name for p in chunk.people.values()] == ["Ana", "Total Saúde"]
    assert chunk.problems == []


def test_a_row_with_an_error_gives_no_warning():
    (chunk,) = merged(row("Ana", phone="12", birth="31/02/1980"))
    assert [(p.field, p.reason) for p in chunk.problems] == [("", "invalid phone")]


ROWS = st.lists(
    st.builds(
        row,
        st.sampled_from(["", "Ana", "Bia"]),
        st.sampled_from(["11987654321", "11987654322", "(11) 3333-4444", "12", ""]),
        st.sampled_from(["", "01/05/1980", "31/02/1980"]),
        st.sampled_from(["", "sim", "não", "talvez"]),
    ),
    max_size=30,
)


@given(ROWS, st.integers(1, 9))
def test_the_size_of_the_chunks_changes_no_count(rows, size):
    (whole,) = merged(*rows)
    parts = merged(*rows, size=size)
    assert sum(part.rows for part in parts) == whole.rows
    assert sum(part.duplicates for part in parts) == whole.duplicates
    assert [p for part in parts for p in part.problems] == whole.problems
    fresh = [p.phone for part in parts for p in part.people.values() if not p.again]
    assert fresh == list(whole.people)


@given(ROWS)
def test_rows_are_people_duplicates_and_errors(rows):
    (chunk,) = merged(*rows)
    assert chunk.rows == len(chunk.people) + chunk.duplicates + len(chunk.errors)


@given(st.lists(st.integers(10**6, 10**15 - 1)))
def test_a_seen_phone_is_new_once(numbers):
    seen, known = SeenPhones(), set()
    for number in numbers:
        assert seen.add(f"+{number}") == (number not in known)
        known.add(number)
    assert len(seen) == len(known)


def test_a_hundred_thousand_numbers_in_a_row_are_told_apart():
    seen = SeenPhones()
    assert all(seen.add(f"+55119{n:08d}") for n in range(100_000))
    assert not any(seen.add(f"+55119{n:08d}") for n in range(100_000))


def test_a_chunk_of_long_cells_ends_before_its_rows_are_full(monkeypatch):
    monkeypatch.setattr(limits, "CHUNK_LETTERS", 10_000)
    rows = [row("A" * 400, f"119{n:08d}", plan="p" * 400) for n in range(100)]
    ends = [chunk.last_row for chunk in merged(*rows, size=1_000)]
    assert len(ends) > 5
    assert ends == [chunk.last_row for chunk in merged(*rows, size=1_000)]
    assert ends[-1] == 101


def test_a_no_stands_until_a_later_row_says_yes():
    for unclear in ("a confirmar", ""):
        assert person(row(answer="não"), row(answer=unclear)).answer is Answer.NO
    assert person(row(answer="não"), row(answer="sim")).answer is Answer.YES
    assert person(row(answer="sim"), row(answer="não")).answer is Answer.NO
    assert person(row(answer="sim"), row(answer="a confirmar")).answer is Answer.UNCLEAR
