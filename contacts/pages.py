"""Contacts of one business: searched, filtered, and cut into keyset pages."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from blu.accounts.models import Business
from blu.db.bounded_lookup import keys_if_few
from blu.db.cached_by_cost import pages
from blu.db.keyset import PAGE, Page, keyset
from contacts import sampling, search, segments
from contacts.models import Contact, Segment, State, Subscription, Topic

# Tags and attributes offered in forms are those of this many newest contacts.
_NEWEST = 5_000
_REMEMBERED = 60


def of_business(business: Business) -> QuerySet[Contact]:
    """The contacts of a business, newest first, without the search words."""
    return Contact.objects.filter(business=business).defer("search").order_by("-id")


def matching(
    *,
    business: Business,
    text: str = "",
    topic: Topic | None = None,
    segment: Segment | None = None,
    tag: str = "",
) -> QuerySet[Contact]:
    """The contacts found by a text (name or phone) and narrowed by whatever else is given.

    Whose number was corrected is only there for who looks for them by a text.

    If one of these finds few, they are looked up first: among a million contacts a rare word or tag
    would else cost a walk past everybody (blu.db.bounded_lookup).
    """
    found, everyone = of_business(business), Contact.objects.filter(business=business)
    narrowings: list[QuerySet[Contact]] = []
    if text:
        found = search.narrow(found, text, business.pk)
        narrowings.append(search.narrow(everyone, text, business.pk))
    else:
        found = found.filter(replaced_by=None)
    if segment:
        found = segments.narrow(found, segment.filter)
        narrowings.append(segments.narrow(everyone, segment.filter))
    if tag:
        found = found.filter(tags__contains=[tag])
        narrowings.append(everyone.filter(tags__contains=[tag]))
    if topic:
        found = found.filter(subscriptions__topic=topic, subscriptions__state=State.GRANTED)
    known = next((keys for one in narrowings if (keys := keys_if_few(one)) is not None), None)
    return found if known is None else found.filter(pk__in=known)


def page(found: QuerySet[Contact], *, before: int = 0, after: int = 0) -> Page[Contact]:
    """Returns the page of contacts that follows key `after`, or precedes key `before`, newest first."""
    granted = Subscription.objects.filter(state=State.GRANTED).select_related("topic")
    left = Subscription.objects.filter(state=State.REVOKED).order_by("-by_contact")
    found = found.prefetch_related(
        Prefetch("subscriptions", granted, to_attr="granted"),
        Prefetch("subscriptions", left, to_attr="left"),
    )
    return keyset(found, "pk", before=before, after=after, newest_first=True, size=PAGE)


def known_tags(business: Business) -> list[str]:
    """The tags of the newest contacts, the commonest first."""
    return [str(tag) for (tag,) in _newest(business, "tags", _TAGS)]


def known_attributes(business: Business) -> tuple[list[str], list[tuple[str, str]]]:
    """The attributes of the newest contacts, and (attribute, value) of those worth to choose from.

    At most 50 values of each, the commonest first; none of attributes whose values all differ, like a
    remark, and no long texts.
    """
    rows = _newest(business, "values", _ATTRIBUTES)
    names = sorted({str(name) for name, _value, _listed in rows})
    pairs = [(str(name), str(value)) for name, value, listed in rows if listed]
    return names, sorted(pairs, key=lambda pair: pair[0])


_TAGS = """
SELECT tag FROM contacts_contact, unnest(tags) tag
 GROUP BY tag ORDER BY count(*) DESC, tag LIMIT 100
"""
# Where there are too many columns, each keeps its commonest values.
_ATTRIBUTES = """
, valued AS (
  SELECT key, value, count(*) AS people
    FROM contacts_contact, jsonb_each_text(attributes)
   GROUP BY key, value
), placed AS (
  SELECT key, value,
         row_number() OVER (PARTITION BY key ORDER BY people DESC, value) AS place,
         count(*) OVER (PARTITION BY key) <= 50 OR max(people) OVER (PARTITION BY key) > 1 AS shared
    FROM valued
)
SELECT key, value, shared AND length(value) <= 60 FROM placed
 WHERE place = 1 OR (place <= 50 AND shared) ORDER BY place, key LIMIT 200
"""


def forget(business: Business) -> None:
    """Remember no tag and no datum of a business any more: they may be of somebody who was erased."""
    pages.delete_many([_memory(business, what) for what in ("tags", "values")])


def _memory(business: Business, what: str) -> str:
    return f"contacts-{what}:{business.pk}"


def _newest(business: Business, what: str, query: str) -> list[tuple[Any, ...]]:
    memory = _memory(business, what)
    known: list[tuple[Any, ...]] | None = pages.get(memory)
    if known is None:
        everyone = Contact.objects.filter(business=business)
        known = sampling.fetch(everyone, _NEWEST, query, newest=True)
        pages.set(memory, known, _REMEMBERED)
    return known
