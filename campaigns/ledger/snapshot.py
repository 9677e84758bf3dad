"""Launch's second half: the audience, frozen into the ledger by one idempotent statement."""

from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from campaigns.lifecycle import move
from campaigns.limits import restricted
from campaigns.messages import merge_fields
from campaigns.models import Campaign, Delivery
from contacts import segments
from contacts.models import Contact
from sessions.driving import link_updates

# Contacts of the audience that have written to this session's number go first.
_WARM = """
EXISTS (SELECT 1 FROM wa_sessions_chat chat
         WHERE chat.session_id = %s AND chat.phone = contacts_contact.phone
           AND chat.warm_at IS NOT NULL)
"""

_COLUMNS = "contact_id, phone, variables, warm, business_id, campaign_id, session_id"
_DEFAULTS = {
    "status": "'queued'",
    "reason": "''",
    "message_id": "''",
    "attempts": "0",
}


def take(campaign_id: int) -> int:
    """Freeze a launching campaign's audience and let it run. Returns the number of recipients.

    Repeating it, whole or after a kill, adds nobody twice: the statement skips who is there and the
    status moves only from launching.
    """
    with transaction.atomic():
        campaign = (
            Campaign.objects.select_for_update(of=("self",))
            .select_related("topic", "segment", "business")
            .filter(pk=campaign_id, status=Campaign.Status.LAUNCHING)
            .first()
        )
        if campaign is None:
            return 0
        insert(campaign)
        recipients = Delivery.objects.filter(campaign=campaign).count()
        launching = Campaign.objects.filter(pk=campaign.pk, status=Campaign.Status.LAUNCHING)
        move(launching, Campaign.Status.RUNNING, recipients=recipients)
        link_updates.wake(campaign.session_id)
    return recipients


def insert(campaign: Campaign) -> int:
    """The one INSERT … SELECT. Returns the number of rows added."""
    sql, params = statement(campaign)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return int(cursor.rowcount)


def statement(campaign: Campaign) -> tuple[str, tuple[Any, ...]]:
    """The launch's SQL and its parameters (the bench runs the same one without triggers).

    All rows are queued at the campaign's launch, the same moment whoever repeats it and when: the ledger
    can be partitioned by it (docs/decisions/0037).
    """
    select, params = _frozen(campaign).query.sql_with_params()
    constants = ", ".join(_DEFAULTS.values())
    sql = (
        f"INSERT INTO campaigns_delivery ({_COLUMNS}, {', '.join(_DEFAULTS)}, not_before, queued_at)"
        f" SELECT audience.*, %s, %s, %s, {constants},"
        f" statement_timestamp(), %s::timestamptz FROM ({select}) audience"
        " ON CONFLICT (campaign_id, contact_id) DO NOTHING"
    )
    own = (campaign.business_id, campaign.pk, campaign.session_id, campaign.launched_at)
    return sql, (*own, *params)


def _frozen(campaign: Campaign) -> QuerySet[Contact, tuple[object, ...]]:
    """The audience with exactly the columns that the ledger keeps of it."""
    assert campaign.topic is not None
    audience = segments.audience(
        business=campaign.business, topic=campaign.topic, segment=campaign.segment
    )
    if restricted.others(campaign.business_id, campaign.session_id):
        audience = restricted.without(audience, campaign.business_id, campaign.session_id)
    used = merge_fields.used(campaign.business, campaign.body)
    return (
        audience.annotate(
            frozen=merge_fields.frozen(used), is_warm=RawSQL(_WARM, (campaign.session_id,))
        )
        .order_by("pk")
        .values_list("pk", "phone", "frozen", "is_warm")
    )
