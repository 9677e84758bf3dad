"""A whole business is deleted at its owner's wish: asked for here, done by a job (sessions.linking.closing)."""

from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, TextChoices
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business, BusinessClosing, Invitation, Membership, User
from blu.accounts.refused import Refused

LOST = timedelta(minutes=5)  # after which one that was not heard of is enqueued again
NEVER_YET = timedelta(minutes=6)  # ago, so that the next look enqueues it
SLICE = 5_000  # rows of one transaction
_DELETE = "SELECT public.delete_business(%s, %s)"


# In SQL, of the number of a business: one that is being deleted asks nobody for anything, though its rows may
# stay for hours.
STAYS = "NOT EXISTS (SELECT 1 FROM accounts_businessclosing closing WHERE closing.business_id = {})"


class ClosingRefusal(TextChoices):
    """Why a business isn't closed."""

    OTHER_NAME = "other_name", _("O nome digitado não é o deste negócio. Nada mudou.")
    CLOSING = "closing", _("Este negócio já está sendo encerrado.")


def ask(*, business: Business, actor: User, typed: str) -> BusinessClosing:
    """Close a business: nobody has access to it from now on, and a job deletes all of it. Raises Refused.

    `typed` is its name, as a person wrote it to be sure.
    """
    if typed.strip() != business.name:
        raise Refused(ClosingRefusal.OTHER_NAME)
    with transaction.atomic():
        closing, created = BusinessClosing.objects.get_or_create(
            business_id=business.pk,
            defaults={
                "actor": actor,
                "by_support": actor.is_staff,
                "enqueued_at": timezone.now() - NEVER_YET,
            },
        )
        if not created:
            raise Refused(ClosingRefusal.CLOSING)
        Invitation.objects.filter(business=business).delete()
        Membership.objects.filter(business=business).delete()
    return closing


def delete_slice(closing: BusinessClosing, most: int = SLICE) -> int:
    """Delete some rows of the business, and itself at last. Returns how many; 0 when nothing is left.

    The database's function asks for the closing, and nothing else passes its rules (docs/decisions/0054).
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_DELETE, (closing.pk, most))
        (gone,) = cursor.fetchone()
        BusinessClosing.objects.filter(pk=closing.pk).update(
            rows=F("rows") + gone, enqueued_at=Now()
        )
    return int(gone)


def end(closing: BusinessClosing) -> None:
    """Nothing of the business is left."""
    BusinessClosing.objects.filter(pk=closing.pk).update(ended_at=Now())


def due() -> list[int]:
    """Take those to enqueue: asked for, lost, or waiting for an account to be unlinked. Returns their keys."""
    lost = BusinessClosing.objects.filter(ended_at=None, enqueued_at__lt=Now() - LOST)
    ids = list(lost.values_list("pk", flat=True))
    BusinessClosing.objects.filter(pk__in=ids).update(enqueued_at=Now())
    return ids
