"""Writing a list's people once more, with a column to fill in who agreed. For workers."""

from collections.abc import Callable, Iterable, Iterator
from typing import IO, NamedTuple

import xlsxwriter
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from blu.web.phone_display import readable
from contacts.imports import answer_exports, column_mapping
from contacts.imports.files import path_of
from contacts.imports.preview import CHUNK, today_of
from contacts.models import Import
from contacts.spreadsheets.header import Field, Header, header_at
from contacts.spreadsheets.merging import chunks
from contacts.spreadsheets.reading import open_sheet
from contacts.spreadsheets.refusals import FileRefused
from contacts.spreadsheets.rows import Person

_LAST_ROW = 1_048_575  # of a sheet


class _Column(NamedTuple):
    """A column of the sheet: its title, and what it says of a person."""

    title: str
    value: Callable[[Person], str]


def export(import_id: int, language: str) -> None:
    """The task: write the spreadsheet where contacts.imports.answer_exports finds it. May be repeated."""
    found = Import.objects.select_related("business").filter(pk=import_id).first()
    with translation.override(language or None):
        prepared = answer_exports.prepared_for(found) if found else None
        if found is not None and prepared is not None and prepared.made_at is None:
            try:
                prepared.make(lambda out: write(found, people_of(found), out))
            except (FileRefused, FileNotFoundError):
                prepared.give_up()


def give_up(import_id: int, language: str) -> None:
    """Forget that it is being written."""
    with translation.override(language or None):
        for found in Import.objects.filter(pk=import_id):
            if prepared := answer_exports.prepared_for(found):
                prepared.give_up()


def people_of(upload: Import) -> Iterator[Person]:
    """Everybody whom the file would bring in, once; who comes again in a later chunk, again: rows merge on
    their way back. Raises FileRefused.
    """
    with open_sheet(path_of(upload), upload.sheet) as sheet:
        for chunk in chunks(
            sheet.rows,
            column_mapping.header_of(upload),
            size=CHUNK,
            area_code=column_mapping.area_code_of(upload),
            today=today_of(upload),
            choices=answer_exports.choices_of(upload),
        ):
            yield from chunk.people.values()


def write(upload: Import, people: Iterable[Person], out: IO[bytes]) -> None:
    """What comes in of each person, by titles under which it is found again, and the column to fill in."""
    columns = _columns(column_mapping.header_of(upload))
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet(_("Quem aceita"))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(columns), 24)
    bold = book.add_format({"bold": True})
    for place, title in enumerate(
        [*(column.title for column in columns), pgettext("coluna a preencher", "Aceita")]
    ):
        sheet.write_string(0, place, title, bold)
    answers = {"validate": "list", "source": [_("sim"), _("não")], "ignore_blank": True}
    sheet.data_validation(1, len(columns), _LAST_ROW, len(columns), answers)
    for row, person in enumerate(people, 1):
        for place, column in enumerate(columns):
            sheet.write_string(row, place, column.value(person))
    book.close()


def _columns(header: Header) -> list[_Column]:
    columns = [_Column(_("Nome"), lambda person: person.name)] if header.names() else []
    columns.append(_Column(_("Telefone"), lambda person: readable(person.phone)))
    if header.index(Field.BIRTH_DATE) is not None:
        columns.append(_Column(_("Nascimento"), _birth_date))
    columns += [
        _Column(_title(column.title, column.key), _attribute(column.key))
        for column in header.columns
        if column.field == Field.ATTRIBUTE
    ]
    if header.index(Field.TAGS) is not None:
        columns.append(_Column(_("Etiquetas"), lambda person: "; ".join(person.tags)))
    return columns


def _title(title: str, key: str) -> str:
    """The column's own title where it is read as this variable again, or else the variable's name."""
    (column,) = header_at([[title]], 1).columns if title else (None,)
    return title if column and (column.field, column.key) == (Field.ATTRIBUTE, key) else key


def _attribute(key: str) -> Callable[[Person], str]:
    return lambda person: person.attributes.get(key, "")


def _birth_date(person: Person) -> str:
    return person.birth_date.strftime("%d/%m/%Y") if person.birth_date else ""
