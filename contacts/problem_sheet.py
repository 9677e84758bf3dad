"""The rows of an import that were left out, as a spreadsheet to mend and bring back."""

from collections.abc import Iterable
from typing import BinaryIO

import xlsxwriter
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from contacts.imports.rows import Problem
from contacts.models import Import, ImportProblem
from contacts.services import layouts
from contacts.wording import REASONS

_AT_ONCE = 2_000


def rows_left_out(found: Import) -> QuerySet[ImportProblem]:
    """Rows that did not come in; those that came in otherwise than written are on the page."""
    return found.problems.filter(field="").order_by("row")


def kept(found: Import) -> Iterable[ImportProblem]:
    """The same for `write`, however many there are."""
    return rows_left_out(found).iterator(chunk_size=_AT_ONCE)


def write(found: Import, problems: Iterable[ImportProblem | Problem], out: BinaryIO) -> None:
    """The original columns, then row number and reason; an import leaves those two out."""
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(_("Corrigir"))
    sheet.freeze_panes(1, 0)
    titles = [column.title for column in layouts.header_of(found).columns]
    own = [_("Linha (blü)"), _("Motivo (blü)")]
    bold = book.add_format({"bold": True})
    for place, title in enumerate([*titles, *own]):
        sheet.write_string(0, place, title, bold)
    for row, problem in enumerate(problems, 1):
        values = [str(value) for value in problem.values][: len(titles)]
        values += [""] * (len(titles) - len(values))
        reason = str(REASONS.get(problem.reason, problem.reason))
        for place, value in enumerate([*values, str(problem.row), reason]):
            sheet.write_string(row, place, value)
    book.close()
