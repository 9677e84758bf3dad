"""Uploads that nobody wants: discarded by a person, or after a week in which nobody came back."""

from datetime import timedelta

import structlog
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from contacts.models import Import
from contacts.services.uploads import NotNow

log = structlog.get_logger()

Status = Import.Status
FORGOTTEN = timedelta(days=7)  # since it was last read
_AT_ONCE = 100

_NOT_STARTED = Q(status__in=(Status.READING, Status.UPLOADED))
_FORGOTTEN = Q(status=Status.UPLOADED, rung_at__lt=Now() - FORGOTTEN)


@transaction.atomic
def discard_import(*, found: Import, only: Q = _NOT_STARTED) -> None:
    """Forget a file that was not started: the file itself and what was found in it. Raises NotNow.

    `only`: what must still hold of it at this moment.
    The row stays, to say who sent what and when: consents point at imports.
    """
    discarded = Import.objects.filter(only, pk=found.pk).update(
        status=Status.DISCARDED, findings={}, finished_at=timezone.now()
    )
    if not discarded:
        raise NotNow
    transaction.on_commit(lambda: default_storage.delete(found.stored_as))


def discard_forgotten() -> int:
    """Discard what waits for a person for too long; how many."""
    discarded = 0
    for found in Import.objects.filter(_FORGOTTEN).only("pk", "stored_as")[:_AT_ONCE]:
        try:
            discard_import(found=found, only=_FORGOTTEN)
        except NotNow:
            continue
        discarded += 1
        log.info("import_forgotten", number=found.pk)
    return discarded
