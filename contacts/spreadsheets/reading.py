"""One way to open any spreadsheet: its sheets, its header, its numbered rows, streaming."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any

from contacts.spreadsheets import header as headers
from contacts.spreadsheets import limits
from contacts.spreadsheets.header import Header
from contacts.spreadsheets.merging import NumberedRow
from contacts.spreadsheets.refusals import FileRefused, Refusal
from contacts.spreadsheets.sniffing import Format, sniff
from contacts.spreadsheets.text import TextFile
from contacts.spreadsheets.workbook import open_workbook


@dataclass(frozen=True)
class Sheet:
    """An open sheet. `rows` may be read once; `head` holds its first rows as well.

    `count` tells how many rows there are; for a text file it reads all of them and raises
    FileRefused where one can't be read, so it comes before anything is written. `share` tells how
    much was read, from 0 to 1, once `rows` has come to a row.
    """

    name: str
    sheets: tuple[str, ...]
    count: Callable[[], int]
    share: Callable[[int], float]
    head: list[list[Any]]
    rows: Iterator[NumberedRow]

    def header(self, row: int | None = None) -> Header:
        """The header found, or the one at `row` (0: the sheet has none); FileRefused without."""
        if row is not None:
            return headers.header_at(self.head, min(row, len(self.head)))
        found = headers.find_header(self.head)
        if found is None:
            raise FileRefused(Refusal.NO_PHONE_COLUMN)
        return found


@contextmanager
def open_sheet(path: Path, sheet: str = "") -> Iterator[Sheet]:
    """Open a file's sheet of that name, or the first that isn't empty. Raises FileRefused."""
    if sniff(path) is Format.TEXT:
        file = TextFile(path, _separator_score)
        head, rows = _ahead(enumerate(file.records(), 1))
        yield Sheet("", (), file.count, lambda _row: file.share(), head, rows)
        return
    with open_workbook(path, sheet) as book:
        head, rows = _ahead(book.rows())
        yield Sheet(book.sheet, tuple(book.sheets), book.count, book.share, head, rows)


def _ahead(rows: Iterator[NumberedRow]) -> tuple[list[list[Any]], Iterator[NumberedRow]]:
    """The first rows, where the header is looked for, and all of them from the start."""
    ahead = list(islice(rows, limits.HEADER_SEARCH_ROWS))
    head: list[list[Any]] = []
    for number, values in ahead:
        head.extend([] for _n in range(number - len(head) - 1))
        head.append(values)
    return head, chain(ahead, rows)


def _separator_score(sample: list[list[str]]) -> float:
    """A separator is good when it shows a header; of two, when it leaves few cells without a title."""
    header = headers.find_header(sample)
    if header is None:
        return sum(len(record) - 1 for record in sample) / (1e9)
    row = sample[header.row - 1]
    beyond = sum(len(record) > len(row) for record in sample[header.row :])
    return headers.score(row) + len(row) / 1000 - beyond / (len(sample) + 1)
