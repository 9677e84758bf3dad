"""What was written to and by one person lately, as a chat."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.utils import timezone
from django.utils.text import capfirst

from blu.web import dates
from campaigns.messages import content, variables
from campaigns.models import Delivery, Reply

# Replies of one person that are shown; whoever needs more opens the chat.
SHOWN = 50


class ChatMessage(NamedTuple):
    """One message: theirs, or ours with its footer and ticks; `day` where a new one begins."""

    at: datetime
    text: str
    out: bool = False
    footer: str = ""
    status: str = ""
    day: str = ""
    edited_from: Sequence[str] = ()


def conversation_of(reply: Reply, most: int = SHOWN) -> list[ChatMessage]:
    """The last replies of the person who wrote this one, and what they answered, the oldest first."""
    theirs = Reply.objects.filter(business=reply.business_id, person=reply.person)
    rows = list(theirs.select_related("delivery__campaign").order_by("-pk")[:most])
    if reply not in rows:
        rows.append(reply)
    sent = {row.delivery.pk: row.delivery for row in rows if row.delivery}
    said = [
        *map(_ours, sent.values()),
        *(ChatMessage(row.at, row.shown, edited_from=row.edits_shown) for row in rows),
    ]
    return _by_day(sorted(said, key=lambda one: (one.at, not one.out)))


def _ours(delivery: Delivery) -> ChatMessage:
    campaign = delivery.campaign
    text = variables.render(campaign.body, content.with_link(delivery.variables)).strip()
    at = delivery.sent_at or delivery.queued_at
    return ChatMessage(at, text, out=True, footer=campaign.footer, status=delivery.status)


def _by_day(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    last = None
    told = []
    for one in messages:
        day = timezone.localdate(one.at)
        told.append(one if day == last else one._replace(day=capfirst(dates.day(one.at))))
        last = day
    return told
