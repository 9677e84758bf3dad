"""Adding and changing one contact by hand."""

import datetime
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils import timezone

from blu.accounts.models import Business
from blu.lib.phone import Phone
from contacts.models import Contact


@transaction.atomic
def save_contact(
    *,
    business: Business,
    phone: Phone,
    name: str,
    birth_date: datetime.date | None = None,
    tags: Iterable[str] = (),
    attributes: Mapping[str, str] | None = None,
    contact: Contact | None = None,
) -> Contact:
    """Create a contact, or change the one given. IntegrityError when another has the number."""
    contact = contact or Contact(business=business)
    contact.phone = phone.e164
    contact.flags = list(phone.flags)
    contact.name = name
    contact.birth_date = birth_date
    contact.tags = list(dict.fromkeys(tags))
    if attributes is not None:
        contact.attributes = dict(attributes)
    contact.updated_at = timezone.now()
    contact.save()
    return contact
