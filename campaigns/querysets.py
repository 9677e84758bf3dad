"""Pages of deliveries and replies that stay quick at millions of rows: keysets, no OFFSET, no COUNT."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from blu.accounts.models import Business
from blu.lib import search
from blu.lib.few import few
from blu.lib.tsquery import Literal
from campaigns.models import Campaign, Delivery, Reply
from campaigns.transitions import REACHED, Status
from contacts.models import Contact

PAGE = 50

# A tab of the recipients' list: which rows, and the column by which an index gives them in order.
TABS: dict[str, Q] = {
    "": Q(),
    Status.UNCERTAIN: Q(status=Status.UNCERTAIN),
    Status.FAILED: Q(status=Status.FAILED),
    Status.SKIPPED: Q(status=Status.SKIPPED),
    Status.QUEUED: Q(status__in=[Status.QUEUED, Status.SENDING]),
    Status.SENT: Q(status__in=REACHED[Status.SENT]),
    Status.READ: Q(status=Status.READ),
    "replied": Q(replied_at__isnull=False),
    Status.CANCELLED: Q(status=Status.CANCELLED),
}
# The index delivery_ended serves these by (campaign, status, id); the unique (campaign, contact)
# serves the others.
_BY_ID = (Status.UNCERTAIN, Status.FAILED, Status.SKIPPED)

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and where the neighbouring pages begin (None when there is none)."""

    rows: Sequence[Row] = field(default_factory=list)
    before: int | None = None
    after: int | None = None


def recipients(
    campaign: Campaign, *, tab: str = "", text: str = "", before: int = 0, after: int = 0
) -> Page[Delivery]:
    """A page of a campaign's deliveries with their contacts, by tab and by name or number."""
    # Contacts are fetched apart: joined, a page from the middle would read them from the first.
    rows = Delivery.objects.filter(TABS[tab], campaign=campaign).prefetch_related("contact")
    if text.strip():
        rows = _found(rows, campaign.business, text)
    column = "pk" if tab in _BY_ID else "contact_id"
    return keyset(rows, column, before=before, after=after)


def _found(rows: QuerySet[Delivery], business: Business, text: str) -> QuerySet[Delivery]:
    """Narrow to the people found by `text`.

    PostgreSQL misjudges how many people a word finds, and a join then reads everybody to find one.
    So few people are looked up first, and only a word of very many is left to the join, which finds
    its page among the first rows.
    """
    words = search.query(business.pk, text)
    if not words:
        return rows.none()
    known = few(Contact.objects.filter(search=Literal(words)))
    return (
        rows.filter(contact__search=Literal(words))
        if known is None
        else rows.filter(contact__in=known)
    )


class Answer(NamedTuple):
    """What a person answered to a message: the newest words, and whether any of them asked to stop."""

    words: str = ""
    left: bool = False


def answers(rows: Sequence[Delivery]) -> dict[int, Answer]:
    """What was answered to the deliveries of a page, by delivery; nothing for those without a reply."""
    answered = [row.pk for row in rows if row.replied_at]
    stops = Reply.objects.filter(delivery=OuterRef("delivery"), kind=Reply.Kind.STOP)
    newest = Reply.objects.filter(delivery__in=answered).order_by("delivery", "-at", "-pk")
    newest = newest.distinct("delivery").annotate(left=Exists(stops))
    found = newest.values_list("delivery_id", "text", "left")
    return {delivery: Answer(words, left) for delivery, words, left in found}


def replies(
    business: Business,
    *,
    tab: str = "",
    text: str = "",
    campaign: Campaign | None = None,
    before: int = 0,
    after: int = 0,
) -> Page[Reply]:
    """A page of replies, newest first; `text` looks in names, numbers and words."""
    rows = (
        Reply.objects.filter(business=business)
        .select_related("contact", "delivery__campaign", "handled_by")
        .order_by()
    )
    if tab == "open":
        rows = rows.filter(handled_at__isnull=True)
    elif tab == "stop":
        rows = rows.filter(kind=Reply.Kind.STOP)
    if campaign:
        rows = rows.filter(delivery__campaign=campaign)
    if text.strip():
        rows = rows.filter(_mentions(business, text.strip()))
    return keyset(rows, "pk", before=before, after=after, newest_first=True)


def campaigns(business: Business, *, before: int = 0, after: int = 0) -> Page[Campaign]:
    """A page of a business's campaigns, newest first (index campaign_list)."""
    rows = Campaign.objects.filter(business=business).select_related("topic")
    return keyset(rows, "pk", before=before, after=after, newest_first=True)


def keyset(
    rows: QuerySet[Row],
    column: str,
    *,
    before: int = 0,
    after: int = 0,
    newest_first: bool = False,
    size: int = PAGE,
) -> Page[Row]:
    """The page of `rows` that follows key `after`, or precedes key `before`, in the order of `column`."""
    forwards, backwards = ("lt", "gt") if newest_first else ("gt", "lt")
    down, up = (f"-{column}", column) if newest_first else (column, f"-{column}")
    if before:
        found = list(rows.filter(**{f"{column}__{backwards}": before}).order_by(up)[: size + 1])
        more_before, more_after = len(found) > size, True
        found = found[:size][::-1]
    else:
        rows = rows.filter(**{f"{column}__{forwards}": after}) if after else rows
        found = list(rows.order_by(down)[: size + 1])
        more_before, more_after = bool(after), len(found) > size
        found = found[:size]
    if not found:
        return Page()
    ends = [int(getattr(row, column)) for row in (found[0], found[-1])]
    return Page(found, ends[0] if more_before else None, ends[1] if more_after else None)


def _mentions(business: Business, text: str) -> Q:
    """Replies whose words hold `text`, or that came from a person found by it."""
    found = Q(text__icontains=text)
    words = search.query(business.pk, text)
    if words:
        found |= Q(contact__search=Literal(words))
    digits = "".join(filter(str.isdigit, text))
    return found | Q(phone__contains=digits) if len(digits) >= 4 else found
