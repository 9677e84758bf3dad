"""What the page for checking a spreadsheet shows, from the findings of its reading."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from blu.accounts.models import User
from blu.text.phone import MISSING_AREA_CODE
from contacts.imports import answer_exports, column_mapping, counts, problem_exports
from contacts.imports.forms import Way
from contacts.imports.preview import CHUNK, WARNINGS
from contacts.imports.preview import REASONS as ORDER
from contacts.models import Import
from contacts.spreadsheets import names
from contacts.spreadsheets.header import Column, Field, Header
from contacts.spreadsheets.labels import FIELDS, REASONS, short_reason

# Problem rows on the page; the rest are counted, and all that are left out are in a spreadsheet.
SHOWN = 12
SHOWN_LETTERS = 80
# So many rows of one area code are a hint where the others come from; a single one is chance.
EVIDENCE = 2


def steps() -> list[str]:
    """The steps of an import."""
    return [_("Arquivo"), _("Conferir"), _("Resultado")]


def context(upload: Import, form: forms.Form, user: User) -> dict[str, Any]:
    """Everything that contacts/imports/import_review.html needs."""
    findings = upload.findings
    header = column_mapping.header_of(upload)
    reasons = findings.get("reasons", {})
    missing = reasons.get(MISSING_AREA_CODE, 0)
    problems = _problems(upload, form)
    return {
        "import": upload,
        "counts": counts.found(upload),
        "form": form,
        "findings": findings,
        "steps": steps(),
        "user": user,
        **_ways(upload, form),
        "left": findings.get("left", 0),
        "declarable": findings.get("yes") or findings.get("ready", 0) - findings.get("left", 0),
        "missing_area_code": missing,
        "without_area_code": _without_area_code(upload, header) if missing else [],
        "likely": _likely_area_code(findings) if missing else None,
        "problems": [problem for problem in problems if not problem["kept"]][:SHOWN],
        "others": findings.get("errors", 0) - missing,
        "warned": _questions_first(problems),
        # Files that were read before this was counted wait for at most a week.
        "warned_rows": findings.get("warned", findings.get("warnings", 0)),
        "columns": [(column, _meaning(column)) for column in header.columns if column.title],
        "opt_in_column": header.index(Field.OPT_IN) is not None,
        "reasons": _counted(reasons, ORDER[1:]),
        "warnings": _counted(reasons, WARNINGS),
        "prepared": problem_exports.prepared_for(upload),
        "first_rows": CHUNK if findings.get("rows", 0) > CHUNK else 0,
    }


def _ways(upload: Import, form: forms.Form) -> dict[str, Any]:
    """What to do with a list that doesn't say who agreed: the three ways, and the one that was chosen."""
    if "way" not in form.fields:
        return {"ways": [], "way": ""}
    chosen = form["way"].value() or ""
    texts = {
        Way.ALL: _("Cada pessoa aceitou numa ficha, num formulário ou num contrato. Você declara de onde vem."),
        Way.SOME: _("Baixe estas linhas com uma coluna “Aceita” para preencher, e traga a planilha de volta."),
        Way.NONE: _("Entram como contatos e não recebem nada até cada pessoa confirmar."),
    }  # fmt: skip
    return {
        "ways": [(way, texts[way]) for way in Way],
        "way": chosen,
        "answers": answer_exports.prepared_for(upload),
    }


def _counted(reasons: dict[str, int], order: Sequence[str]) -> list[tuple[Any, int]]:
    """(words, how many rows) of each reason that occurs."""
    return [(short_reason(reason, n), n) for reason in order if (n := reasons.get(reason, 0))]


def _likely_area_code(findings: dict[str, Any]) -> dict[str, Any] | None:
    """The area code of more than half of the ready rows, with the evidence; the person decides."""
    codes = [(code, people) for code, people in findings.get("area_codes", {}).items() if code]
    if not codes:
        return None
    code, people = max(codes, key=lambda pair: pair[1])
    if people * 2 <= findings["ready"] or people < EVIDENCE:
        return None
    return {"code": code, "people": people, "ready": findings["ready"]}


def _without_area_code(upload: Import, header: Header) -> list[dict[str, Any]]:
    """The first rows that wait for an area code: whose they are helps to know it."""
    rows = [p for p in upload.findings.get("problems", ()) if p["reason"] == MISSING_AREA_CODE]
    return [problem_row(header, row) for row in sorted(rows, key=lambda p: int(p["row"]))[:SHOWN]]


def _problems(upload: Import, form: forms.Form) -> list[dict[str, Any]]:
    """Rows with a problem of their own (those without area code have an offer for all)."""
    header = column_mapping.header_of(upload)
    shown = [p for p in upload.findings.get("problems", ()) if p["reason"] != MISSING_AREA_CODE]
    return [
        problem_row(header, problem)
        | {
            "kept": bool(problem["field"]),
            "options": len(problem.get("options", ())),
            "which": form[f"phone{problem['row']}"] if problem.get("options") else None,
        }
        for problem in sorted(shown, key=lambda p: int(p["row"]))
    ]


def _questions_first(problems: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """All rows with a question that were kept, and the first of the other rows that come in."""
    asked = [problem for problem in problems if problem["which"]]
    others = [problem for problem in problems if problem["kept"] and not problem["which"]]
    return asked + others[:SHOWN]


def problem_row(header: Header, problem: Mapping[str, Any]) -> dict[str, Any]:
    """A problem for a page: the row, whose it is, what stands in the sheet, what is wrong with it."""
    return {
        "row": problem["row"],
        "name": Truncator(names.join(problem["values"], header.names())).chars(SHOWN_LETTERS),
        "cell": Truncator(_cell(problem, header)).chars(SHOWN_LETTERS),
        "reason": REASONS[problem["reason"]],
    }


def _cell(problem: Mapping[str, Any], header: Header) -> str:
    """What the problem is about; nothing for a name, which is told anyway, and for other data."""
    field = problem["field"] or Field.PHONE
    if field not in (Field.PHONE, Field.BIRTH_DATE, Field.OPT_IN, Field.TAGS):
        return ""
    cells = (_value(problem["values"], index) for index in header.indexes(field))
    return " · ".join(filter(None, cells))


def _value(values: list[str], index: int | None) -> str:
    return values[index] if index is not None and index < len(values) else ""


def _meaning(column: Column) -> str:
    if column.field == Field.ATTRIBUTE:
        return _("Variável %(name)s") % {"name": "{{" + column.key + "}}"}
    return str(FIELDS[column.field])
