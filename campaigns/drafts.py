"""Campaigns before their launch: begun with what there is no choice about, saved while they are drafts."""

from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.utils import timezone

from blu.accounts.models import Business, User
from campaigns.models import Campaign
from contacts.models import Topic
from sessions.models import WhatsAppSession

Row = TypeVar("Row", bound=Model)


def begin(*, business: Business, actor: User, name: str, body: str = "") -> Campaign:
    """A new draft; topic and WhatsApp are already chosen where the business has only one."""
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


def _only(rows: QuerySet[Row]) -> Row | None:
    """The single row there is; None where there is a choice, or nothing."""
    found = list(rows[:2])
    return found[0] if len(found) == 1 else None
