"""Guesses the columns of phones and names by their cells, where titles are missing or name no phone.

Only offered: a person looks at it before anything is read by it. Pure: no Django.
"""

import datetime
from collections.abc import Sequence
from typing import Any

from blu.text.phone import MISSING_AREA_CODE, PhoneError, read_phone
from contacts.spreadsheets import cells
from contacts.spreadsheets.cells import Answer, InvalidDate
from contacts.spreadsheets.header import Field, Header, header_at, with_fields

Rows = Sequence[Sequence[Any]]


def guess_header(rows: Rows, row: int | None = None) -> Header:
    """The header at `row` (0: none; None: found by where the phones begin), with what its columns look like."""
    column, begins = _phones(rows)
    if row is None:
        row = begins - 1 if column is not None and _is_title(_cell(rows, begins - 1, column)) else 0
    header = header_at(rows, min(row, len(rows)))
    if column is None:
        return header
    likely = {column: Field.PHONE}
    if (
        header.index(Field.NAME) is None
        and (names := _names(rows[header.row :], column)) is not None
    ):
        likely[names] = Field.NAME
    return with_fields(header, likely)


def _phones(rows: Rows) -> tuple[int | None, int]:
    """The column with most numbers in it, whole ones first, and the row (from 1) of its first; or None."""
    best, chosen = (0, 0), None
    for column in range(_width(rows)):
        kinds = [_looks_like_phone(_cell(rows, number, column)) for number in _numbers(rows)]
        points = (kinds.count("whole"), kinds.count("local"))
        if points > best:
            best, chosen = points, (column, next(n for n, kind in enumerate(kinds, 1) if kind))
    return chosen or (None, 0)


def _names(rows: Rows, phones: int) -> int | None:
    """The first column that mostly holds words, beside that of the phones; None without one."""
    for column in range(_width(rows)):
        filled = [cell for number in _numbers(rows) if (cell := _cell(rows, number, column))]
        if column != phones and filled and sum(map(_looks_like_name, filled)) * 2 > len(filled):
            return column
    return None


def _looks_like_phone(text: str) -> str:
    """ "whole" with its area code, "local" without, "" for anything else, dates included."""
    try:
        if cells.read_birth_date(text, datetime.date.max):
            return ""
    except InvalidDate:
        pass
    try:
        read_phone(text)
    except PhoneError as error:
        return "local" if error.reason == MISSING_AREA_CODE else ""
    return "whole"


def _looks_like_name(text: str) -> bool:
    return _is_title(text) and cells.read_answer(text) not in (Answer.YES, Answer.NO)


def _is_title(text: str) -> bool:
    return any(map(str.isalpha, text)) and not any(map(str.isdigit, text)) and "@" not in text


def _numbers(rows: Rows) -> range:
    return range(1, len(rows) + 1)


def _width(rows: Rows) -> int:
    return max((len(row) for row in rows), default=0)


def _cell(rows: Rows, number: int, column: int) -> str:
    """A cell as text, by its row from 1 and its column from 0; "" outside of the sheet."""
    row = rows[number - 1] if number > 0 else ()
    return cells.clean_text(row[column]) if column < len(row) else ""
