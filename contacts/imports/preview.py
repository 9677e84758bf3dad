"""Reading a whole file before anything is written: what the person sees when checking it."""

import datetime
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.utils import timezone

from blu.text.phone import INVALID, LOST_DIGITS, MISSING_AREA_CODE, NO_PHONE, area_code_of
from contacts import stops
from contacts.imports import column_mapping, first_rows, progress
from contacts.models import Import
from contacts.spreadsheets.cells import LONG_TAG, MANY_TAGS, Answer
from contacts.spreadsheets.guessing import guess_header
from contacts.spreadsheets.header import Field, Header
from contacts.spreadsheets.merging import Chunk, chunks
from contacts.spreadsheets.reading import Sheet, open_sheet
from contacts.spreadsheets.refusals import FileRefused, Refusal
from contacts.spreadsheets.rows import (
    FUTURE_DATE,
    INVALID_DATE,
    LONG_NAME,
    LONG_TEXT,
    MANY_PHONES,
    MIXED_ANSWERS,
    Problem,
)

CHUNK = 20_000
# How many rows of each kind the page can show, and letters of a cell; what is left out is whole in the
# spreadsheet of the result.
SHOWN = 50
SHOWN_LETTERS = 100
# Letters of a row: two hundred columns of phones are told by the first of them.
TOLD_LETTERS = 1_000


def today_of(upload: Import) -> datetime.date:
    """The day an import was sent, where the business is: the same for every reading of it."""
    return timezone.localtime(upload.created_at, upload.business.zone).date()


def read_file(upload: Import, path: Path) -> None:
    """Fill in what the file holds, on the (unsaved) import; raises FileRefused.

    Without a phone column there are no findings: the layout is then an offer, for a person to adjust.
    """
    upload.findings = {}
    told = column_mapping.are_known(upload)
    with open_sheet(path, upload.sheet) as sheet:
        header = _header(upload, sheet)
        layout = header or guess_header(sheet.head, upload.header_row)
        column_mapping.keep(upload, sheet, layout)
        first_rows.keep(upload, sheet.head, layout, told=told)
        if header is None:
            return
        tally, left = Tally(header), 0
        for chunk in chunks(
            sheet.rows,
            header,
            size=CHUNK,
            area_code=column_mapping.area_code_of(upload),
            today=today_of(upload),
        ):
            tally.add(chunk)
            left += stops.asked_to_leave(
                upload.business_id, (p.phone for p in chunk.people.values() if not p.again)
            )
            upload.rows_total = chunk.last_row
            progress.note(upload.pk, sheet.share(chunk.last_row))
    upload.findings = tally.as_dict() | {"left": left}


def first_problems(upload: Import, path: Path) -> list[Problem]:
    """The rows of a file's first CHUNK that would be left out; raises FileRefused."""
    with open_sheet(path, upload.sheet) as sheet:
        first = chunks(
            sheet.rows,
            column_mapping.header_of(upload),
            size=CHUNK,
            area_code=column_mapping.area_code_of(upload),
            today=today_of(upload),
        )
        return next(first, Chunk()).errors


def _header(upload: Import, sheet: Sheet) -> Header | None:
    """The header that the import was told to have, or the one found; None where it names no phone."""
    if column_mapping.are_known(upload):
        header = column_mapping.header_of(upload)
        return header if header.indexes(Field.PHONE) else None
    try:
        header = sheet.header(upload.header_row)
    except FileRefused as refused:
        if refused.refusal is not Refusal.NO_PHONE_COLUMN:
            raise
        return None
    return header if header.indexes(Field.PHONE) else None


_UNTOLD = (Field.ATTRIBUTE, Field.IGNORE)


class Tally:
    """Counts over the chunks of a file, and the first problems of each kind."""

    def __init__(self, header: Header) -> None:
        self._header = header
        self._rows = self._people = self._duplicates = self._errors = self._warned = 0
        self._answers: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._area_codes: Counter[str] = Counter()
        self._flags: Counter[str] = Counter()
        self._shown: dict[str, list[Problem]] = {}

    def add(self, chunk: Chunk) -> None:
        """Count a chunk."""
        fresh = [person for person in chunk.people.values() if not person.again]
        self._rows += chunk.rows
        self._people += len(fresh)
        self._duplicates += chunk.duplicates
        self._errors += len(chunk.errors)
        self._warned += len({problem.row for problem in chunk.warnings})
        self._answers.update(person.answer.value for person in fresh)
        self._area_codes.update(area_code_of(person.phone) for person in fresh)
        self._flags.update(flag for person in fresh for flag in person.flags)
        for problem in chunk.problems:
            self._reasons[problem.reason] += 1
            shown = self._shown.setdefault(problem.reason, [])
            if len(shown) < SHOWN:
                shown.append(problem)

    def as_dict(self) -> dict[str, Any]:
        """As Import.findings keeps it: rows = ready + duplicates + errors (contacts.imports.counts)."""
        return {
            "rows": self._rows,
            "ready": self._people,
            "duplicates": self._duplicates,
            "errors": self._errors,
            "warned": self._warned,
            "reasons": dict(self._reasons),
            "yes": self._answers[Answer.YES],
            "no": self._answers[Answer.NO],
            "unclear": self._answers[Answer.UNCLEAR],
            "area_codes": dict(self._area_codes.most_common(3)),
            "flags": dict(self._flags),
            "problems": [self._told(p) for shown in self._shown.values() for p in shown],
        }

    def _told(self, problem: Problem) -> dict[str, Any]:
        """A problem as far as the page tells it: no cell of plain data."""
        told = {c.index for c in self._header.columns if c.field not in _UNTOLD}
        values, left = [], TOLD_LETTERS
        for index, value in enumerate(problem.values):
            values.append(value[: min(SHOWN_LETTERS, left)] if index in told else "")
            left -= len(values[-1])
        return asdict(problem) | {"values": values}


# The order in which problems are shown: those with one answer for all come first.
REASONS = (MISSING_AREA_CODE, LOST_DIGITS, INVALID, NO_PHONE)
# Those of rows that come in all the same.
WARNINGS = (
    MANY_PHONES,
    MIXED_ANSWERS,
    INVALID_DATE,
    FUTURE_DATE,
    LONG_NAME,
    LONG_TAG,
    MANY_TAGS,
    LONG_TEXT,
)
