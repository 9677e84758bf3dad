"""Erasing one person of a business. The database's function does it, checks who asks, and writes that it was done."""

import json
from collections.abc import Iterable
from typing import Any

from django.core.files.storage import default_storage
from django.db import OperationalError, connection, transaction
from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from psycopg.errors import DeadlockDetected, LockNotAvailable, SerializationFailure

from blu.accounts.models import Business, User
from blu.accounts.refused import Refused
from contacts import pages, stops
from contacts.imports import files
from contacts.models import Contact, Erasure, Import

_ERASE = "SELECT public.erase_person(%s, %s, %s::jsonb, %s, %s)"
# Whose data stood for an example in a text to ourselves is not written down: they all go.
_TESTS = "SELECT public.forget_words_of_notices(%s, true)"
# Every number of one person: those they had before, and those they went on under; or what else they are known by.
_KEYS = "SELECT public.keys_of_person(%s, %s)"
# Where what was prepared to be downloaded lies: sheets of recipients (campaigns.reports.exports).
_EXPORTS = "exports"
# The last: they showed another number in the same moment.
_LATER = (LockNotAvailable, DeadlockDetected, SerializationFailure)
_TAKEOUTS = "takeouts"  # all of a business (contacts.takeout.services)


class ErasureRefusal(TextChoices):
    """Why nobody was erased."""

    BUSY = (
        "busy",
        _("Uma campanha está sendo preparada agora. Nada mudou: tente de novo em alguns minutos."),
    )


def erase(*, business: Business, contact: Contact, actor: User | None = None) -> None:
    """Erase the person of a contact; nothing happens where the contact is gone already.

    `actor` None: the person asked for it on their own page. Raises Refused while a launch holds their rows.
    """
    erase_known_by(business=business, key=contact.phone, actor=actor)


def erase_known_by(*, business: Business, key: str, actor: User | None = None) -> None:
    """The same for a number (E.164), which may be nobody's contact, or for who hides it: `lid:…` or `@name`."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_KEYS, (business.pk, key))
            (keys,) = cursor.fetchone() or ([],)
            hashes = {one: stops.hashed(business.pk, one) for one in keys}
            by, who = _asked_by(actor), actor.pk if actor else None
            cursor.execute(_ERASE, (business.pk, key, json.dumps(hashes), by, who))
            (campaigns,) = cursor.fetchone() or ([],)
            cursor.execute(_TESTS, (business.pk,))
            transaction.on_commit(lambda: _forget_prepared(business, campaigns))
    except OperationalError as error:
        if isinstance(error.__cause__, _LATER):
            raise Refused(ErasureRefusal.BUSY) from None
        raise


def _asked_by(actor: User | None) -> Erasure.By:
    if actor is None:
        return Erasure.By.PERSON
    return Erasure.By.SUPPORT if actor.is_staff else Erasure.By.OWNER


def _forget_prepared(business: Business, campaigns: Iterable[Any]) -> None:
    """What pages remember, and files that may still be downloaded: they are made again for who asks."""
    pages.forget(business)
    for upload in Import.objects.filter(business=business).only("pk", "stored_as"):
        files.delete_sheets(upload)
    whole = f"{_TAKEOUTS}/{business.pk}"
    if default_storage.exists(whole):
        for name in default_storage.listdir(whole)[1]:
            default_storage.delete(f"{whole}/{name}")
    if not default_storage.exists(_EXPORTS):
        return
    theirs = tuple(f"campaign-{campaign}-" for campaign in campaigns)
    for name in default_storage.listdir(_EXPORTS)[1]:
        if name.startswith(theirs):
            default_storage.delete(f"{_EXPORTS}/{name}")
