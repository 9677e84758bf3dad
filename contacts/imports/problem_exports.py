"""The spreadsheet of the rows that an import left out: asked for, prepared by the jobs cluster, downloaded."""

import hashlib
import json
from datetime import timedelta
from pathlib import Path

from django.db.models import QuerySet
from django.utils.text import slugify
from django.utils.translation import get_language

from blu.jobs.prepared_files import Prepared
from contacts.imports.files import FOLDER, STRAY
from contacts.models import Import, ImportProblem
from contacts.models.erasures import people_erased

_MOVING = (Import.Status.READING, Import.Status.QUEUED, Import.Status.RUNNING)


def prepared_for(upload: Import) -> Prepared | None:
    """What can be asked for now; None where no row was left out, or its rows are gone.

    Before the start it tells of the columns as they are now: other columns make another file.
    """
    if not has_rows(upload):
        return None
    return sheet_of(upload, "blu.tasks.export_problems")


def sheet_of(upload: Import, task: str, *more: object) -> Prepared:
    """The file that a task makes of an import as it is read now; `more` makes it another file too.

    Old ones are swept with the other files of imports (contacts.imports.files).
    """
    language = get_language() or ""
    layout = [
        task,
        upload.status,
        upload.sheet,
        upload.header_row,
        upload.columns,
        upload.area_code,
        language,
        people_erased(upload.business_id),
        *more,
    ]
    mark = hashlib.sha256(json.dumps(layout, sort_keys=True).encode()).hexdigest()[:16]
    name = f"{FOLDER}/{upload.business_id}/{upload.pk}-{mark}.xlsx"
    return Prepared(name, task, (upload.pk, language), STRAY - timedelta(hours=1))


def has_rows(upload: Import) -> bool:
    """Whether rows were left out, or would be, that can still be told."""
    if upload.status == Import.Status.UPLOADED and upload.findings.get("errors"):
        return True
    return upload.status not in _MOVING and rows_left_out(upload).exists()


def rows_left_out(upload: Import) -> QuerySet[ImportProblem]:
    """Rows that did not come in; those that came in otherwise than written are on the page."""
    return upload.problems.filter(field="").order_by("row")


def file_name(upload: Import, what: str = "corrigir") -> str:
    """What the file is called on the person's computer."""
    return f"{slugify(Path(upload.file_name).stem) or 'planilha'}-{what}.xlsx"
