"""What the page for checking a spreadsheet shows, from the findings of its reading."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from blu.accounts.models import User
from blu.lib.phone import MISSING_AREA_CODE
from contacts.imports import names
from contacts.imports.cells import clean_text
from contacts.imports.header import Column, Field
from contacts.imports.reading import open_sheet
from contacts.imports.refusals import FileRefused
from contacts.models import Import
from contacts.services import layouts
from contacts.services.findings import REASONS as ORDER
from contacts.services.run import path_of
from contacts.wording import FIELDS, REASONS, SHORT_REASONS

# Problem rows on the page; the rest are counted, and all are in the spreadsheet of the result.
SHOWN = 12
HEAD_ROWS = 8
HEAD_COLUMNS = 5

Rows = Sequence[Sequence[Any]]


def steps() -> list[str]:
    """The steps of an import."""
    return [_("Arquivo"), _("Conferir"), _("Resultado")]


def context(found: Import, form: forms.Form, user: User) -> dict[str, Any]:
    """Everything that contacts/import_review.html needs."""
    findings = found.findings
    header = layouts.header_of(found)
    missing = findings.get("reasons", {}).get(MISSING_AREA_CODE, 0)
    return {
        "import": found,
        "form": form,
        "findings": findings,
        "steps": steps(),
        "user": user,
        "missing_area_code": missing,
        "likely": _likely_area_code(findings) if missing else None,
        "problems": _problems(found),
        "others": findings.get("errors", 0) + findings.get("warnings", 0) - missing,
        "columns": [(column, _meaning(column)) for column in header.columns if column.title],
        "opt_in_column": header.index(Field.OPT_IN) is not None,
        "reasons": [
            (SHORT_REASONS[reason], findings["reasons"][reason])
            for reason in ORDER
            if findings.get("reasons", {}).get(reason)
        ],
    }


def _likely_area_code(findings: dict[str, Any]) -> dict[str, Any] | None:
    """The area code of more than half of the ready rows, with the evidence; the person decides."""
    codes = [(code, people) for code, people in findings.get("area_codes", {}).items() if code]
    if not codes:
        return None
    code, people = max(codes, key=lambda pair: pair[1])
    if people * 2 <= findings["ready"]:
        return None
    return {"code": code, "people": people, "ready": findings["ready"]}


def _problems(found: Import) -> list[dict[str, Any]]:
    """Rows with a problem of their own (those without area code have an offer for all)."""
    header = layouts.header_of(found)
    shown = [p for p in found.findings.get("problems", ()) if p["reason"] != MISSING_AREA_CODE]
    return [
        {
            "row": problem["row"],
            "name": names.join(problem["values"], header.names()),
            "cell": _cell(problem, header.indexes(Field.PHONE), header.index(Field.BIRTH_DATE)),
            "reason": REASONS[problem["reason"]],
            "kept": bool(problem["field"]),
        }
        for problem in sorted(shown, key=lambda p: int(p["row"]))[:SHOWN]
    ]


def _cell(problem: dict[str, Any], phones: tuple[int, ...], birth_date: int | None) -> str:
    if problem["field"] == Field.BIRTH_DATE:
        return _value(problem["values"], birth_date)
    return " · ".join(filter(None, (_value(problem["values"], index) for index in phones)))


def _value(values: list[str], index: int | None) -> str:
    return values[index] if index is not None and index < len(values) else ""


def _meaning(column: Column) -> str:
    if column.field == Field.ATTRIBUTE:
        return _("Variável %(name)s") % {"name": "{{" + column.key + "}}"}
    return str(FIELDS[column.field])


def start(found: Import) -> Rows:
    """The first rows of the sheet as they are; none where the file can't be read any more."""
    try:
        with open_sheet(path_of(found), found.sheet) as sheet:
            return sheet.head
    except (FileRefused, FileNotFoundError):
        return []


def head(rows: Rows) -> list[tuple[int, list[str]]]:
    """The first rows as a person sees them, to tell which one has the titles."""
    return [
        (number, [text for cell in row if (text := clean_text(cell))][:HEAD_COLUMNS])
        for number, row in enumerate(rows[:HEAD_ROWS], 1)
    ]
