"""Adding and changing one contact by hand, and going on under a corrected number."""

import datetime
from collections.abc import Iterable, Mapping

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from blu.accounts.models import Business, User
from blu.text.phone import Phone
from contacts import consent, stops
from contacts.evidence import note, number
from contacts.models import Contact, Source


class NumberTaken(Exception):
    """Another contact of the business, `holder`, has the number."""

    def __init__(self, holder: Contact) -> None:
        super().__init__(holder.pk)
        self.holder = holder


class Erased(Exception):
    """The person of this number asked that their data be erased, and has not come back by themselves."""


@transaction.atomic
def add_contact(
    *,
    business: Business,
    phone: Phone,
    name: str,
    birth_date: datetime.date | None = None,
    tags: Iterable[str] = (),
    attributes: Mapping[str, str] | None = None,
    by_the_person: bool = False,
) -> Contact:
    """A new contact; raises NumberTaken where another one has the number, and Erased.

    `by_the_person` says that they sign up themselves, as who was erased may.
    """
    if by_the_person:
        stops.make_contacts(business.pk)
    else:
        _refuse_erased(business.pk, phone.e164)
    contact = Contact(business=business, phone=phone.e164, flags=list(phone.flags))
    contact.attributes = dict(attributes or {})
    return _saved(contact, name=name, birth_date=birth_date, tags=tags)


def change_contact(
    *,
    contact: Contact,
    name: str,
    birth_date: datetime.date | None,
    tags: Iterable[str],
    attributes: Mapping[str, str],
) -> Contact:
    """Change what is known of a contact; never the number, on which consents and sendings stand."""
    contact.attributes = dict(attributes)
    return _saved(contact, name=name, birth_date=birth_date, tags=tags)


@transaction.atomic
def correct_number(*, contact: Contact, phone: Phone, actor: User) -> Contact:
    """Correct a contact's number. Returns its successor: a contact with the same data and no consent.

    What stood for the old number is revoked, with who corrected it; its history and its stops stay
    where they are. A person who had the new number before gets that contact back. Raises NumberTaken
    where another person has it, and Erased.
    """
    _refuse_erased(contact.business_id, phone.e164)
    rows = Contact.objects.select_for_update().filter(
        Q(pk=contact.pk) | Q(phone=phone.e164), business=contact.business_id
    )
    found = {row.pk: row for row in rows.order_by("pk")}
    old = found.pop(contact.pk)
    if old.replaced_by:  # a second click, or a second person
        if old.replaced_by.phone == phone.e164:
            return old.replaced_by
        raise NumberTaken(old.replaced_by)
    successor = next(iter(found.values()), None)
    if successor and not _becomes(successor, old):
        raise NumberTaken(successor)
    successor = successor or Contact(business_id=old.business_id, phone=phone.e164)
    successor.flags, successor.attributes = list(phone.flags), dict(old.attributes)
    successor.replaced_by = None
    _saved(successor, name=old.name, birth_date=old.birth_date, tags=old.tags)
    consent.revoke_all(
        contact=old, source=Source.NUMBER, actor=actor, evidence=number(successor.phone)
    )
    old.replaced_by, old.updated_at = successor, timezone.now()
    old.save(update_fields=["replaced_by", "updated_at"])
    return successor


def _refuse_erased(business_id: int, phone: str) -> None:
    """For use in the transaction that makes the contact."""
    stops.make_contacts(business_id)
    if stops.erased(business_id, [phone]):
        raise Erased


@transaction.atomic
def note_stop(*, contact: Contact, actor: User, said: str = "") -> bool:
    """A member writes down that the person asked to receive nothing: it is the person's word, with who heard it.

    Only the person lifts it. `said`: where and how. False where a stop stands already.
    """
    proof = note(said)
    consent.revoke_all(contact=contact, source=Source.MEMBER, evidence=proof)
    return stops.keep(
        business_id=contact.business_id,
        keys=[stops.key_of(contact.phone)],
        source=Source.MEMBER,
        evidence=proof,
        actor=actor,
    )


def _becomes(earlier: Contact | None, contact: Contact) -> bool:
    """Whether `earlier` was replaced, directly or in several steps, by `contact`."""
    while earlier and earlier != contact:
        earlier = earlier.replaced_by
    return earlier is not None


def _saved(
    contact: Contact, *, name: str, birth_date: datetime.date | None, tags: Iterable[str]
) -> Contact:
    contact.name, contact.birth_date = name, birth_date
    contact.tags = list(dict.fromkeys(tags))
    contact.updated_at = timezone.now()
    try:
        with transaction.atomic():
            contact.save()
    except IntegrityError:
        holder = Contact.objects.filter(business=contact.business_id, phone=contact.phone)
        if taken := holder.exclude(pk=contact.pk).first():
            raise NumberTaken(taken) from None
        raise
    return contact
