"""The worker's part of an import: reading the file, then writing it chunk by chunk."""

from functools import partial

import structlog
from django.db.models.functions import Now

from blu.accounts import turns
from blu.db.retry import retry_while_away
from blu.jobs import queue
from contacts.imports import column_mapping, files, progress
from contacts.imports.commit import Overtaken, import_contacts
from contacts.imports.preview import CHUNK, read_file, today_of
from contacts.models import Import
from contacts.spreadsheets.merging import chunks
from contacts.spreadsheets.reading import open_sheet
from contacts.spreadsheets.refusals import FileRefused, Refusal

log = structlog.get_logger()

Status = Import.Status
_DUE = (Status.READING, Status.QUEUED, Status.RUNNING)


def run_import(import_id: int) -> None:
    """Do what is due for an import: read it, write it or go on writing it; nothing otherwise.

    May be called twice, late, or again after a kill: whoever comes second finds the turn taken, and
    a successor goes on after the last committed chunk. The files of one business wait for each other,
    so that ten of them leave the other worker to everybody else.
    """
    business_id = Import.objects.filter(pk=import_id).values_list("business_id", flat=True).first()
    if business_id is None:
        return
    with turns.turn(turn_of(business_id)) as alone:
        if not alone:
            return
        found = Import.objects.select_related("business").filter(pk=import_id).first()
        if found and found.status == Status.READING:
            _read(found)
        elif found and found.status in (Status.QUEUED, Status.RUNNING):
            _write(found)
    _enqueue_next(business_id, import_id)


def turn_of(business_id: int) -> str:
    """Returns the name of the turn that a worker takes for an import of this business."""
    return f"import {business_id}"


def refuse_too_big(import_id: int) -> None:
    """Refuse an import whose reading or writing asked for more memory than it may have."""
    for found in Import.objects.filter(pk=import_id, status__in=_DUE):
        _refuse(found, FileRefused(Refusal.BOMB))
        _enqueue_next(found.business_id, import_id)


def _enqueue_next(business_id: int, done: int) -> None:
    """Enqueue the business's next import, which found the turn taken."""
    waiting = Import.objects.filter(business_id=business_id, status__in=_DUE).exclude(pk=done)
    following = waiting.order_by("enqueued_at").values_list("pk", flat=True).first()
    if following is not None:
        queue.enqueue("blu.tasks.run_import", following)


def _read(upload: Import) -> None:
    try:
        read_file(upload, files.path_of(upload))
    except (FileRefused, FileNotFoundError) as error:
        _refuse(upload, error)
        return
    finally:
        progress.forget(upload.pk)
    read = Import.objects.filter(pk=upload.pk, status=Status.READING).update(
        status=Status.UPLOADED,
        sheet=upload.sheet,
        header_row=upload.header_row,
        columns=upload.columns,
        findings=upload.findings,
        rows_total=upload.rows_total,
    )
    if not read:  # discarded meanwhile, by somebody who could not know of the first rows
        files.delete(upload)


def _write(upload: Import) -> None:
    Import.objects.filter(pk=upload.pk, status=Status.QUEUED).update(
        status=Status.RUNNING, started_at=Now(), enqueued_at=Now()
    )
    try:
        _write_chunks(upload)
    except Overtaken:
        log.info("import_overtaken", number=upload.pk)
        return
    except (FileRefused, FileNotFoundError) as error:
        _refuse(upload, error)
        return
    Import.objects.filter(pk=upload.pk, status=Status.RUNNING).update(
        status=Status.DONE, finished_at=Now(), columns=column_mapping.without_choices(upload)
    )
    files.delete(upload)
    log.info("import_done", number=upload.pk)


def _write_chunks(upload: Import) -> None:
    done = upload.rows_done
    with open_sheet(files.path_of(upload), upload.sheet) as sheet:
        header = column_mapping.header_of(upload)
        Import.objects.filter(pk=upload.pk).update(rows_total=sheet.count())
        for chunk in chunks(
            sheet.rows,
            header,
            size=CHUNK,
            area_code=column_mapping.area_code_of(upload),
            today=today_of(upload),
            choices=column_mapping.choices_of(upload),
        ):
            if chunk.last_row > done:
                done = retry_while_away(partial(import_contacts, upload, chunk, after=done))


def _refuse(upload: Import, error: Exception) -> None:
    """A file that can't be read: refused whole, or stopped where something was already written."""
    status = Status.FAILED if upload.rows_done else Status.REFUSED
    refusal = error.refusal if isinstance(error, FileRefused) else Refusal.FILE_GONE
    Import.objects.filter(pk=upload.pk).exclude(status=Status.DISCARDED).update(
        status=status, refusal=refusal, finished_at=Now(), draft={},
        columns=column_mapping.without_choices(upload),
    )  # fmt: skip
    if status == Status.REFUSED:
        Import.objects.filter(pk=upload.pk).update(columns={}, findings={})
    files.delete(upload)
    log.info("import_refused", number=upload.pk, status=status)
