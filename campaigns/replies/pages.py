"""Who wrote, page by page: one reply a person, quick at millions of rows."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import OuterRef, Q, QuerySet, Subquery

from blu.accounts.models import Business
from blu.db.bounded_lookup import keys_if_few
from blu.db.keyset import Page, keyset
from blu.text import fold
from blu.text.tsquery import Literal
from campaigns.models import Campaign, Reply


def replies(
    business: Business,
    *,
    tab: str = "",
    text: str = "",
    campaign: Campaign | None = None,
    before: int = 0,
    after: int = 0,
) -> Page[Reply]:
    """A page of people who wrote, each with their newest reply of those asked for, the newest first.

    `text` looks in names, numbers and words.
    """
    asked = _asked_for(business, tab, campaign)
    if text.strip():
        asked = asked.filter(_mentions(business, text.strip()))
        known = keys_if_few(asked)
        # Words are looked for once, and not again for each person.
        asked = asked if known is None else Reply.objects.filter(pk__in=known)
    rows = of_each_person(asked).select_related("contact", "delivery__campaign", "handled_by")
    return keyset(rows, "pk", before=before, after=after, newest_first=True)


def waiting(business: Business, rows: Sequence[Reply]) -> set[str]:
    """The people of a page, by Reply.person, from whom something waits to be seen to."""
    theirs = Reply.objects.filter(business=business, person__in={row.person for row in rows})
    return set(theirs.filter(handled_at__isnull=True).values_list("person", flat=True))


def open_replies(business: Business, most: int = 100) -> list[datetime]:
    """When each person with an unhandled reply last wrote, the newest `most` of them (index reply_open).

    Doubtful answers wait in a list of their own: campaigns.replies.holds.
    """
    waiting = of_each_person(_open(Reply.objects.filter(business=business)))
    return list(waiting.order_by("-id").values_list("at", flat=True)[:most])


def of_each_person(rows: QuerySet[Reply]) -> QuerySet[Reply]:
    """Of those replies the newest of each person (index reply_by_person).

    A scalar sub-select and no NOT EXISTS: so the newest page is found by walking down the list, and never
    by comparing everybody with everybody.
    """
    newest = rows.filter(business=OuterRef("business"), person=OuterRef("person")).order_by("-pk")
    return rows.filter(pk=Subquery(newest.values("pk")[:1]))


def _asked_for(business: Business, tab: str, campaign: Campaign | None) -> QuerySet[Reply]:
    rows = Reply.objects.filter(business=business).order_by()
    if tab == "open":
        rows = _open(rows)
    elif tab == "stop":
        rows = rows.filter(kind=Reply.Kind.STOP)
    if campaign:
        rows = rows.filter(delivery__campaign=campaign)
    return rows


def _open(rows: QuerySet[Reply]) -> QuerySet[Reply]:
    return rows.filter(handled_at__isnull=True).exclude(kind=Reply.Kind.HOLD)


def _mentions(business: Business, text: str) -> Q:
    """Replies whose words hold `text`, or that came from a person found by it."""
    found = Q(text__icontains=text)
    words = fold.query(business.pk, text)
    if words:
        found |= Q(contact__search=Literal(words))
    if text.startswith("@"):
        found |= Q(called__istartswith=text)
    digits = "".join(filter(str.isdigit, text))
    return found | Q(phone__contains=digits) if len(digits) >= 4 else found
