"""One chunk of people into the database, with its consents and the import's progress: all or none."""

from typing import Any

from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from contacts import stops
from contacts.imports import chunk_table
from contacts.models import Import, ImportProblem, Source, Stop
from contacts.spreadsheets.cells import Answer
from contacts.spreadsheets.header import Field
from contacts.spreadsheets.merging import Chunk
from contacts.spreadsheets.rows import (
    ASKED_TO_STOP,
    ERASED,
    MUCH_DATA,
    OTHER_PERSON,
    STAYS_OUT,
    Person,
    Problem,
)

_TURNS = 0x626C75  # "blu": the advisory locks of imports
_PROBLEM_BATCH = 1000


class Overtaken(Exception):
    """Another worker carries this import; stop writing."""


@transaction.atomic
def import_contacts(upload: Import, chunk: Chunk, *, after: int) -> int:
    """Write a chunk, if the import still stands at sheet row `after`; the row it stands at then.

    Committed with its progress: a killed worker leaves whole chunks only, and its successor goes
    on at `rows_done`. Raises Overtaken when the import has moved on or was stopped.
    """
    values = _values(upload)
    with connection.cursor() as cursor:
        cursor.execute(chunk_table.TAKE_TURNS, values)
        stops.make_contacts(upload.business_id)
        barred = _copy(cursor, upload, chunk, values) if chunk.people else []
        counts = _write(cursor, upload, chunk, values) if chunk.people else {}
        told = _stayed_out(cursor, chunk, values) if upload.topic_id and counts else []
        told += _not_all_taken(cursor, chunk) if counts.get("updated") else []
        cursor.execute(chunk_table.DROP)
    _note(upload, [*chunk.problems, *barred, *told])
    counts |= {"duplicates": chunk.duplicates, "errors": len(chunk.errors) + len(barred)}
    _advance(upload, chunk.last_row, after, counts)
    return chunk.last_row


def _values(upload: Import) -> dict[str, Any]:
    return {
        "turns": _TURNS,
        "business": upload.business_id,
        "topic": upload.topic_id,
        "source": upload.source,
        "revoked_source": upload.source or Source.MEMBER,
        "wording": upload.wording_id,
        "import": upload.pk,
        "actor": upload.created_by_id,
        "everyone": upload.of_everyone,
    }


def _copy(cursor: Any, upload: Import, chunk: Chunk, values: dict[str, Any]) -> list[Problem]:
    """Bring the people where the statements find them, without those whose number is another person's."""
    cursor.execute(chunk_table.CREATE)
    with cursor.copy(f"COPY import_chunk ({chunk_table.COLUMNS}) FROM STDIN") as copy:
        copy.write(chunk_table.copy_text(chunk.people.values(), upload.business_id, upload.tag))
    if not Stop.objects.filter(business=upload.business_id, lifted_at=None).exists():
        return []
    cursor.execute(chunk_table.STOPPED, values)
    if erased := stops.erased(upload.business_id, chunk.people):
        cursor.execute(chunk_table.ERASED, [list(erased)])
    cursor.execute(chunk_table.BARRED)
    return [_barred(chunk.people[phone], stop) for phone, stop in cursor.fetchall()]


def _barred(person: Person, stop: str) -> Problem:
    """Why somebody brings no contact in; of who was erased nothing is kept but the row."""
    if stop == Stop.Why.ERASED:
        return Problem(person.row, ERASED, Field.PHONE, ())
    return Problem(person.row, OTHER_PERSON, Field.PHONE, (person.name, person.phone))


def _write(cursor: Any, upload: Import, chunk: Chunk, values: dict[str, Any]) -> dict[str, int]:
    """Contacts, then consents; the counts by what became of each person."""
    people = chunk.people.values()
    cursor.execute(chunk_table.UPSERT, values)
    if cursor.rowcount < len(people):
        cursor.execute(chunk_table.FIND_UNCHANGED, values)
    cursor.execute(chunk_table.COUNT)
    created, updated, unchanged = cursor.fetchone()
    granted = 0
    if upload.topic_id and upload.wording_id:
        if upload.of_everyone:
            cursor.execute(chunk_table.EVERYONE)
        cursor.execute(chunk_table.GRANT, values)
        granted = cursor.rowcount
    if created < len(people) and any(person.answer is Answer.NO for person in people):
        cursor.execute(chunk_table.REVOKE, values)
    return {"imported": created, "updated": updated, "unchanged": unchanged, "granted": granted}


def _stayed_out(cursor: Any, chunk: Chunk, values: dict[str, Any]) -> list[Problem]:
    """The people whose yes in the sheet doesn't undo that they left."""
    cursor.execute(chunk_table.STAYED_OUT, values)
    return [
        Problem(
            chunk.people[phone].row,
            ASKED_TO_STOP if stopped else STAYS_OUT,
            Field.OPT_IN,
            (chunk.people[phone].name, phone),
        )
        for phone, stopped in cursor.fetchall()
    ]


def _not_all_taken(cursor: Any, chunk: Chunk) -> list[Problem]:
    """The people who have as much data or as many tags as one may have, so that new ones stayed out."""
    cursor.execute(chunk_table.NOT_ALL_TAKEN)
    return [
        Problem(
            chunk.people[phone].row, MUCH_DATA, Field.ATTRIBUTE, (chunk.people[phone].name, phone)
        )
        for (phone,) in cursor.fetchall()
    ]


def _note(upload: Import, problems: list[Problem]) -> None:
    """Keep what people have to know of."""
    ImportProblem.objects.bulk_create(
        [
            ImportProblem(
                source=upload, row=p.row, field=p.field, reason=p.reason, values=list(p.values)
            )
            for p in problems
        ],
        batch_size=_PROBLEM_BATCH,
    )


def _advance(upload: Import, row: int, after: int, counts: dict[str, int]) -> None:
    moved = Import.objects.filter(
        pk=upload.pk, rows_done=after, status=Import.Status.RUNNING
    ).update(
        rows_done=row,
        enqueued_at=Now(),
        **{name: F(name) + number for name, number in counts.items()},
    )
    if not moved:
        raise Overtaken
