"""The first rows of a spreadsheet, for the page on which a person tells what its columns are.

Worked out by the worker that reads the file, so that no page opens one. Of a column that is left out
only the title is kept, but where the sheet has no titles and nobody has said yet what its columns are:
then nothing else tells.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from contacts.imports.files import PREVIEW
from contacts.models import Import
from contacts.spreadsheets.cells import clean_text
from contacts.spreadsheets.header import Field, Header

ROWS = 8
COLUMNS = 5
LETTERS = 80

Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True)
class FirstRows:
    """(number, first filled cells) of the first rows; the first value of each column without a title."""

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    examples: dict[int, str] = field(default_factory=dict)


def keep(upload: Import, head: Rows, header: Header, *, told: bool) -> None:
    """Lay down beside the upload what its page shows of the rows in `head`; `told`: by a person who said
    what the columns are.
    """
    known = told or header.row > 0
    hidden = {c.index for c in header.columns if known and c.field == Field.IGNORE}
    rows = [
        (number, _cells(row, hidden if number > header.row else set()))
        for number, row in enumerate(head[:ROWS], 1)
    ]
    untitled = [c.index for c in header.columns if not c.title and c.index not in hidden]
    examples = {index: _first(head[header.row :], index) for index in untitled}
    name = upload.stored_as + PREVIEW
    default_storage.delete(name)
    default_storage.save(name, ContentFile(json.dumps({"rows": rows, "examples": examples})))


def read(upload: Import) -> FirstRows:
    """What was laid down; nothing where the file is gone."""
    try:
        with default_storage.open(upload.stored_as + PREVIEW) as file:
            kept = json.load(file)
    except FileNotFoundError:
        return FirstRows()
    rows = [(int(number), list(cells)) for number, cells in kept["rows"]]
    return FirstRows(rows, {int(index): value for index, value in kept["examples"].items()})


def _cells(row: Sequence[Any], hidden: set[int]) -> list[str]:
    texts = (clean_text(cell) for index, cell in enumerate(row) if index not in hidden)
    return [text[:LETTERS] for text in texts if text][:COLUMNS]


def _first(rows: Rows, index: int) -> str:
    values = (clean_text(row[index]) for row in rows if index < len(row))
    return next(filter(None, values), "")[:LETTERS]
