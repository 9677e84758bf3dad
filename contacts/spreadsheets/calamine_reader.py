"""The process that reads a workbook: `python -m contacts.spreadsheets.calamine_reader FILE SHEET COLUMNS`.

A stranger's workbook may crash the reader or fill the memory, so it is read apart, within limits
of memory and time, by a process that knows no database. It writes lines of JSON, which can do nothing to
who reads them: first the sheets and which of them is read, then batches of rows, null at the end, or one
word saying what is wrong.
"""

import ctypes
import json
import math
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
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

from contacts.spreadsheets import limits
from contacts.spreadsheets.header import find_header

_PR_SET_PDEATHSIG = 1
_BLANK = " \t\r\n\xa0"

Row = list[Any]
Send = Callable[[Any], None]


def main(path: str, wanted: str, max_columns: int) -> None:
    """Read one sheet to standard output."""
    _die_with_parent()
    _stay_within_limits(os.stat(path).st_size)

    def send(message: Any) -> None:
        sys.stdout.write(json.dumps(message, separators=(",", ":"), allow_nan=False) + "\n")
        sys.stdout.flush()

    try:
        _read(path, wanted, max_columns, send)
    except PasswordError:
        send("password")
    except (CalamineError, OSError, ValueError):
        send("damaged")
    except MemoryError:
        send("too big")


def _read(path: str, wanted: str, max_columns: int, send: Send) -> None:
    with Path(path).open("rb") as file, CalamineWorkbook.from_filelike(file) as book:
        names = _names(book)
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


def _names(book: CalamineWorkbook) -> list[str]:
    """The sheets that one may choose from: no charts, and no names that none has by honest means."""
    sheets = (m.name for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet)
    return list(
        islice((name for name in sheets if len(name) <= limits.MAX_SHEET_NAME), limits.MAX_SHEETS)
    )


def _chosen(book: CalamineWorkbook, names: list[str]) -> CalamineSheet | None:
    """The first sheet with a header; if none has one, the first that isn't empty."""
    first: str | None = None
    for name in names:
        sheet = book.get_sheet_by_name(name)
        if not _has_content(sheet):
            continue
        ahead = islice(sheet.iter_rows(), limits.HEADER_SEARCH_ROWS)
        if find_header([row[: limits.MAX_COLUMNS] for row in ahead]):
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
    padding = [""] * min(sheet.start[1] if sheet.start else 0, max_columns)
    number, letters = 1, 0
    batch: list[Row] = []
    for row in sheet.iter_rows():
        cells = [_plain(cell) for cell in row[: max_columns - len(padding)]]
        batch.append(padding + cells)
        letters += sum([len(cell) for cell in cells if type(cell) is str])
        if len(batch) == limits.BATCH_ROWS or letters > limits.BATCH_LETTERS:
            yield number, batch
            number, batch, letters = number + len(batch), [], 0
    if batch:
        yield number, batch


def _plain(cell: Any) -> Any:
    """A cell as JSON knows it: text that is cut, a number, a yes or no, {"date": a whole day}."""
    if type(cell) is str:
        return cell if len(cell) <= limits.MAX_CELL else cell[: limits.MAX_CELL]
    if type(cell) is datetime:
        return {"date": cell.date().isoformat()}
    if type(cell) is date:
        return {"date": cell.isoformat()}
    if type(cell) is float:
        return cell if math.isfinite(cell) else ""
    return cell if isinstance(cell, int) else str(cell)


def _die_with_parent() -> None:
    """A killed worker leaves no reader behind."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:
        sys.exit(1)


def memory_for(size: int) -> int:
    """How many bytes may be asked for to read a file of `size` bytes."""
    return min(
        limits.READER_MEMORY_LEAST + size * limits.READER_MEMORY_PER_BYTE,
        limits.READER_MEMORY_BYTES,
    )


def _stay_within_limits(size: int) -> None:
    memory, seconds = memory_for(size), limits.READER_CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
