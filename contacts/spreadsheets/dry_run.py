"""What importing a file would do, as plain data; writes nothing, needs no database."""

import datetime
from pathlib import Path
from typing import Any

from contacts.spreadsheets.merging import Chunk, chunks
from contacts.spreadsheets.reading import open_sheet
from contacts.spreadsheets.refusals import FileRefused
from contacts.spreadsheets.rows import MANY_PHONES, Person


def dry_run(path: Path, *, today: datetime.date, area_code: str = "") -> dict[str, Any]:
    """The report of a whole file: counts, errors, warnings and the contacts in the end."""
    try:
        with open_sheet(path) as sheet:
            found = sheet.header()
            merged = next(
                chunks(sheet.rows, found, size=None, area_code=area_code, today=today), Chunk()
            )
    except FileRefused as refused:
        return _report(Chunk(), error=str(refused))
    return _report(merged)


def _report(chunk: Chunk, error: str | None = None) -> dict[str, Any]:
    return {
        "ok": error is None,
        "error": error,
        "rows_total": chunk.rows,
        "imported": len(chunk.people),
        "duplicates": chunk.duplicates,
        "errors": [{"row": p.row, "reason": p.reason} for p in chunk.errors],
        # Which of several phones is meant is a question to a person, and no fault of the row.
        "warnings": [
            {"row": p.row, "field": p.field, "reason": p.reason}
            for p in chunk.warnings
            if p.reason != MANY_PHONES
        ],
        "contacts": [_contact(person) for person in chunk.people.values()],
        "notes": [],
    }


def _contact(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "phone": person.phone,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "opt_in": person.opt_in,
        "flags": list(person.flags),
    }
