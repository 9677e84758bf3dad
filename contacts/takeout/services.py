"""The archive: asked for, written by the jobs cluster, sealed on disk, opened as it is downloaded."""

import io
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from typing import IO, Any, cast

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils import timezone

from blu.accounts.models import Business
from blu.db.encrypted_files import Sealer, unsealed
from blu.jobs.prepared_files import Prepared
from contacts.models.erasures import people_erased
from contacts.takeout.tables import TABLES

FOLDER = "takeouts"
FRESH = timedelta(hours=24)
# Rows that are held at the same time: the data of one contact may be of half a megabyte.
AT_ONCE = 100


def prepared_for(business: Business) -> Prepared:
    """What can be asked for."""
    name = f"{FOLDER}/{business.pk}/tudo-{people_erased(business.pk)}.zip.sealed"
    return Prepared(name, "blu.tasks.export_business", (business.pk,), FRESH)


def make(business_id: int) -> None:
    """The task: write the archive. Repeating it makes it newer."""
    business = Business.objects.get(pk=business_id)
    prepared_for(business).make(lambda target: write(business, target))


def write(business: Business, target: IO[bytes]) -> None:
    """A zip with a file of JSON lines for each table, sealed as it is written: nothing of it lies open on disk."""
    sealer = Sealer(cast(Any, target), label=business.pk)
    with zipfile.ZipFile(cast(Any, _Stream(sealer)), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, sql in TABLES.items():
            with archive.open(f"{name}.jsonl", "w", force_zip64=True) as file:
                for row in _rows(business, sql):
                    file.write(row.encode() + b"\n")
    sealer.finish()


def opened(business: Business) -> IO[bytes] | None:
    """The archive as it is downloaded; None where there is none that is fresh."""
    sealed = prepared_for(business).open()
    return unsealed(cast(Any, sealed), label=business.pk) if sealed else None


def sweep() -> int:
    """Delete the archives that aren't offered any more, also half of one. Returns their number."""
    if not default_storage.exists(FOLDER):
        return 0
    paths = [
        f"{FOLDER}/{business}/{name}"
        for business in default_storage.listdir(FOLDER)[0]
        for name in default_storage.listdir(f"{FOLDER}/{business}")[1]
    ]
    now = timezone.now()
    old = [path for path in paths if now - default_storage.get_modified_time(path) > FRESH]
    for path in old:
        default_storage.delete(path)
    return len(old)


def _rows(business: Business, sql: str) -> Iterator[str]:
    """Each row as a line, by a cursor of the server, so that a million of them need little memory."""
    lines = f"SELECT row_to_json(one)::text FROM ({sql}) one"
    with transaction.atomic(), connection.chunked_cursor() as cursor:
        cursor.execute(lines, {"business": business.pk})
        while rows := cursor.fetchmany(AT_ONCE):
            yield from (line for (line,) in rows)


class _Stream(io.RawIOBase):
    """What zipfile writes to: it goes on only, as a sealed file does."""

    def __init__(self, sealer: Sealer) -> None:
        super().__init__()
        self._sealer = sealer

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any) -> int:
        """Take more content."""
        return self._sealer.write(bytes(data))
