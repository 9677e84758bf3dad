"""Who a draft would reach: how many, who is left out and why, and examples for the preview.

Everything starts from contacts.segments.audience, which holds subscribed people only. Counts are
kept for some seconds; what would have to read every contact looks at some of them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, Expression, IntegerField, OuterRef, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Length
from django.utils import timezone

from blu.accounts.models import Business
from blu.db.bounded_lookup import count_up_to
from blu.db.cached_by_cost import get_or_make, pages
from campaigns.limits import restricted
from campaigns.messages import merge_fields, variables
from campaigns.messages.merge_fields import Variable
from campaigns.models import Delivery
from campaigns.models.ledger_states import Status
from contacts import sampling, segments
from contacts.models import Contact, Segment, State, Subscription, Topic

# For the longest name and for missing data everyone is looked at in an audience of up to WHOLE
# people, and the first SAMPLE of a bigger one: the composer asks after every pause of a hand.
WHOLE, SAMPLE = 10_000, 4_000
# How many of those left out are named, by reason.
NAMED = 5
# Nobody clicks further through a preview; it keeps an address typed by hand from costing much.
FURTHEST = 500


@dataclass(frozen=True)
class Reach:
    """How many people receive a draft, and how many don't, by reason. They add up to all contacts."""

    receive: int
    outside: int
    revoked: int
    never: int

    @property
    def left_out(self) -> int:
        """Everyone who would not receive it."""
        return self.outside + self.revoked + self.never


@dataclass(frozen=True)
class Busy:
    """How many of those who receive it wait for another message already, or had one today."""

    queued: int
    today: int


@dataclass(frozen=True)
class Example:
    """A real person for the preview; `why` says what makes them one of the worst cases."""

    contact: Contact
    data: dict[str, str]
    missing: tuple[Variable, ...] = ()
    longest: bool = False


@dataclass(frozen=True)
class Fallback:
    """A variable of the text: what stands in for it, and in how many people it is missing.

    `missing` is None while no audience is chosen; `of` is None when everyone was looked at.
    """

    key: str
    label: str
    text: str
    missing: int | None = None
    of: int | None = None


def people(business: Business, topic: Topic, segment: Segment | None) -> QuerySet[Contact]:
    """The audience in the order in which the preview walks through it."""
    return segments.audience(business=business, topic=topic, segment=segment).order_by("pk")


def count(business: Business, topic: Topic, segment: Segment | None) -> int:
    """How many people would receive it now, at most some seconds old."""
    return segments.count(business=business, topic=topic, segment=segment)


def at_hand(business: Business, topic: Topic, segment: Segment | None) -> int | None:
    """The same count, if cached or quick to make; None where very many people would have to be counted."""
    return segments.at_hand(business=business, topic=topic, segment=segment)


def is_at_hand(business: Business, topic: Topic, segment: Segment | None) -> bool:
    """Whether a page may wait for `count` and `left_out`."""
    if at_hand(business, topic, segment) is None:
        return False
    everyone = Contact.objects.filter(business=business)
    return pages.get(_everyone(business)) is not None or count_up_to(everyone, WHOLE) is not None


def left_out(business: Business, topic: Topic, segment: Segment | None) -> int:
    """How many of the business's contacts would not receive it, whatever the reason."""
    everyone = _cached(_everyone(business), lambda: _count_everyone(business))
    return max(everyone - count(business, topic, segment), 0)


def reach(business: Business, topic: Topic, segment: Segment | None) -> Reach:
    """Who receives it and who doesn't, by reason."""
    receive = count(business, topic, segment)
    granted = count(business, topic, None)
    revoked = _cached(
        f"revoked:{topic.pk}",
        lambda: _count_revoked(business, topic),
    )
    everyone = receive + left_out(business, topic, segment)
    return Reach(receive, max(granted - receive, 0), revoked, max(everyone - granted - revoked, 0))


def busy(business: Business, topic: Topic, segment: Segment | None, reach: Reach) -> Busy | None:
    """Who hears of us anyway; None where they are too many to look up, or nobody does."""
    if not reach.receive or reach.receive > WHOLE:
        return None
    rows = Delivery.objects.filter(contact=OuterRef("pk"))
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    reached = people(business, topic, segment)
    queued = reached.filter(Exists(rows.filter(status=Status.QUEUED))).count()
    today = reached.filter(Exists(rows.filter(sent_at__gte=midnight))).count()
    return Busy(queued, today) if queued or today else None


def of_restricted(
    business: Business, topic: Topic, segment: Segment | None, session_id: int | None
) -> int:
    """How many of the audience another account talks to, which WhatsApp restricted: a launch leaves them out."""
    if not restricted.others(business.pk, session_id):
        return 0
    return restricted.only(people(business, topic, segment), business.pk, session_id).count()


def names_left_out(
    business: Business, topic: Topic, segment: Segment | None, reach: Reach
) -> dict[str, list[Contact]]:
    """Returns some of the people left out, by reason (a field of Reach); {} where they are too many to look up."""
    if reach.receive + reach.left_out > WHOLE:
        return {}
    contacts = Contact.objects.filter(business=business, replaced_by=None).order_by("name", "pk")
    mine = Subscription.objects.filter(topic=topic)
    reached = people(business, topic, segment).values("pk")
    by_reason = {
        "revoked": contacts.filter(pk__in=mine.filter(state=State.REVOKED).values("contact")),
        "never": contacts.exclude(pk__in=mine.values("contact")),
        "outside": contacts.filter(
            pk__in=mine.filter(state=State.GRANTED).values("contact")
        ).exclude(pk__in=reached),
    }
    return {reason: list(found[:NAMED]) for reason, found in by_reason.items()}


