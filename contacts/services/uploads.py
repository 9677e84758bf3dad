"""A file's way from a person to the worker: received, adjusted, declared, started."""

import uuid
from collections.abc import Mapping
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from blu.accounts.models import Business, User
from blu.lib import queue
from contacts.imports.header import Field, with_fields
from contacts.imports.reading import open_sheet
from contacts.imports.sniffing import sniff
from contacts.models import Import
from contacts.services import layouts
from contacts.services.declarations import Declaration, declare
from contacts.services.run import path_of, run_import

Status = Import.Status


class NotNow(Exception):
    """The import is no longer, or not yet, in a state in which this can be done."""


@transaction.atomic
def receive_upload(*, business: Business, path: Path, name: str, actor: User | None) -> Import:
    """Keep a copy of a file and let a worker read it. Raises FileRefused for what is no spreadsheet."""
    found = _store(business=business, path=path, name=name, actor=actor)
    _ring(found)
    return found


def import_file(
    *,
    business: Business,
    path: Path,
    actor: User | None = None,
    declaration: Declaration | None = None,
    tag: str = "",
) -> Import:
    """The whole way in one call, in this process: what the pages do in steps. Raises FileRefused.

    The import that comes back is done; without a declaration it granted nothing.
    """
    with open_sheet(path) as sheet:
        header = sheet.header()
        found = _store(business=business, path=path, name=path.name, actor=actor)
        layouts.keep(found, sheet, header)
    if declaration:
        declare(found, declaration)
    found.tag = tag
    found.status = Status.QUEUED
    found.save()
    run_import(found.pk)
    found.refresh_from_db()
    return found


@transaction.atomic
def adjust_import(
    *, found: Import, sheet: str, header_row: int | None, fields: dict[int, Field] | None = None
) -> None:
    """Read the file again under another sheet, header or meaning of columns.

    `header_row` None finds the header, 0 says there is none. Raises FileRefused, NotNow.
    """
    same = sheet == found.sheet and header_row == found.header_row
    found.sheet, found.header_row = sheet, header_row
    if not same or not fields:
        with open_sheet(path_of(found), sheet) as opened:
            header = opened.header(header_row)
            layouts.keep(found, opened, header)
    if same and fields:
        header = with_fields(layouts.header_of(found), fields)
        found.columns = {**found.columns, "columns": layouts.columns_of(header)}
    _read_again(found)


@transaction.atomic
def use_area_code(*, found: Import, area_code: str) -> None:
    """Complete the numbers without an area code with this one, for this import. Raises NotNow."""
    found.area_code = area_code
    _read_again(found)


@transaction.atomic
def start_import(
    *,
    found: Import,
    actor: User,
    declaration: Declaration | None = None,
    tag: str = "",
    choices: Mapping[int, str] | None = None,
) -> None:
    """Queue a checked import; two people starting it start it once. Raises NotNow.

    `choices`: as contacts.services.layouts.choices_of.
    """
    if declaration:
        declare(found, declaration)
    chosen = {}
    if choices:
        layouts.choose(found, choices)
        chosen = {"columns": found.columns}
    started = Import.objects.filter(pk=found.pk, status=Status.UPLOADED).update(
        status=Status.QUEUED,
        topic=found.topic,
        source=found.source,
        wording=found.wording,
        tag=tag,
        created_by=actor,
        rung_at=timezone.now(),
        **chosen,
    )
    if not started:
        raise NotNow
    _ring(found)


def _read_again(found: Import) -> None:
    moved = Import.objects.filter(pk=found.pk, status=Status.UPLOADED).update(
        status=Status.READING,
        sheet=found.sheet,
        header_row=found.header_row,
        columns=found.columns,
        area_code=found.area_code,
        rung_at=timezone.now(),
    )
    if not moved:
        raise NotNow
    _ring(found)


def _store(*, business: Business, path: Path, name: str, actor: User | None) -> Import:
    """Copy the file under a name of ours: a stranger's name never reaches the disk."""
    suffix = sniff(path).value
    with path.open("rb") as file:
        kept = default_storage.save(
            f"imports/{business.pk}/{uuid.uuid4().hex}.{suffix}", File(file)
        )
    return Import.objects.create(
        business=business,
        file_name=Path(name).name[-200:],
        stored_as=kept,
        status=Status.READING,
        created_by=actor,
    )


def _ring(found: Import) -> None:
    transaction.on_commit(lambda: queue.enqueue("blu.tasks.run_import", found.pk))
