"""Deleting a whole business: its accounts are unlinked at WhatsApp first, then everything goes, in slices."""

import time
from datetime import timedelta

import structlog
from django.core.files.storage import default_storage
from django.db import IntegrityError
from django.utils import timezone

from blu.accounts import closing as closings
from blu.accounts.models import BusinessClosing
from sessions.linking import services
from sessions.models import Link, WhatsAppSession
from sessions.states import State

log = structlog.get_logger()

# So long a device that must be logged out is waited for: then its keys go without it.
PATIENCE = timedelta(days=1)
SECONDS = 60.0  # after which it makes room for other jobs, and goes on later
# Where a business's own files lie: uploads, and what was prepared to be downloaded.
FOLDERS = ("imports", "takeouts")


def run(closing_id: int, *, seconds: float = SECONDS) -> bool:
    """Unlink, then delete. Returns False where something is left; the watch enqueues it again.

    Repeating it, after a kill as well, goes on where it stopped.
    """
    closing = BusinessClosing.objects.filter(pk=closing_id, ended_at=None).first()
    if closing is None:
        return True
    if not _unlinked(closing):
        return False
    ends = time.monotonic() + seconds
    try:
        while closings.delete_slice(closing):
            if time.monotonic() >= ends:
                return False
    except IntegrityError:  # a job of the business wrote something meanwhile
        return False
    for folder in FOLDERS:
        _delete_files(f"{folder}/{closing.business_id}")
    closings.end(closing)
    log.info("business_closed", business=closing.business_id)
    return True


def _unlinked(closing: BusinessClosing) -> bool:
    """Whether no account of the business is linked any more."""
    sessions = WhatsAppSession.objects.filter(business=closing.business_id)
    linked = sessions.exclude(links__state=State.UNLINKED) | sessions.filter(
        links__in=Link.objects.exclude(state=State.UNLINKED)
    )
    for session in linked.distinct():
        services.unlink(session=session, actor=closing.actor)
    leaving = Link.objects.filter(session__in=sessions, is_leaving=True).exists()
    return not leaving or timezone.now() - closing.asked_at > PATIENCE


def _delete_files(folder: str) -> None:
    if not default_storage.exists(folder):
        return
    for name in default_storage.listdir(folder)[1]:
        default_storage.delete(f"{folder}/{name}")
