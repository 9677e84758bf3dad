"""xlsx, xls and ods: read by calamine in a process of its own, with limits on memory and time."""

import datetime
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from contacts.spreadsheets import limits
from contacts.spreadsheets.merging import NumberedRow
from contacts.spreadsheets.refusals import FileRefused, Refusal

_ROOT = Path(__file__).resolve().parents[2]
_REFUSALS = {
    "password": Refusal.PASSWORD,
    "damaged": Refusal.DAMAGED,
    "empty": Refusal.EMPTY,
    "no such sheet": Refusal.NO_SUCH_SHEET,
    "too big": Refusal.BOMB,
}


@dataclass(frozen=True)
class Workbook:
    """An open workbook; `rows` streams its chosen sheet, once."""

    sheets: list[str]
    sheet: str
    rows_total: int
    source: IO[bytes]

    def count(self) -> int:
        """How many rows the sheet has, titles and blank ones included."""
        return self.rows_total

    def share(self, row: int) -> float:
        """How much of the sheet lies above and in this row, from 0 to 1."""
        return row / self.rows_total if self.rows_total else 1.0

    def rows(self) -> Iterator[NumberedRow]:
        """(row number as Excel shows it, values from column A)."""
        while batch := _receive(self.source, list):
            first, values = batch
            yield from enumerate(values, first)


@contextmanager
def open_workbook(path: Path, sheet: str = "") -> Iterator[Workbook]:
    """Start the reader; it is gone when the block ends. Raises FileRefused."""
    command = [
        sys.executable,
        "-m",
        "contacts.spreadsheets.calamine_reader",
        str(path.resolve()),
        sheet,
    ]
    process = subprocess.Popen(
        [*command, str(limits.MAX_COLUMNS)],
        cwd=_ROOT,
        env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": str(_ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert process.stdout is not None
        about = _receive(process.stdout, dict) or {}
        yield Workbook(about["sheets"], about["sheet"], about["rows"], process.stdout)
    finally:
        process.kill()
        process.communicate()


def _receive(source: IO[bytes], kind: type) -> Any:
    """The reader's next message, of a `kind` or null; one that died of a limit says so by its silence.

    What a stranger's file may have made of the reader is read as nothing but data, and not without end.
    """
    line = source.readline(limits.MAX_MESSAGE)
    if not line.endswith(b"\n"):
        raise FileRefused(Refusal.BOMB)
    try:
        message = json.loads(line, object_hook=_day)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise FileRefused(Refusal.DAMAGED) from error
    if isinstance(message, str):
        raise FileRefused(_REFUSALS.get(message, Refusal.DAMAGED))
    if message is not None and not isinstance(message, kind):
        raise FileRefused(Refusal.DAMAGED)
    return message


def _day(cell: dict[str, Any]) -> Any:
    """The reader's word for a date, or about the workbook."""
    return datetime.date.fromisoformat(cell["date"]) if "date" in cell else cell
