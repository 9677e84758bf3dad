"""A request becomes a consent: by a message of the person's own that holds its code, or by a code that we sent."""

import re
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from blu.accounts.models import Business
from blu.accounts.refused import Refused
from blu.text import phone as phones
from blu.text.fold import fold
from blu.text.phone import Phone
from contacts import consent, evidence
from contacts.models import Contact, OptIn, OptInText, Source
from contacts.models.opt_ins import CODE_LENGTH, PAGE_CODE_LENGTH, TRIES, TYPED_VALID
from contacts.optin.refusals import OptInRefusal
from contacts.people.services import NumberTaken, add_contact

_CODE = re.compile(
    rf"\b(?:codigo|code)\W{{0,3}}([a-z2-9]{{{CODE_LENGTH}}}|[a-z2-9]{{{PAGE_CODE_LENGTH}}})\b"
)
# WhatsApp tells minutes, and clocks differ.
_SLACK = timedelta(minutes=2)


class Awaited(NamedTuple):
    """What a code in a message stands for: a page, and of one person's code their request."""

    text: OptInText
    request: OptIn | None

    def is_of(self, number: str) -> bool:
        """Whether it may come from this number (E.164): a request was made for one, a poster hangs for all."""
        if self.request is None:
            return True
        return phones.with_ninth_digit(self.request.phone) == phones.with_ninth_digit(number)


def awaited_in(business_id: int, words: str, at: datetime) -> Awaited | None:
    """What a message of that time agrees to; None for one without a code, or with one that holds no more."""
    found = _CODE.search(fold(words))
    if found is None:
        return None
    code = found[1].upper()
    if len(code) == PAGE_CODE_LENGTH:
        texts = OptInText.objects.select_related("topic", "business", "wording")
        text = texts.filter(business=business_id, code=code, closed_at=None).first()
        return Awaited(text, None) if text else None
    requests = OptIn.objects.select_related("text__topic", "text__business", "text__wording")
    request = requests.filter(business=business_id, code=code).first()
    if request is None or not request.asked_at - _SLACK <= at <= request.ends_at + _SLACK:
        return None
    return Awaited(request.text, request)


def note_other_number(request: OptIn) -> None:
    """The code came from another number than the one that was typed: its page says so."""
    OptIn.objects.filter(pk=request.pk, confirmed_at=None).update(from_other_at=Now())


def note_hidden(request: OptIn) -> None:
    """The code came from somebody whose number WhatsApp doesn't show: the page asks for a code."""
    OptIn.objects.filter(pk=request.pk, confirmed_at=None).update(hidden_at=Now())


def contact_of(business: Business, phone: str, name: str) -> Contact:
    """The contact with a number (E.164), made where there is none; a name is only given to who has none."""
    theirs = Contact.objects.filter(business=business, phone__in=phones.forms(phone))
    found = theirs.order_by(F("replaced_by_id").asc(nulls_first=True), "pk").first()
    if found is None:
        try:
            return add_contact(
                business=business,
                phone=Phone(phones.with_ninth_digit(phone)),
                name=name,
                by_the_person=True,
            )
        except NumberTaken as taken:
            found = taken.holder
    if name and not found.name:
        found.name = name
        found.save(update_fields=["name"])
    return found


def by_message(*, awaited: Awaited, contact: Contact, message_id: str) -> bool:
    """The person wrote it; returns whether they hadn't agreed already.

    For use in a transaction that has lifted their stop. Raises consent.Replaced where the number was corrected.
    """
    return _confirm(
        awaited.text, awaited.request, contact, Source.WHATSAPP, evidence.message(message_id)
    )


def by_typed_code(request: OptIn, typed: str) -> None:
    """The person typed what we sent to the number; Refused, and counted, where it is another code."""
    # Counted before it is compared: guesses at the same moment are counted as well.
    counted = OptIn.objects.filter(
        pk=request.pk, confirmed_at=None, tries__lt=TRIES, code_asked_at__gt=Now() - TYPED_VALID
    ).update(tries=F("tries") + 1)
    if not counted:
        if OptIn.objects.filter(pk=request.pk, confirmed_at__isnull=False).exists():
            return  # another device was quicker
        raise Refused(OptInRefusal.CODE_OVER)
    sent = OptIn.objects.values_list("typed_code", flat=True).get(pk=request.pk)
    if not secrets.compare_digest(sent, re.sub(r"[^0-9]", "", typed) or "-"):
        raise Refused(OptInRefusal.CODE_WRONG)
    try:
        with transaction.atomic():
            contact = contact_of(request.business, request.phone, request.name)
            _confirm(request.text, request, contact, Source.FORM, evidence.typed_code(request.pk))
    except (consent.Refused, consent.Replaced) as refused:
        raise Refused(OptInRefusal.NOT_NOW) from refused


def _confirm(
    text: OptInText,
    request: OptIn | None,
    contact: Contact,
    source: str,
    proof: evidence.Evidence,
) -> bool:
    """The contact before the request, and this before the subscription, whichever way it is confirmed."""
    Contact.objects.select_for_update(no_key=True).get(pk=contact.pk)
    if request:
        OptIn.objects.filter(pk=request.pk, confirmed_at=None).update(confirmed_at=Now())
    return consent.grant(
        contact=contact, topic=text.topic, source=source, wording=text.wording, evidence=proof
    )
