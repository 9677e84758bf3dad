"""What of an import is kept for how long.

Uploads that nobody wants are discarded by a person, or after a week in which nobody came back. Rows with
a problem are there to be mended, and go after the period of their business (contacts.retention).
"""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from blu.db.cached_by_cost import pages
from contacts.imports import files
from contacts.imports.uploads import NotNow
from contacts.models import Import

log = structlog.get_logger()

Status = Import.Status
FORGOTTEN = timedelta(days=7)  # since it was last read
_AT_ONCE = 100
_TIDY_EVERY = 3600  # seconds

_NOT_STARTED = Q(status__in=(Status.READING, Status.UPLOADED))
_FORGOTTEN = Q(status=Status.UPLOADED, enqueued_at__lt=Now() - FORGOTTEN)


@transaction.atomic
def discard_import(*, upload: Import, only: Q = _NOT_STARTED) -> None:
    """Forget a file that was not started: the file itself and what was found in it. Raises NotNow.

    `only`: what must still hold of it at this moment.
    The row stays, to say who sent what and when: consents point at imports.
    """
    discarded = Import.objects.filter(only, pk=upload.pk).update(
        status=Status.DISCARDED, findings={}, columns={}, draft={}, finished_at=Now()
    )
    if not discarded:
        raise NotNow
    transaction.on_commit(lambda: files.delete(upload))


def discard_forgotten() -> int:
    """Discard what waits for a person for too long. Returns the number discarded."""
    discarded = 0
    for found in Import.objects.filter(_FORGOTTEN).only("pk", "stored_as")[:_AT_ONCE]:
        try:
            discard_import(upload=found, only=_FORGOTTEN)
        except NotNow:
            continue
        discarded += 1
        log.info("import_forgotten", number=found.pk)
    return discarded


def tidy() -> None:
    """Once in a while: files that a dead worker left."""
    if pages.add("imports-tidied", 1, _TIDY_EVERY):
        files.sweep()
