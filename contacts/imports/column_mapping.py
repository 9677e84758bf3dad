"""The sheet, header and columns of an import, as its row keeps them."""

from collections.abc import Mapping
from typing import Any

from contacts.models import Import
from contacts.spreadsheets.header import Column, Field, Header
from contacts.spreadsheets.reading import Sheet


def keep(upload: Import, sheet: Sheet, header: Header) -> None:
    """Put what was found in a file on the (unsaved) import."""
    upload.sheet = sheet.name
    upload.header_row = header.row
    upload.columns = {
        "columns": columns_of(header),
        "sheets": list(sheet.sheets),
    }


def look_again(upload: Import) -> None:
    """Forget the columns on the (unsaved) import, so that the next reading finds them under its header."""
    upload.columns = {"sheets": sheets_of(upload)}


def are_known(upload: Import) -> bool:
    """Whether the columns were found or told, and not to be looked for."""
    return "columns" in upload.columns


def settle(upload: Import) -> None:
    """Keep, on the (unsaved) import, only the columns that come in: a title may say something too."""
    kept = [c for c in upload.columns.get("columns", []) if c["field"] != Field.IGNORE]
    upload.columns = {**upload.columns, "columns": kept}


def columns_of(header: Header) -> list[dict[str, Any]]:
    """A header's columns as an import keeps them."""
    return [_as_dict(column) for column in header.columns]


def header_of(upload: Import) -> Header:
    """The header that an import was found or told to have."""
    columns = upload.columns.get("columns", [])
    return Header(upload.header_row or 0, tuple(_as_column(column) for column in columns))


def sheets_of(upload: Import) -> list[str]:
    """The sheets of an import's file; none for text files."""
    return list(upload.columns.get("sheets", []))


def area_code_of(upload: Import) -> str:
    """What completes numbers without an area code: chosen for this import, or the business's."""
    return upload.area_code or upload.business.default_area_code


def choices_of(upload: Import) -> dict[int, str]:
    """The number that a person chose for a row with several, "" for a row to leave out."""
    return {int(row): phone for row, phone in upload.columns.get("choices", {}).items()}


def without_choices(upload: Import) -> dict[str, Any]:
    """What an import that has ended keeps of its columns: the numbers that were chosen stand with their contacts."""
    return {name: kept for name, kept in upload.columns.items() if name != "choices"}


def choose(upload: Import, choices: Mapping[int, str]) -> None:
    """Put what a person chose on the (unsaved) import; another sheet or header forgets it."""
    upload.columns = {**upload.columns, "choices": {str(row): p for row, p in choices.items()}}


def _as_dict(column: Column) -> dict[str, Any]:
    return {
        "index": column.index,
        "title": column.title,
        "field": column.field.value,
        "key": column.key,
    }


def _as_column(kept: dict[str, Any]) -> Column:
    return Column(kept["index"], kept["title"], Field(kept["field"]), kept["key"])
