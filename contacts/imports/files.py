"""The files of an import: the upload and its first rows, for as long as they wait; nothing stays behind."""

from datetime import timedelta
from pathlib import Path

import structlog
from django.core.files.storage import default_storage
from django.utils import timezone

from contacts.models import Import

log = structlog.get_logger()

FOLDER = "imports"
# What was found in the first rows lies beside the upload, and in no table: it goes when that goes.
PREVIEW = ".preview.json"
# Older files that belong to no import under way were left by a worker that died.
STRAY = timedelta(days=1)
_LIVE = (
    Import.Status.READING,
    Import.Status.UPLOADED,
    Import.Status.QUEUED,
    Import.Status.RUNNING,
)


def waiting(business_id: int) -> list[str]:
    """The uploads of a business whose files are still kept: not started yet, or being read or written."""
    live = Import.objects.filter(business_id=business_id, status__in=_LIVE)
    return list(live.values_list("stored_as", flat=True))


def path_of(upload: Import) -> Path:
    """Where an import's file lies."""
    return Path(default_storage.path(upload.stored_as))


def delete(upload: Import) -> None:
    """The file of an import that ended, with its first rows and the sheets that were made of it."""
    default_storage.delete(upload.stored_as)
    default_storage.delete(upload.stored_as + PREVIEW)
    delete_sheets(upload)


def delete_sheets(upload: Import) -> None:
    """The spreadsheets of rows that were left out of an import (contacts.imports.problem_exports), as it was read."""
    folder = upload.stored_as.rpartition("/")[0]
    if not folder or not default_storage.exists(folder):
        return
    for name in default_storage.listdir(folder)[1]:
        if name.startswith(f"{upload.pk}-"):
            default_storage.delete(f"{folder}/{name}")


def sweep() -> int:
    """Delete the files below FOLDER that belong to no import under way and are older than STRAY. Returns their number."""
    if not default_storage.exists(FOLDER):
        return 0
    businesses, _files = default_storage.listdir(FOLDER)
    return sum(_sweep(f"{FOLDER}/{business}") for business in businesses)


def _sweep(folder: str) -> int:
    live = set(Import.objects.filter(status__in=_LIVE).values_list("stored_as", flat=True))
    swept = 0
    for name in default_storage.listdir(folder)[1]:
        path = f"{folder}/{name}"
        old = timezone.now() - default_storage.get_modified_time(path) > STRAY
        if old and path.removesuffix(PREVIEW) not in live:
            default_storage.delete(path)
            log.info("stray_import_file_deleted", file=path)
            swept += 1
    return swept
