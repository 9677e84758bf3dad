"""One row of a sheet: a person, a problem, or nothing. The rules are in docs/imports.md."""

import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from blu.text.fold import fold
from blu.text.phone import Phone, PhoneError, is_area_code, read_phone, read_phones, rivals
from contacts.spreadsheets import cells, names
from contacts.spreadsheets.cells import Answer, FutureDate, InvalidDate
from contacts.spreadsheets.header import Field, Header

INVALID_DATE = "invalid date"
FUTURE_DATE = "future date"
LONG_NAME = "long name"
LONG_TEXT = "long text"
# Several numbers in one cell, of which the first is taken unless a person chooses another.
MANY_PHONES = "several phones"
# One consent column says yes and another doesn't: no consent.
MIXED_ANSWERS = "mixed answers"
# A person chose to leave the row out.
LEFT_OUT = "left out"
# Told by the database, not by the sheet: a yes of somebody who asked to leave.
STAYS_OUT = "asked to leave"
# The same of a yes under a stop, and a number of which its holder said that it is another person's.
ASKED_TO_STOP = "asked to stop"
OTHER_PERSON = "another person's number"
# Of this person nothing is kept, so the row is told without what stood in it.
ERASED = "asked to be erased"
# Of somebody who has as many data or tags as one person may have: only those of known names were renewed.
MUCH_DATA = "much data"
# What the database tells of who asked for something.
TOLD_BY_STOPS = (STAYS_OUT, ASKED_TO_STOP, OTHER_PERSON, ERASED)