def example(
    business: Business, topic: Topic, segment: Segment | None, body: str, number: int
) -> Example | None:
    """The person at place `number` (from 1) of the audience; None when it is shorter."""
    chosen = merge_fields.used(business, body, thorough=False)
    place = min(max(number, 1), FURTHEST) - 1
    found = people(business, topic, segment).annotate(data=merge_fields.frozen(chosen))[place:]
    return next((_example(contact, chosen) for contact in found[:1]), None)


def worst(business: Business, topic: Topic, segment: Segment | None, body: str) -> list[Example]:
    """The person with the longest data and the one for whom most of it is missing."""
    chosen = merge_fields.used(business, body, thorough=False)
    if not chosen:
        return []
    size = _sum([Coalesce(Length(merge_fields.value(one)), 0) for one in chosen])
    here = _sum([_present(one) for one in chosen])
    [found] = _of_each(business, topic, segment, [size, here], _WORST, [len(chosen)])
    data = Contact.objects.filter(business=business).annotate(data=merge_fields.frozen(chosen))
    by_key = data.in_bulk([key for key in found if key is not None])
    longest, emptiest = (by_key.get(key) for key in found)
    examples = [_example(longest, chosen, longest=True)] if longest else []
    if emptiest and emptiest != longest:
        examples.append(_example(emptiest, chosen))
    return examples


def fallbacks(
    business: Business, topic: Topic | None, segment: Segment | None, body: str
) -> list[Fallback]:
    """The known variables of a text with their fallbacks, and in how many people each is missing."""
    chosen = merge_fields.used(business, body, thorough=False)
    texts = {slot.key: slot.fallback for slot in reversed(variables.slots(body))}
    if not chosen or topic is None:
        return [Fallback(one.key, one.label, texts[one.key]) for one in chosen]
    values = [merge_fields.value(one) for one in chosen]
    counts = ", ".join(f"count({name})" for name in _names(values))
    [(everyone, among, *there)] = _of_each(business, topic, segment, values, _COUNTS + counts)
    of = everyone if everyone < among or _is_big(business, topic, segment) else None
    return [
        Fallback(one.key, one.label, texts[one.key], everyone - number, of)
        for one, number in zip(chosen, there, strict=True)
    ]


# Over (key, among, c0, c1 …) of every person looked at.
_WORST = """SELECT (array_agg(key ORDER BY c0 DESC, key))[1],
                   (array_agg(key ORDER BY c1, key) FILTER (WHERE c1 < %s))[1]"""
_COUNTS = "SELECT count(*), coalesce(max(among), 0), "


def _of_each(
    business: Business,
    topic: Topic,
    segment: Segment | None,
    columns: Sequence[Expression],
    select: str,
    values: Sequence[Any] = (),
) -> list[tuple[Any, ...]]:
    """Returns the rows of a query over some columns of the people looked at."""
    size = SAMPLE if _is_big(business, topic, segment) else WHOLE
    named = dict(zip(_names(columns), columns, strict=True))
    among = RawSQL("among", [])  # of contacts.sampling
    rows = Contact.objects.annotate(among=among, **named).values_list("pk", "among", *named)
    each, chosen = rows.query.sql_with_params()
    query = f"{select} FROM ({each}) AS people (key, among, {', '.join(named)})"
    return sampling.fetch(people(business, topic, segment), size, query, [*values, *chosen])


def _names(columns: Sequence[Expression]) -> list[str]:
    return [f"c{place}" for place in range(len(columns))]


def _is_big(business: Business, topic: Topic, segment: Segment | None) -> bool:
    size = at_hand(business, topic, segment)
    return size is None or size > WHOLE


def _present(variable: Variable) -> Any:
    """1 where the datum is there, 0 where it is missing, as SQL."""
    return Coalesce(Length(merge_fields.value(variable)) * 0 + 1, 0)


def _sum(terms: list[Any]) -> Any:
    total = Value(0, output_field=IntegerField())
    for term in terms:
        total = total + term
    return total


def _example(contact: Contact, chosen: list[Variable], *, longest: bool = False) -> Example:
    data: dict[str, str] = contact.data  # type: ignore[attr-defined]  # annotated
    return Example(contact, data, tuple(one for one in chosen if one.key not in data), longest)


def _count_everyone(business: Business) -> int:
    """Counts contacts without the replaced ones; as a difference, since both counts have an index."""
    contacts = Contact.objects.filter(business=business)
    return contacts.count() - contacts.filter(replaced_by__isnull=False).count()


def _count_revoked(business: Business, topic: Topic) -> int:
    revoked = Subscription.objects.filter(topic=topic, state=State.REVOKED)
    replaced = revoked.filter(contact__business=business, contact__replaced_by__isnull=False)
    return revoked.count() - replaced.count()


def _everyone(business: Business) -> str:
    """The cache's name of the number of all contacts."""
    return f"contacts:{business.pk}"


def _cached(name: str, make: Callable[[], int]) -> int:
    return get_or_make(name, make, least=segments.SECONDS, factor=segments.FACTOR)
