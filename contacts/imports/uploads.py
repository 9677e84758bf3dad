"""A file's way from a person to the worker: received, adjusted, declared, started."""

import errno
import uuid
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models.functions import Now

from blu.accounts.models import Business, User
from blu.jobs import queue
from blu.ops import disk
from contacts.imports import column_mapping, files
from contacts.imports.declarations import Declaration, declare
from contacts.imports.job import run_import
from contacts.models import Import
from contacts.spreadsheets.header import Field, with_fields
from contacts.spreadsheets.reading import open_sheet
from contacts.spreadsheets.refusals import FileRefused, Refusal
from contacts.spreadsheets.sniffing import glance

Status = Import.Status
# Uploads of one business that wait for a person or a worker, and their bytes in all.
MOST_WAITING = 10
MOST_WAITING_BYTES = 300 * 1024 * 1024


class NotNow(Exception):
    """The import is no longer, or not yet, in a state in which this can be done."""


@transaction.atomic
def receive_upload(*, business: Business, path: Path, name: str, actor: User | None) -> Import:
    """Keep a copy of a file and let a worker read it.

    Raises FileRefused for what is no spreadsheet at a glance, and where there is no room for another.
    """
    glance(path)
    _refuse_without_room(business, path.stat().st_size)
    found = _store(business=business, path=path, name=name, actor=actor)
    _enqueue(found)
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
        column_mapping.keep(found, sheet, header)
    if declaration:
        declare(found, declaration)
    column_mapping.settle(found)
    found.tag = tag
    found.status = Status.QUEUED
    found.save()
    run_import(found.pk)
    found.refresh_from_db()
    return found


@transaction.atomic
def adjust_import(
    *, upload: Import, sheet: str, header_row: int | None, fields: dict[int, Field] | None = None
) -> None:
    """Let a worker read the file again under another sheet, header or meaning of columns. Raises NotNow.

    `header_row` None finds the header, 0 says there is none; `fields` are told of the columns there are.
    """
    same = sheet == upload.sheet and header_row == upload.header_row
    upload.sheet, upload.header_row = sheet, header_row
    if same and fields:
        header = with_fields(column_mapping.header_of(upload), fields)
        upload.columns = {**upload.columns, "columns": column_mapping.columns_of(header)}
    else:
        column_mapping.look_again(upload)
    _read_again(upload)


@transaction.atomic
def use_area_code(*, upload: Import, area_code: str) -> None:
    """Complete the numbers without an area code with this one, for this import. Raises NotNow."""
    upload.area_code = area_code
    _read_again(upload)


@transaction.atomic
def start_import(
    *,
    upload: Import,
    actor: User,
    declaration: Declaration | None = None,
    tag: str = "",
    choices: Mapping[int, str] | None = None,
) -> None:
    """Queue a checked import; two people starting it start it once. Raises NotNow.

    `choices`: as contacts.imports.column_mapping.choices_of.
    """
    checked = (
        Import.objects.select_for_update().filter(pk=upload.pk, status=Status.UPLOADED).first()
    )
    if checked is None:
        raise NotNow
    if declaration:
        declare(checked, declaration)
    if choices:
        column_mapping.choose(checked, choices)
    column_mapping.settle(checked)
    # The rows that the check showed are read anew, and kept apart from what they are a sample of.
    checked.findings.pop("problems", None)
    checked.status, checked.draft = Status.QUEUED, {}
    checked.tag, checked.created_by, checked.enqueued_at = tag, actor, Now()
    checked.save()
    _enqueue(checked)


def _read_again(upload: Import) -> None:
    moved = Import.objects.filter(pk=upload.pk, status=Status.UPLOADED).update(
        status=Status.READING,
        sheet=upload.sheet,
        header_row=upload.header_row,
        columns=upload.columns,
        area_code=upload.area_code,
        enqueued_at=Now(),
    )
    if not moved:
        raise NotNow
    transaction.on_commit(lambda: files.delete_sheets(upload))
    _enqueue(upload)


def _refuse_without_room(business: Business, size: int) -> None:
    """Raise FileRefused where too much waits already, or the disk gets full. One upload at a time looks."""
    Business.objects.select_for_update(no_key=True).get(pk=business.pk)
    waiting = files.waiting(business.pk)
    if len(waiting) >= MOST_WAITING:
        raise FileRefused(Refusal.MANY_WAITING)
    held = sum(default_storage.size(name) for name in waiting if default_storage.exists(name))
    if held + size > MOST_WAITING_BYTES:
        raise FileRefused(Refusal.MUCH_WAITING)
    if disk.free(Path(default_storage.path(files.FOLDER))) < settings.LEAST_FREE + size:
        raise FileRefused(Refusal.NO_ROOM)


def _store(*, business: Business, path: Path, name: str, actor: User | None) -> Import:
    """Copy the file under a name of ours: a stranger's name never reaches the disk."""
    try:
        with path.open("rb") as file:
            kept = default_storage.save(
                f"{files.FOLDER}/{business.pk}/{uuid.uuid4().hex}", File(file)
            )
    except OSError as error:
        if error.errno not in (*disk.FULL, errno.EFBIG):
            raise
        raise FileRefused(Refusal.NO_ROOM) from error
    return Import.objects.create(
        business=business,
        file_name=Path(name).name[-200:],
        stored_as=kept,
        status=Status.READING,
        created_by=actor,
    )


def _enqueue(upload: Import) -> None:
    transaction.on_commit(lambda: queue.enqueue("blu.tasks.run_import", upload.pk))
