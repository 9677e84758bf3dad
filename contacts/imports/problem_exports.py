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

_MOVING = (Import.Status.READING, Import.Status.QUEUED, Import.Status.RUNNING)


def of(found: Import) -> Prepared | None:
    """What can be asked for now; None where no row was left out, or its rows are gone.

    Before the start it tells of the columns as they are now: other columns make another file. Old ones
    are swept with the other files of imports (contacts.imports.files).
    """
    if not has_rows(found):
        return None
    language = get_language() or ""
    layout = [found.status, found.sheet, found.header_row, found.columns, found.area_code, language]
    mark = hashlib.sha256(json.dumps(layout, sort_keys=True).encode()).hexdigest()[:16]
    name = f"{FOLDER}/{found.business_id}/{found.pk}-{mark}.xlsx"
    fresh = STRAY - timedelta(hours=1)
    return Prepared(name, "blu.tasks.export_problems", (found.pk, language), fresh)


def has_rows(found: Import) -> bool:
    """Whether rows were left out, or would be, that can still be told."""
    if found.status == Import.Status.UPLOADED and found.findings.get("errors"):
        return True
    return found.status not in _MOVING and rows_left_out(found).exists()


def rows_left_out(found: Import) -> QuerySet[ImportProblem]:
    """Rows that did not come in; those that came in otherwise than written are on the page."""
    return found.problems.filter(field="").order_by("row")


def file_name(found: Import) -> str:
    """What the file is called on the person's computer."""
    return f"{slugify(Path(found.file_name).stem) or 'planilha'}-corrigir.xlsx"
