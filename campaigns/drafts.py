"""Campaigns before their launch: begun with what there is no choice about, saved while they are drafts."""

from datetime import timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone

from blu.accounts.models import Business, User
from campaigns.models import Campaign
from contacts.models import Topic
from sessions.models import WhatsAppSession

_CLICKS_WITHIN = timedelta(minutes=1)

Row = TypeVar("Row", bound=Model)


@transaction.atomic
def begin(*, business: Business, actor: User, name: str, body: str = "") -> Campaign:
    """A new draft; topic and WhatsApp are already chosen where the business has only one.

    A click more on the same button finds the draft that the first one began.
    """
    # One at a time for each person, or two clicks at once would not see each other's draft.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    just_begun = _just_begun(business, actor).filter(name=name, body=body).first()
    if just_begun:
        return just_begun
    linked = WhatsAppSession.objects.filter(business=business, linked_at__isnull=False)
    return Campaign.objects.create(
        business=business,
        created_by=actor,
        name=name,
        body=body,
        topic=_only(Topic.objects.filter(business=business)),
        session=_only(linked),
    )


def save(*, campaign: Campaign, values: dict[str, Any]) -> bool:
    """Write `values` into a draft; False when somebody launched or cancelled it meanwhile."""
    drafts = Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.DRAFT)
    saved = drafts.update(**values, updated_at=timezone.now())
    campaign.refresh_from_db()
    return bool(saved)


def _just_begun(business: Business, actor: User) -> QuerySet[Campaign]:
    since = timezone.now() - _CLICKS_WITHIN
    mine = Campaign.objects.filter(business=business, created_by=actor, created_at__gt=since)
    return mine.filter(status=Campaign.Status.DRAFT).order_by("-id")


def _only(rows: QuerySet[Row]) -> Row | None:
    """The single row there is; None where there is a choice, or nothing."""
    found = list(rows[:2])
    return found[0] if len(found) == 1 else None
