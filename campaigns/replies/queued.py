"""What is queued for a person is taken out of the queue, also of running campaigns."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models.functions import Now

from campaigns.lifecycle import finish_if_done
from campaigns.models import Delivery
from campaigns.models.ledger_states import Reason, Status
from contacts.models import Contact


def skip(contacts: Iterable[Contact], reason: Reason) -> int:
    """Skip every queued row of these people; for use in a transaction, before consents are locked.

    A row that is just being claimed is left to its claim, which asks for consent and stop itself. Returns
    the number skipped.
    """
    queued = Delivery.objects.select_for_update(skip_locked=True).filter(
        contact__in=list(contacts), status=Status.QUEUED
    )
    rows = dict(queued.order_by("pk").values_list("pk", "session_id"))
    moved = Delivery.objects.filter(pk__in=rows, status=Status.QUEUED).update(
        status=Status.SKIPPED, reason=reason, ended_at=Now()
    )
    for session_id in set(rows.values()):
        transaction.on_commit(lambda session_id=session_id: finish_if_done(session_id=session_id))  # type: ignore[misc]
    return moved
