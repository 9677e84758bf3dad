"""Rows of the same number become one person, in chunks, in bounded memory."""

import datetime
from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from contacts.spreadsheets import limits
from contacts.spreadsheets.header import Header
from contacts.spreadsheets.rows import Person, Problem, RowReader

NumberedRow = tuple[int, list[Any]]


class SeenPhones:
    """A set of E.164 numbers at 8 to 16 bytes each: a million Python strings would take 90 MB.

    An open-addressing table of the numbers themselves; 0 marks a free place.
    """

    def __init__(self) -> None:
        self._resize(1 << 12)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, phone: str) -> bool:
        """Remember a number. Returns whether it was new."""
        number = int(phone[1:])
        table, mask = self._table, self._mask
        place = hash(number * 0x9E3779B97F4A7C15) & mask
        while held := table[place]:
            if held == number:
                return False
            place = (place + 1) & mask
        table[place] = number
        self._count += 1
        if self._count * 3 > mask * 2:
            self._grow()
        return True

    def _resize(self, size: int) -> None:
        self._table = array("Q", bytes(8 * size))
        self._mask = size - 1

    def _grow(self) -> None:
        old = self._table
        self._resize(len(old) * 2)
        table, mask = self._table, self._mask
        for number in old:
            if number:
                place = hash(number * 0x9E3779B97F4A7C15) & mask
                while table[place]:
                    place = (place + 1) & mask
                table[place] = number


@dataclass(slots=True)
class Chunk:
    """Rows up to and including `last_row`, merged by phone, in order of first appearance."""

    last_row: int = 0
    rows: int = 0
    duplicates: int = 0
    people: dict[str, Person] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if not problem.field]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.field]


def chunks(
    rows: Iterable[NumberedRow],
    header: Header,
    *,
    size: int | None,
    area_code: str = "",
    today: datetime.date,
    choices: Mapping[int, str] | None = None,
) -> Iterator[Chunk]:
    """The rows after the header in chunks of `size` sheet rows, or fewer long ones (None: all in one).

    The cuts depend on the file alone, so a second reading gives the same chunks.
    """
    reader = RowReader(header, area_code=area_code, today=today, choices=choices)
    seen, chunk, letters = SeenPhones(), Chunk(), 0
    for number, values in rows:
        if number > header.row:
            _take(chunk, reader, seen, number, values)
        chunk.last_row = number
        letters += _letters(values)
        if size and (number % size == 0 or letters > limits.CHUNK_LETTERS):
            yield chunk
            chunk, letters = Chunk(), 0
    if chunk.last_row:
        yield chunk


def _letters(values: list[Any]) -> int:
    """What a row weighs in memory, in letters."""
    text = sum([len(value) for value in values if type(value) is str])
    return text + limits.CELL_LETTERS * len(values)


def _take(
    chunk: Chunk, reader: RowReader, seen: SeenPhones, number: int, values: list[Any]
) -> None:
    """Read one row into the chunk. `rows` counts data rows: people, duplicates and errors."""
    before = len(chunk.problems)
    person = reader.read(number, values, chunk.problems.append)
    if person is None:
        chunk.rows += len(chunk.problems) - before
        return
    chunk.rows += 1
    if not seen.add(person.phone):
        chunk.duplicates += 1
        if known := chunk.people.get(person.phone):
            known.absorb(person)
            return
        person.again = True
    chunk.people[person.phone] = person
