"""Adding, finding and lifting stops: who receives nothing, also after another import of their number."""

import hashlib
import hmac
from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from blu.accounts.models import User
from blu.text import phone as phones
from contacts.evidence import NOTHING, Evidence
from contacts.models import Stop
from contacts.models.stops import number_key
from contacts.models.stops import standing as in_sql

# A stop with an end becomes one without, or with a later one; nothing makes it shorter.
_KEEP = """
INSERT INTO contacts_stop AS stop (business_id, key, why, source, evidence_kind, evidence_ref, actor_id, until)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (business_id, key) WHERE lifted_at IS NULL
DO UPDATE SET until = CASE WHEN EXCLUDED.until IS NOT NULL THEN greatest(stop.until, EXCLUDED.until) END
 WHERE stop.until IS NOT NULL
RETURNING xmax = 0
"""


# Both are looked up number by number: a list may have a million.
_ASKED_TO_LEAVE = f"""
SELECT count(*) FROM unnest(%(phones)s::text[]) listed(phone)
 WHERE {in_sql("%(business)s", f"ARRAY[{number_key('listed.phone')}]")}
    OR (SELECT bool_or(s.by_contact) FROM contacts_contact c JOIN contacts_subscription s ON s.contact_id = c.id
         WHERE c.business_id = %(business)s AND c.phone = listed.phone)
"""
_ERASURES = 0x45524153  # "ERAS"
# Whoever makes contacts waits for an erasure under way, and it for them; they don't wait for each other.
_COME_BACK = "SELECT public.erased_came_back(%s, %s, %s)"
_LIFT_BY_PAGE = "SELECT public.lift_by_page(%s)"
_MAKES_CONTACTS = "SELECT pg_advisory_xact_lock_shared(%s, %s)"


def key_of(phone: str) -> str:
    """The key of a number (E.164)."""
    return phones.with_ninth_digit(phone)


def hashed(business_id: int, person: str) -> str:
    """By what a person who was erased is known again, in one business: their number, or `lid:…` or `@name`.

    Keyed by the environment: who has the database alone can't try all numbers.
    """
    if not settings.ERASURE_KEY:
        raise ImproperlyConfigured("BLU_ERASURE_KEY is not set for this process")
    said = f"{business_id}:{key_of(person)}".encode()
    return hmac.new(settings.ERASURE_KEY.encode(), said, hashlib.sha256).hexdigest()


def keys_of_number(business_id: int, phone: str) -> list[str]:
    """Every key under which a stop of a number may stand: its own, and that of who was erased."""
    return [key_of(phone), f"hash:{hashed(business_id, phone)}"]


def make_contacts(business_id: int) -> None:
    """Until the end of the transaction nobody is erased whose contact is being made here."""
    with connection.cursor() as cursor:
        cursor.execute(_MAKES_CONTACTS, (_ERASURES, business_id))


def erased(business_id: int, people: Iterable[str], *, since: datetime | None = None) -> set[str]:
    """Those of the people (a number, `lid:…` or `@name` each) who were erased and have not come back by themselves.

    `since`: of these, only who was erased after that moment.
    """
    rows = Stop.objects.filter(business=business_id, why=Stop.Why.ERASED, lifted_at=None)
    if since is not None:
        rows = rows.filter(at__gt=since)
    if not rows.exists():
        return set()
    keys = {f"hash:{hashed(business_id, person)}": person for person in people}
    return {keys[key] for key in rows.filter(key__in=keys).values_list("key", flat=True)}


@transaction.atomic
def keep(
    *,
    business_id: int,
    keys: Iterable[str],
    source: str,
    why: str = Stop.Why.ASKED,
    evidence: Evidence = NOTHING,
    actor: User | None = None,
    until: datetime | None = None,
) -> bool:
    """Add a stop for each of the keys. Returns True where one of them had none.

    `actor` None means the person asked. Subscriptions are locked before this, as a claim locks them.
    """
    what = (why, source, evidence.kind, evidence.reference, actor.pk if actor else None, until)
    with connection.cursor() as cursor:
        new = []
        for key in sorted(set(keys)):
            cursor.execute(_KEEP, (business_id, key, *what))
            new.append(cursor.fetchone() == (True,))
    return any(new)


def lift(*, business_id: int, keys: Iterable[str], reference: str) -> int:
    """The person came back: `reference` is WhatsApp's id of the message in which they said so. Returns the number of
    stops lifted.
    """
    stops = Stop.objects.filter(business=business_id, key__in=set(keys), lifted_at=None)
    return stops.update(lifted_at=Now(), lifted_ref=reference)


def lift_by_page(change_id: int) -> int:
    """The same by a change on the person's own page (contacts.PreferenceChange); other keys of their chats follow.

    Pages may update no stop: a function of the database does, by such a change alone.
    """
    with connection.cursor() as cursor:
        cursor.execute(_LIFT_BY_PAGE, (change_id,))
        return int(cursor.fetchone()[0])


def come_back(*, business_id: int, person: str, consent_id: int) -> None:
    """Who was erased agrees to something themselves, in that consent: they may be made a contact again."""
    if erased(business_id, [person]):
        with connection.cursor() as cursor:
            cursor.execute(_COME_BACK, (business_id, hashed(business_id, person), consent_id))


def standing(business_id: int, keys: Iterable[str]) -> QuerySet[Stop]:
    """The stops that stand now for any of the keys."""
    now = Q(until=None) | Q(until__gt=Now())
    return Stop.objects.filter(now, business=business_id, key__in=set(keys), lifted_at=None)


def of_number(business_id: int, phone: str) -> Stop | None:
    """The stop that stands for a number (E.164)."""
    return standing(business_id, [key_of(phone)]).first()


def asked_to_leave(business_id: int, phones: Iterable[str]) -> int:
    """How many of these numbers (E.164) are of people who asked to receive nothing, or left a topic."""
    numbers = list(phones)
    with connection.cursor() as cursor:
        cursor.execute(_ASKED_TO_LEAVE, {"business": business_id, "phones": numbers})
        return int(cursor.fetchone()[0]) + len(erased(business_id, numbers))
