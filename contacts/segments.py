"""Audiences: a topic's subscribers, narrowed by a segment's saved filter.

A filter is {"tags": ["vip"], "attributes": {"plano": "Família"}}; everything in it must hold. It
holds no people: who is in it is asked anew each time.
"""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from blu.accounts.models import Business
from contacts.models import Contact, Segment, State, Subscription, Topic


def audience(*, business: Business, topic: Topic, segment: Segment | None = None) -> QuerySet[Contact]:
    """The contacts of a business subscribed to `topic` now, within `segment` where one is given."""
    granted = Subscription.objects.filter(contact=OuterRef("pk"), topic=topic, state=State.GRANTED)
    contacts = Contact.objects.filter(Exists(granted), business=business)
    return matching(contacts, segment.filter) if segment else contacts


def matching(contacts: QuerySet[Contact], wanted: dict[str, Any]) -> QuerySet[Contact]:
    """Those of `contacts` for whom all of a filter holds."""
    if wanted.get("tags"):
        contacts = contacts.filter(tags__contains=wanted["tags"])
    if wanted.get("attributes"):
        contacts = contacts.filter(attributes__contains=wanted["attributes"])
    return contacts
