"""Who a campaign may reach: subscribed contacts of one topic, narrowed by a saved filter."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Count, QuerySet

from blu.accounts.models import Business
from blu.db.bounded_lookup import count_up_to
from blu.db.cached_by_cost import get_or_make, pages
from contacts.models import Contact, Segment, State, Subscription, Topic

# How long a count is shown without counting again, at least, and how many times as long as it took.
SECONDS = 20
FACTOR = 600
# Up to this many people a count is quick enough to make while a page waits for it.
SMALL = 10_000


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
    name = memory(business, topic, segment)
    return get_or_make(name, lambda: _count(business, topic, segment), least=SECONDS, factor=FACTOR)


def at_hand(*, business: Business, topic: Topic, segment: Segment | None = None) -> int | None:
    """The same count, if cached or quick to make; None where very many people would be counted."""
    name = memory(business, topic, segment)
    known: int | None = pages.get(name)
    if known is not None:
        return known
    # A page asks several times; whether it is small is no matter of seconds.
    small = get_or_make(
        f"{name}:small",
        lambda: _is_small(business, topic, segment),
        least=SECONDS,
        factor=FACTOR,
    )
    return count(business=business, topic=topic, segment=segment) if small else None


def of_each_topic(
    *, business: Business, segment: Segment | None = None, patient: bool
) -> list[tuple[Topic, int | None]]:
    """Every topic of a business, by name, with how many people it reaches.

    One count for all topics together, some seconds old at most where counting is quick. None where it
    isn't known and very many would be counted, unless the reader is `patient`.
    """
    topics = list(Topic.objects.filter(business=business).order_by("name"))
    name = f"audiences:{business.pk}:{_digest(segment)}"
    known: dict[int, int] | None = pages.get(name)
    if known is None and (patient or _all_are_small(business, topics, segment)):
        known = get_or_make(name, lambda: _counts(business, segment), least=SECONDS, factor=FACTOR)
    return [(topic, None if known is None else known.get(topic.pk, 0)) for topic in topics]


def memory(business: Business, topic: Topic, segment: Segment | None) -> str:
    """The cache's name of an audience's size, the same in every process."""
    return f"audience:{business.pk}:{topic.pk}:{_digest(segment)}"


def _digest(segment: Segment | None) -> str:
    written = json.dumps(segment.filter if segment else {}, sort_keys=True).encode()
    return hashlib.sha256(written).hexdigest()


def _counts(business: Business, segment: Segment | None) -> dict[int, int]:
    """How many people each topic reaches, by its key; topics without anybody are absent."""
    granted = Subscription.objects.filter(topic__business=business, state=State.GRANTED)
    if segment is not None and _is_narrow(segment):
        inside = narrow(Contact.objects.filter(business=business), segment.filter)
        granted = granted.filter(contact__in=inside)
    return dict(granted.order_by().values_list("topic").annotate(Count("pk")))


def _all_are_small(business: Business, topics: Sequence[Topic], segment: Segment | None) -> bool:
    """Whether few subscribed to all topics together, or few are in the segment."""
    granted = Subscription.objects.filter(topic__in=topics, state=State.GRANTED)
    if count_up_to(granted, SMALL) is not None:
        return True
    if segment is None or not _is_narrow(segment):
        return False
    inside = narrow(Contact.objects.filter(business=business), segment.filter)
    return count_up_to(inside, SMALL) is not None


def _count(business: Business, topic: Topic, segment: Segment | None) -> int:
    if _is_narrow(segment):
        return audience(business=business, topic=topic, segment=segment).count()
    return _granted(business, topic).count()


def _is_small(business: Business, topic: Topic, segment: Segment | None) -> bool:
    """Whether few subscribed to the topic, or few are in the segment."""
    if count_up_to(_granted(business, topic), SMALL) is not None:
        return True
    if segment is None or not _is_narrow(segment):
        return False
    inside = narrow(Contact.objects.filter(business=business), segment.filter)
    return count_up_to(inside, SMALL) is not None


def _is_narrow(segment: Segment | None) -> bool:
    """Whether a segment has conditions; without any an index answers alone."""
    return segment is not None and any(segment.filter.values())


def _granted(business: Business, topic: Topic) -> QuerySet[Subscription]:
    """The granted subscriptions of a topic, by the index alone: the topic implies the business."""
    if topic.business_id != business.pk:
        return Subscription.objects.none()
    return Subscription.objects.filter(topic=topic, state=State.GRANTED)
