import contextlib
import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.spreadsheets.cells import (
    Answer,
    FutureDate,
    InvalidDate,
    clean_text,
    read_answer,
    read_birth_date,
    read_tags,
)

TODAY = datetime.date(2026, 11, 24)
MAY = datetime.date(1980, 5, 1)


@pytest.mark.parametrize(
    "cell",
    [
        "01/05/1980", "1/5/1980", " 1/5/1980 ", "01-05-80", "1/5/80", "01.05.1980", "1980-05-01", "1980/05/01",
        "1980-05-01T00:00:00", "1980-05-01 00:00:00", "01/05/1980 00:00", "1 de maio de 1980", "01/mai/80",
        "01-May-80", "29342", 29342, 29342.0, 29342.5, MAY, datetime.datetime(1980, 5, 1, 3),
    ],
)  # fmt: skip
def test_a_birth_date_is_read_however_it_is_written(cell):
    assert read_birth_date(cell, TODAY) == MAY


@pytest.mark.parametrize("cell", ["", "  ", None])
def test_an_empty_cell_is_no_date_and_no_problem(cell):
    assert read_birth_date(cell, TODAY) is None


@pytest.mark.parametrize(
    "cell",
    ["31/02/1980", "29/02/1999", "15/13/2007", "00/00/0000", "1985", 1985.0, "abc", "5/1980", "01/05/1980 x",
     99999999.0, -5, True, datetime.time(3), "01/05-1980", "1/2/3/4", "12/05/198", 90000],
)  # fmt: skip
def test_what_is_no_date_that_exists_is_refused(cell):
    with pytest.raises(InvalidDate):
        read_birth_date(cell, TODAY)


@given(st.dates(datetime.date(1926, 11, 25), TODAY))
def test_a_year_of_two_digits_is_never_in_the_future(date):
    assert read_birth_date(date.strftime("%d/%m/%y"), TODAY) == date


@given(st.dates(datetime.date(1908, 1, 1), TODAY))
def test_the_serial_of_a_day_is_that_day(date):
    assert read_birth_date((date - datetime.date(1899, 12, 30)).days, TODAY) == date


@given(st.text(max_size=20) | st.floats() | st.integers())
def test_no_cell_breaks_the_reader_of_dates(cell):
    with contextlib.suppress(InvalidDate):
        read_birth_date(cell, TODAY)


@pytest.mark.parametrize(
    "cell", ["sim", " SIM ", "S", "x", "1", "yes", "TRUE", "Aceito", "ok", True, 1, 1.0]
)
def test_a_yes_is_a_yes(cell):
    assert read_answer(cell) is Answer.YES


@pytest.mark.parametrize("cell", ["não", "NAO", "n", "0", "No", "false", False, 0, 0.0])
def test_a_no_is_a_no(cell):
    assert read_answer(cell) is Answer.NO


@pytest.mark.parametrize(
    "cell", ["talvez", "sim?", "já aceitou", 2, "1.0", datetime.date(2020, 1, 1)]
)
def test_anything_else_is_no_consent(cell):
    assert read_answer(cell) is Answer.UNCLEAR


@pytest.mark.parametrize("cell", ["", "   ", None])
def test_an_empty_cell_says_nothing(cell):
    assert read_answer(cell) is Answer.EMPTY


@pytest.mark.parametrize(
    ("cell", "text"),
    [("  João\xa0 da  Luz ", "João da Luz"), ("=HYPERLINK(1)", "=HYPERLINK(1)"), ("Ana 👨‍👩‍👧", "Ana 👨‍👩‍👧"),
     (12.0, "12"), (1.5, "1,5"), (1234.5, "1234,5"), (0.1 + 0.2, "0,3"), (-2.25, "-2,25"), (1e-7, "0,0000001"), (True, "sim"), ("#N/D", ""), (MAY, "01/05/1980"), ("a\0b", "ab"), (None, "")],
)  # fmt: skip
def test_text_is_kept_on_one_line(cell, text):
    assert clean_text(cell) == text


@pytest.mark.parametrize(
    "cell", ["25/11/2026", "25/11/2062", "2062-01-01", datetime.date(2026, 11, 25)]
)
def test_nobody_was_born_in_the_future(cell):
    with pytest.raises(FutureDate):
        read_birth_date(cell, TODAY)
    assert read_birth_date(TODAY, TODAY) == TODAY


def test_a_number_is_one_tag():
    assert read_tags(1.5) == ["1,5"]


def test_tags_are_split_and_each_kept_once():
    assert read_tags("novo, VIP; novo |  ") == ["novo", "VIP"]
    assert read_tags("* myContacts ::: Família ::: * starred") == ["Família"]
