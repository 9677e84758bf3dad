"""Writing the rows of an import that were left out, as a spreadsheet to mend and bring back. For workers."""

from collections.abc import Iterable
from typing import IO

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.imports import column_mapping, problem_exports
from contacts.imports.files import path_of
from contacts.imports.preview import first_problems
from contacts.models import Import, ImportProblem
from contacts.spreadsheets.header import Field
from contacts.spreadsheets.labels import REASONS
from contacts.spreadsheets.refusals import FileRefused
from contacts.spreadsheets.rows import Problem

_AT_ONCE = 2_000


def export(import_id: int, language: str) -> None:
    """The task: write the spreadsheet where contacts.imports.problem_exports finds it. May be repeated."""
    found = Import.objects.select_related("business").filter(pk=import_id).first()
    with translation.override(language or None):
        prepared = problem_exports.prepared_for(found) if found else None
        if found is not None and prepared is not None and prepared.made_at is None:
            try:
                problems = _left_out(found)
            except (FileRefused, FileNotFoundError):
                prepared.give_up()
                return
            prepared.make(lambda out: write(found, problems, out))


def give_up(import_id: int, language: str) -> None:
    """Forget that it is being written."""
    with translation.override(language or None):
        for found in Import.objects.filter(pk=import_id):
            if prepared := problem_exports.prepared_for(found):
                prepared.give_up()


def _left_out(upload: Import) -> Iterable[ImportProblem | Problem]:
    """All of them, or before the start those of the first many."""
    if upload.status == Import.Status.UPLOADED and upload.findings:
        return first_problems(upload, path_of(upload))
    return problem_exports.rows_left_out(upload).iterator(chunk_size=_AT_ONCE)


def write(upload: Import, problems: Iterable[ImportProblem | Problem], out: IO[bytes]) -> None:
    """The columns that come in, then row number and reason; an import leaves those two out."""
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(_("Corrigir"))
    sheet.freeze_panes(1, 0)
    header = column_mapping.header_of(upload)
    columns = [column for column in header.columns if column.field != Field.IGNORE]
    own = [_("Linha (blü)"), _("Motivo (blü)")]
    bold = book.add_format({"bold": True})
    for place, title in enumerate([*(column.title for column in columns), *own]):
        sheet.write_string(0, place, title, bold)
    for row, problem in enumerate(problems, 1):
        values = dict(enumerate(problem.values))
        cells = [str(values.get(column.index, "")) for column in columns]
        reason = str(REASONS.get(problem.reason, problem.reason))
        for place, value in enumerate([*cells, str(problem.row), reason]):
            sheet.write_string(row, place, value)
    book.close()
