"""One row of a sheet: a person, a problem, or nothing. The rules are in docs/imports.md."""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from blu.lib.phone import Phone, PhoneError, is_area_code, read_phone, read_phones
from blu.lib.search import fold
from contacts.imports import cells, names
from contacts.imports.cells import Answer, InvalidDate
from contacts.imports.header import Field, Header

INVALID_DATE = "invalid date"
# Told by the database, not by the sheet: a yes of somebody who asked to leave.
STAYS_OUT = "asked to leave"


@dataclass(slots=True)
class Person:
    """What a row says of one number. `again`: an earlier chunk of this file had the number too."""

    row: int
    phone: str
    flags: tuple[str, ...]
    name: str = ""
    birth_date: datetime.date | None = None
    answer: Answer = Answer.EMPTY
    attributes: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    again: bool = False

    @property
    def opt_in(self) -> bool:
        return self.answer is Answer.YES

    def absorb(self, later: "Person") -> None:
        """A later row of the same number wins for the fields it fills in."""
        self.row = later.row
        self.flags = later.flags
        self.name = later.name or self.name
        self.birth_date = later.birth_date or self.birth_date
        self.answer = later.answer or self.answer
        self.attributes = {**self.attributes, **later.attributes}
        self.tags = list(dict.fromkeys(self.tags + later.tags))[: cells.MAX_TAGS]


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that is left out, or (with `field`) a field left empty, and the row as it was."""

    row: int
    reason: str
    field: str = ""
    values: tuple[str, ...] = ()


class RowReader:
    """Reads rows under one header. Called a million times: what can be is worked out beforehand."""

    def __init__(self, header: Header, *, area_code: str = "", today: datetime.date) -> None:
        """`area_code` completes numbers written without one."""
        self._area_code = area_code
        self._today = today
        self._phones = header.indexes(Field.PHONE)
        self._only_phone = self._phones[0] if len(self._phones) == 1 else None
        self._area_codes = header.index(Field.AREA_CODE)
        self._names = header.names()
        self._birth_date = header.index(Field.BIRTH_DATE)
        self._answer = header.index(Field.OPT_IN)
        self._tags = header.index(Field.TAGS)
        self._attributes = [(c.index, c.key) for c in header.columns if c.field == Field.ATTRIBUTE]
        self._width = max((c.index for c in header.columns), default=-1) + 1

    def read(
        self, row: int, values: Sequence[Any], problem: Callable[[Problem], None]
    ) -> Person | None:
        """The person of a row; None for a blank row, a footer, or one reported by `problem`."""
        if len(values) < self._width:
            values = [*values, *[""] * (self._width - len(values))]
        try:
            phone = self._phone(values)
        except PhoneError as error:
            if not is_footer_or_blank(values):
                problem(Problem(row, error.reason, "", as_text(values)))
            return None
        person = Person(row, phone.e164, phone.flags)
        self._fill(person, values, problem)
        return person

    def _fill(
        self, person: Person, values: Sequence[Any], problem: Callable[[Problem], None]
    ) -> None:
        if self._names:
            person.name = names.join(values, self._names)
        if self._birth_date is not None:
            person.birth_date = self._date(person.row, values, problem)
        if self._answer is not None:
            person.answer = cells.read_answer(values[self._answer])
        if self._attributes:
            person.attributes = self._other_data(values)
        if self._tags is not None and values[self._tags]:
            person.tags = cells.read_tags(values[self._tags])

    def _phone(self, values: Sequence[Any]) -> Phone:
        area_code = self._area_code
        if self._area_codes is not None:
            written = cells.clean_text(values[self._area_codes]).strip("()").removeprefix("0")
            area_code = written if is_area_code(written) else area_code
        if self._only_phone is not None:
            return read_phone(values[self._only_phone], area_code)
        return read_phones([values[index] for index in self._phones], area_code)

    def _date(
        self, row: int, values: Sequence[Any], problem: Callable[[Problem], None]
    ) -> datetime.date | None:
        try:
            return cells.read_birth_date(values[self._birth_date or 0], self._today)
        except InvalidDate:
            problem(Problem(row, INVALID_DATE, Field.BIRTH_DATE, as_text(values)))
            return None

    def _other_data(self, values: Sequence[Any]) -> dict[str, str]:
        return {
            key: text[: cells.MAX_TEXT]
            for index, key in self._attributes
            if (text := cells.clean_text(values[index]))
        }


def is_footer_or_blank(values: Sequence[Any]) -> bool:
    """Whether a row without a phone says nothing, or is a footer ("Total: 120")."""
    first = next((value for value in values if not cells.is_blank(value)), None)
    return first is None or (isinstance(first, str) and fold(first).lstrip().startswith("total"))


def as_text(values: Sequence[Any]) -> tuple[str, ...]:
    """A row as a person would see it, for the spreadsheet of what went wrong."""
    return tuple(cells.clean_text(value)[: cells.MAX_TEXT] for value in values)
