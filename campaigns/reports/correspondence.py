"""What went to a person and what came back, for the person: settings.CORRESPONDENCE (contacts.preferences.my_data)."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from campaigns.messages import content
from campaigns.models import Delivery, Notice, Reply
from campaigns.models.notice_rules import CODES
from contacts.models import Contact


def with_contact(contact: Contact, most: int) -> dict[str, Iterator[Mapping[str, Any]]]:
    """The messages that may have left for them, and their replies; the newest, at most so many of each."""
    return {
        "messages": _messages(contact, most),
        "notices": _notices(contact, most),
        "replies": _replies(contact, most),
    }


def _messages(contact: Contact, most: int) -> Iterator[Mapping[str, Any]]:
    rows = Delivery.objects.filter(contact=contact).exclude(sending_at=None)
    for row in rows.select_related("campaign__business").order_by("-id")[:most]:
        yield {
            "at": row.sent_at or row.sending_at,
            "status": row.status,
            "text": content.text_for(row),
        }


def _notices(contact: Contact, most: int) -> Iterator[Mapping[str, Any]]:
    rows = Notice.objects.filter(business=contact.business_id, phone=contact.phone)
    for row in rows.exclude(sending_at=None).order_by("-id")[:most]:
        # Whoever has the link of this page would confirm in their name: the team can open it too.
        text = _("Um código, que só o aparelho mostra.") if row.kind in CODES else row.text
        yield {"at": row.sent_at or row.sending_at, "status": row.status, "text": text}


def _replies(contact: Contact, most: int) -> Iterator[Mapping[str, Any]]:
    for row in Reply.objects.filter(contact=contact).order_by("-id")[:most]:
        earlier = [{"at": one.get("at"), "text": one.get("text", "")} for one in row.earlier]
        yield {"at": row.at, "text": row.text, "earlier": earlier}
