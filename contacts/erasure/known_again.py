"""Who was erased while WhatsApp hid their number, and is met again: by that key, or with a number beside it."""

from collections.abc import Iterable

from blu.text import phone as phones
from contacts import stops
from contacts.models import Consent, Source, State, Stop


def bars(*, business_id: int, phone: str, keys: Iterable[str]) -> bool:
    """Whether nothing may go to a number, since the person of these keys (`lid:…`, `@name`) was erased.

    Its stop is kept then, so that every gate says so from now on. Not where they agreed themselves meanwhile.
    """
    asked = stops.erased(business_id, keys)
    if not asked:
        return False
    agreed = _agreed_to(business_id, phone)
    for key in asked if agreed else ():
        stops.come_back(business_id=business_id, person=key, consent_id=agreed)
    if not stops.erased(business_id, asked):
        return False
    stops.keep(
        business_id=business_id,
        keys=[stops.key_of(phone)],
        why=Stop.Why.ERASED,
        source=Source.WHATSAPP,
    )
    return True


def _agreed_to(business_id: int, phone: str) -> int:
    """The newest consent that the number's holder gave by themselves; the database compares its time."""
    given = Consent.objects.filter(
        business=business_id,
        contact__phone__in=phones.forms(phone),
        state=State.GRANTED,
        actor=None,
        source_import=None,
    )
    return given.order_by("-pk").values_list("pk", flat=True).first() or 0
