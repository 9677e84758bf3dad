"""The process that reads a workbook: `python -m contacts.imports.calamine_reader FILE SHEET COLUMNS`.

A stranger's workbook may crash the reader or fill the memory, so it is read apart, within limits
of memory and time, by a process that knows no database. It writes pickles: first the sheets and which
of them is read, then batches of rows, None at the end, or one word saying what is wrong.
"""

import ctypes
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
)

from contacts.imports import limits
from contacts.imports.header import find_header

BATCH = 1000
_PR_SET_PDEATHSIG = 1
_BLANK = " \t\r\n\xa0"

Row = list[Any]
Send = Callable[[Any], None]


def main(path: str, wanted: str, max_columns: int) -> None:
    """Read one sheet to standard output."""
    _die_with_parent()
    _stay_within_limits()
    out = sys.stdout.buffer

    def send(message: Any) -> None:
        pickle.dump(message, out, protocol=5)
        out.flush()

    try:
        _read(path, wanted, max_columns, send)
    except PasswordError:
        send("password")
    except (CalamineError, OSError, ValueError):
        send("damaged")


def _read(path: str, wanted: str, max_columns: int, send: Send) -> None:
    with Path(path).open("rb") as file, CalamineWorkbook.from_filelike(file) as book:
        names = [m.name for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
        if wanted and wanted not in names:
            send("no such sheet")
            return
        sheet = book.get_sheet_by_name(wanted) if wanted else _chosen(book, names)
        if sheet is None:
            send("empty")
            return
        end = sheet.end
        send({"sheets": names, "sheet": sheet.name, "rows": end[0] + 1 if end else 0})
        for batch in _batches(sheet, max_columns):
            send(batch)
        send(None)


def _chosen(book: CalamineWorkbook, names: list[str]) -> CalamineSheet | None:
    """The first sheet with a header; if none has one, the first that isn't empty."""
    first: str | None = None
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if not _has_content(sheet):
            continue
        if find_header(list(islice(sheet.iter_rows(), limits.HEADER_SEARCH_ROWS))):
            return sheet
        first = first or name
    return book.get_sheet_by_name(first) if first else None


def _has_content(sheet: CalamineSheet) -> bool:
    return any(
        not isinstance(cell, str) or cell.strip(_BLANK) for row in sheet.iter_rows() for cell in row
    )


def _batches(sheet: CalamineSheet, max_columns: int) -> Iterator[tuple[int, list[Row]]]:
    """(number of the first row, rows): numbers as Excel shows them, columns from A."""
    # iter_rows gives the empty rows above the first filled one, but not the empty columns before it.
    left = sheet.start[1] if sheet.start else 0
    number, batch = 1, []
    padding = [""] * left
    for row in sheet.iter_rows():
        batch.append((padding + [_plain(cell) for cell in row])[:max_columns])
        if len(batch) == BATCH:
            yield number, batch
            number, batch = number + BATCH, []
    if batch:
        yield number, batch


def _plain(cell: Any) -> Any:
    """Whole days as dates, so that the parent needs not ask again."""
    if type(cell) is datetime:
        return cell.date()
    return cell


def _die_with_parent() -> None:
    """A killed worker leaves no reader behind."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        sys.exit(1)


def _stay_within_limits() -> None:
    memory, seconds = limits.READER_MEMORY_BYTES, limits.READER_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