# Two numbers need as many letters; shorter cells are not looked through for a second one.
_ROOM_FOR_TWO = 17


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
        """A later row of the same number wins for the fields it fills in; over a no, only what says yes."""
        self.row = later.row
        self.flags = later.flags
        self.name = later.name or self.name
        self.birth_date = later.birth_date or self.birth_date
        if self.answer is not Answer.NO or later.answer is Answer.YES:
            self.answer = later.answer or self.answer
        self.attributes = {**self.attributes, **later.attributes}
        self.tags = cells.cut_tags(self.tags + later.tags)


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that is left out, or (with `field`) one that comes in otherwise than it was written.

    `values` is what may be kept of the row, cell by cell, with blanks for the rest: nothing of a column
    that is left out, and of a row that comes in only what a page shows. `options`: a person's choice.
    """

    row: int
    reason: str
    field: str = ""
    values: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


class RowReader:
    """Reads rows under one header. Called a million times: what can be is worked out beforehand."""

    def __init__(
        self,
        header: Header,
        *,
        area_code: str = "",
        today: datetime.date,
        choices: Mapping[int, str] | None = None,
    ) -> None:
        """`area_code` completes numbers written without one; `choices` are the numbers that a person
        chose for rows with several, "" for a row to leave out.
        """
        self._choices = choices or {}
        self._area_code = area_code
        self._today = today
        self._phones = header.indexes(Field.PHONE)
        self._only_phone = self._phones[0] if len(self._phones) == 1 else None
        self._area_codes = header.index(Field.AREA_CODE)
        self._names = header.names()
        self._birth_date = header.index(Field.BIRTH_DATE)
        self._answers = header.indexes(Field.OPT_IN)
        self._tags = header.index(Field.TAGS)
        self._attributes = [(c.index, c.key) for c in header.columns if c.field == Field.ATTRIBUTE]
        self._width = max((c.index for c in header.columns), default=-1) + 1
        self._kept = {c.index for c in header.columns if c.field != Field.IGNORE}
        self._quoted = self._kept - {index for index, _key in self._attributes}

    def read(
        self, row: int, values: Sequence[Any], problem: Callable[[Problem], None]
    ) -> Person | None:
        """The person of a row; None for a blank row, a footer, or one reported by `problem`."""
        if len(values) < self._width:
            values = [*values, *[""] * (self._width - len(values))]
        try:
            phone = self._phone(row, values, problem)
        except PhoneError as error:
            if error.reason == LEFT_OUT or not is_footer_or_blank(values):
                problem(Problem(row, error.reason, "", self._text(values, self._kept)))
            return None
        person = Person(row, phone.e164, phone.flags)
        self._fill(person, values, problem)
        return person

    def _fill(
        self, person: Person, values: Sequence[Any], problem: Callable[[Problem], None]
    ) -> None:
        if self._names:
            person.name = self._name(person.row, values, problem)
        if self._birth_date is not None:
            person.birth_date = self._date(person.row, values, problem)
        if self._answers:
            person.answer = self._answer(person.row, values, problem)
        if self._attributes:
            person.attributes = self._other_data(person.row, values, problem)
        if self._tags is not None and values[self._tags]:
            tags = cells.read_tags(values[self._tags])
            if fault := cells.tags_fault(tags):
                problem(Problem(person.row, fault, Field.TAGS, self._text(values, self._quoted)))
            person.tags = cells.cut_tags(tags) if fault else tags

    def _phone(self, row: int, values: Sequence[Any], problem: Callable[[Problem], None]) -> Phone:
        """The number of a row; raises PhoneError, also where a person chose to leave the row out."""
        area_code = self._area_code_of(values)
        if self._only_phone is not None:
            phone = read_phone(values[self._only_phone], area_code)
        else:
            phone = read_phones([values[index] for index in self._phones], area_code)
        for index in self._phones:
            cell = values[index]
            if type(cell) is str and len(cell) >= _ROOM_FOR_TWO:
                several = rivals(cell, area_code)
                if len(several) > 1 and phone in several:
                    return self._chosen(row, several, values, problem)
        return phone

    def _chosen(
        self,
        row: int,
        several: list[Phone],
        values: Sequence[Any],
        problem: Callable[[Problem], None],
    ) -> Phone:
        """The number that a person chose, or the first one and the question."""
        choice = self._choices.get(row)
        if choice == "":
            raise PhoneError(LEFT_OUT)
        for phone in several:
            if phone.e164 == choice:
                return phone
        options = tuple(phone.e164 for phone in several)
        problem(Problem(row, MANY_PHONES, Field.PHONE, self._text(values, self._quoted), options))
        return several[0]

    def _area_code_of(self, values: Sequence[Any]) -> str:
        area_code = self._area_code
        if self._area_codes is not None:
            written = cells.clean_text(values[self._area_codes]).strip("()").removeprefix("0")
            area_code = written if is_area_code(written) else area_code
        return area_code

    def _name(self, row: int, values: Sequence[Any], problem: Callable[[Problem], None]) -> str:
        name = names.join(values, self._names)
        if len(name) <= cells.MAX_NAME:
            return name
        problem(Problem(row, LONG_NAME, Field.NAME, self._text(values, self._quoted)))
        return name[: cells.MAX_NAME].rstrip()

    def _date(
        self, row: int, values: Sequence[Any], problem: Callable[[Problem], None]
    ) -> datetime.date | None:
        try:
            return cells.read_birth_date(values[self._birth_date or 0], self._today)
        except InvalidDate as error:
            reason = FUTURE_DATE if isinstance(error, FutureDate) else INVALID_DATE
            problem(Problem(row, reason, Field.BIRTH_DATE, self._text(values, self._quoted)))
            return None

    def _answer(
        self, row: int, values: Sequence[Any], problem: Callable[[Problem], None]
    ) -> Answer:
        """What the consent columns say together: a no beats everything, and only yes alone is a yes."""
        if len(self._answers) == 1:
            return cells.read_answer(values[self._answers[0]])
        answers = {cells.read_answer(values[index]) for index in self._answers} - {Answer.EMPTY}
        if Answer.YES in answers and len(answers) > 1:
            problem(Problem(row, MIXED_ANSWERS, Field.OPT_IN, self._text(values, self._quoted)))
        order = (Answer.NO, Answer.UNCLEAR, Answer.YES)
        return next((answer for answer in order if answer in answers), Answer.EMPTY)

    def _other_data(
        self, row: int, values: Sequence[Any], problem: Callable[[Problem], None]
    ) -> dict[str, str]:
        data: dict[str, str] = {}
        too_long = False
        for index, key in self._attributes:
            if text := cells.clean_text(values[index]):
                data[key] = text
                too_long |= len(text) > cells.MAX_TEXT
        if too_long:
            problem(Problem(row, LONG_TEXT, Field.ATTRIBUTE, self._text(values, self._quoted)))
            data = {key: text[: cells.MAX_TEXT].rstrip() for key, text in data.items()}
        return data

    def _text(self, values: Sequence[Any], kept: Collection[int]) -> tuple[str, ...]:
        """The cells of these columns as a person would see them, the others blank."""
        return tuple(
            cells.clean_text(value)[: cells.MAX_TEXT] if index in kept else ""
            for index, value in enumerate(values[: self._width])
        )


def is_footer_or_blank(values: Sequence[Any]) -> bool:
    """Whether a row without a phone says nothing, or is a footer ("Total: 120")."""
    first = next((value for value in values if not cells.is_blank(value)), None)
    return first is None or (isinstance(first, str) and fold(first).lstrip().startswith("total"))
