"""The admin's global search, by phone, name or business; and the lists on its first page."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from blu.accounts.models import Business, User
from campaigns.models import Campaign, Delivery, NumberProof
from campaigns.models.campaign_states import UNDER_WAY
from contacts import search as find
from contacts.admin_lists import NEWEST
from contacts.models import Contact
from sessions.models import WhatsAppSession
from sessions.states import AWAY

PEOPLE, EACH, FEW = 20, 5, 10


@dataclass
class Person:
    """A contact and the last things that were sent to them, newest first."""

    contact: Contact
    deliveries: list[Delivery] = field(default_factory=list)


def search(text: str) -> dict[str, Any]:
    """People with their last deliveries, businesses, members and sessions; nothing for no text."""
    text = text.strip()
    if not text:
        return {}
    return {
        "people": people(text),
        "businesses": Business.objects.filter(name__icontains=text).order_by("name")[:FEW],
        "members": User.objects.filter(
            Q(email__icontains=text)
            | Q(name__icontains=text)
            | Q(pk__in=NumberProof.objects.filter(phone__contains=text).values("membership__user"))
        ).order_by("-id")[:FEW],
        "sessions": WhatsAppSession.objects.filter(
            Q(name__icontains=text) | Q(phone__contains=text) | Q(business__name__icontains=text)
        ).select_related("business")[:FEW],
    }


def people(text: str) -> list[Person]:
    """Contacts of all businesses, and why each did or didn't get the last messages."""
    found = [Person(contact) for contact in find.anywhere(text)[:PEOPLE]]
    rows: dict[int, list[Delivery]] = defaultdict(list)
    ids = [person.contact.pk for person in found]
    sent = Delivery.objects.filter(contact_id__in=ids).select_related("campaign")
    for delivery in sent.order_by(NEWEST)[: PEOPLE * EACH]:
        rows[delivery.person.pk].append(delivery)
    for person in found:
        person.deliveries = rows[person.contact.pk][:EACH]
    return found


def sessions_waiting() -> QuerySet[WhatsAppSession]:
    """Sessions that can't send until something happens."""
    waiting = WhatsAppSession.objects.filter(active_link__state__in=AWAY)
    return waiting.select_related("business").order_by("-id")[:FEW]


def campaigns_under_way() -> QuerySet[Campaign]:
    """Campaigns that are being sent or held."""
    going = Campaign.objects.filter(status__in=UNDER_WAY)
    return going.select_related("business", "paused_by").order_by("-id")[:FEW]
