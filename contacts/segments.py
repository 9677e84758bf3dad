"""Who a campaign may reach: subscribed contacts of one topic, narrowed by a saved filter."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from blu.accounts.models import Business
from blu.lib.kept import kept
from contacts.models import Contact, Segment, State, Subscription, Topic

# How long a count is shown without counting again, at least, and how many times as long as it took.
SECONDS = 20
FACTOR = 600


def audience(
    *, business: Business, topic: Topic, segment: Segment | None = None
) -> QuerySet[Contact]:
    """The contacts of a business subscribed to a topic now, those of the segment where one is given."""
    subscribed = Contact.objects.filter(
        business=business, subscriptions__topic=topic, subscriptions__state=State.GRANTED
    )
    return narrow(subscribed, segment.filter) if segment else subscribed


def narrow(contacts: QuerySet[Contact], conditions: Mapping[str, Any]) -> QuerySet[Contact]:
    """Keep the contacts that have every tag and every attribute of a segment's filter."""
    if tags := conditions.get("tags"):
        contacts = contacts.filter(tags__contains=list(tags))
    if attributes := conditions.get("attributes"):
        contacts = contacts.filter(attributes__contains=dict(attributes))
    return contacts


def count(*, business: Business, topic: Topic, segment: Segment | None = None) -> int:
    """How many people an audience has, some seconds old at most where counting is quick."""
    conditions = segment.filter if segment else {}
    written = json.dumps(conditions, sort_keys=True).encode()
    memory = f"audience:{business.pk}:{topic.pk}:{hashlib.sha256(written).hexdigest()}"
    return kept(
        memory, lambda: _count(business, topic, segment, conditions), least=SECONDS, factor=FACTOR
    )


def _count(
    business: Business, topic: Topic, segment: Segment | None, conditions: Mapping[str, Any]
) -> int:
    """Without a filter the index of granted subscriptions knows it alone."""
    if not any(conditions.values()):
        granted = Subscription.objects.filter(topic=topic, state=State.GRANTED)
        return granted.filter(business=business).count()
    return audience(business=business, topic=topic, segment=segment).count()
