"""The rows of an import that need mending, as a spreadsheet to mend and bring back."""

from typing import BinaryIO

import xlsxwriter
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from contacts.imports.header import Field
from contacts.models import Import, ImportProblem
from contacts.services import layouts
from contacts.wording import REASONS

_AT_ONCE = 2_000


def rows_to_mend(found: Import) -> QuerySet[ImportProblem]:
    """Rows left out or with a field left empty; who asked to leave is nothing to mend."""
    return found.problems.exclude(field=Field.OPT_IN).order_by("row", "field")


def write(found: Import, out: BinaryIO) -> None:
    """The original columns, then row number and reason; an import leaves those two out."""
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(_("Corrigir"))
    sheet.freeze_panes(1, 0)
    titles = [column.title for column in layouts.header_of(found).columns]
    own = [_("Linha (blü)"), _("Motivo (blü)")]
    bold = book.add_format({"bold": True})
    for place, title in enumerate([*titles, *own]):
        sheet.write_string(0, place, title, bold)
    problems = rows_to_mend(found)
    for row, problem in enumerate(problems.iterator(chunk_size=_AT_ONCE), 1):
        values = [str(value) for value in problem.values][: len(titles)]
        values += [""] * (len(titles) - len(values))
        reason = str(REASONS.get(problem.reason, problem.reason))
        for place, value in enumerate([*values, str(problem.row), reason]):
            sheet.write_string(row, place, value)
    book.close()
