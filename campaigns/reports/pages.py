"""Pages of campaigns and their deliveries, with what was answered, quick at millions of rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Left

from blu.accounts.models import Business
from blu.db.bounded_lookup import keys_if_few
from blu.db.keyset import Page, keyset
from blu.text import fold
from blu.text.tsquery import Literal
from campaigns.models import Campaign, Delivery, Reply
from campaigns.models.ledger_states import REACHED, Status
from contacts.models import Contact, State, Subscription

# Of a reply, in a list or a cell: people paste whole articles.
LONGEST = 2_000

# A tab of the recipients' list: which rows, and the column by which an index gives them in order.
TABS: dict[str, Q] = {
    "": Q(),
    Status.UNCERTAIN: Q(status=Status.UNCERTAIN),
    Status.FAILED: Q(status=Status.FAILED),
    Status.SKIPPED: Q(status=Status.SKIPPED),
    Status.QUEUED: Q(status__in=[Status.QUEUED, Status.SENDING]),
    Status.SENT: Q(status__in=REACHED[Status.SENT]),
    Status.DELIVERED: Q(status__in=REACHED[Status.DELIVERED]),
    Status.READ: Q(status=Status.READ),
    "replied": Q(replied_at__isnull=False),
    # Few among very many: `_left` looks them up among the replies.
    "left": Q(),
    Status.CANCELLED: Q(status=Status.CANCELLED),
}
# The index delivery_ended serves these by (campaign, status, id); the unique (campaign, contact)
# serves the others.
_BY_ID = (Status.UNCERTAIN, Status.FAILED, Status.SKIPPED)


def recipients(
    campaign: Campaign, *, tab: str = "", text: str = "", before: int = 0, after: int = 0
) -> Page[Delivery]:
    """A page of a campaign's deliveries with their contacts, by tab and by name or number.

    Without those whose people were erased: nothing of them is left to be shown.
    """
    # Contacts are fetched apart: joined, a page from the middle would read them from the first.
    is_over = campaign.status == Campaign.Status.CANCELLED
    # As campaigns.reports.funnel counts them, while the jobs cluster still moves the rows.
    wanted = (
        TABS[tab] | Q(status=Status.QUEUED) if is_over and tab == Status.CANCELLED else TABS[tab]
    )
    rows = Delivery.objects.filter(wanted, campaign=campaign, contact__isnull=False)
    rows = rows.prefetch_related("contact")
    if tab == "left":
        rows = _left(rows, campaign)
    if text.strip():
        rows = _found(rows, campaign.business, text)
    column = "pk" if tab in _BY_ID else "contact_id"
    return keyset(rows, column, before=before, after=after)


def erased(campaign: Campaign) -> int:
    """How many count in the campaign's numbers and are in no list: their people were erased."""
    return Delivery.objects.filter(campaign=campaign, contact__isnull=True).count()


def _found(rows: QuerySet[Delivery], business: Business, text: str) -> QuerySet[Delivery]:
    """Narrow to the people found by `text`.

    PostgreSQL misjudges how many people a word finds, and a join then reads everybody to find one.
    So few people are looked up first, and only a word of very many is left to the join, which finds
    its page among the first rows.
    """
    words = fold.query(business.pk, text)
    if not words:
        return rows.none()
    known = keys_if_few(Contact.objects.filter(search=Literal(words)))
    return (
        rows.filter(contact__search=Literal(words))
        if known is None
        else rows.filter(contact__in=known)
    )


def _left(rows: QuerySet[Delivery], campaign: Campaign) -> QuerySet[Delivery]:
    """Narrow to the people who asked to stop in answer to the campaign, as campaigns.reports.funnel counts them."""
    stops = Reply.objects.filter(
        business_id=campaign.business_id, kind=Reply.Kind.STOP, delivery__campaign=campaign
    )
    known = keys_if_few(stops, "delivery_id")
    if known is None:
        return rows.filter(
            Exists(Reply.objects.filter(delivery=OuterRef("pk"), kind=Reply.Kind.STOP))
        )
    return rows.filter(pk__in=known)


class Answer(NamedTuple):
    """What a person answered to a message: one reply, and whether they left and came back.

    `left_at` is when they first asked to stop; `back_at` when they took it back, None while they
    are gone.
    """

    words: str = ""
    at: datetime | None = None
    left_at: datetime | None = None
    back_at: datetime | None = None
    edited_from: Sequence[str] = ()

    @property
    def left(self) -> bool:
        """They asked to stop, and have not taken it back."""
        return self.left_at is not None and self.back_at is None


SILENCE = Answer()


def answers(rows: Sequence[Delivery]) -> dict[int, Answer]:
    """The newest answer to each delivery of a page, by delivery; nothing for those without a reply."""
    return first_answers([row.pk for row in rows if row.replied_at], "-at", "-pk")


def first_answers(deliveries: Sequence[int], *order: str) -> dict[int, Answer]:
    """The first reply in that order to each of the deliveries (by key) that was answered."""
    stops = Reply.objects.filter(delivery=OuterRef("delivery"), kind=Reply.Kind.STOP)
    one = Reply.objects.filter(delivery__in=deliveries).order_by("delivery", *order)
    one = one.distinct("delivery").annotate(
        words=Left("text", LONGEST),
        left_at=Subquery(stops.order_by("at").values("at")[:1]),
        granted_at=Subquery(granted().values("since")[:1]),
    )
    found = one.values_list("delivery_id", "words", "at", "left_at", "granted_at", "earlier")
    return {
        delivery: Answer(
            words, at, left_at, _if_later(granted_at, left_at), [was["text"] for was in earlier]
        )
        for delivery, words, at, left_at, granted_at, earlier in found
    }


def granted() -> QuerySet[Subscription]:
    """For a sub-select over replies: that the person agrees, now, to the topic of what they answered.

    After their own stop only they can have done that, whatever the way (docs/decisions/0005).
    """
    return Subscription.objects.filter(
        contact=OuterRef("contact"),
        topic=OuterRef("delivery__campaign__topic"),
        state=State.GRANTED,
    )


def _if_later(granted_at: datetime | None, left_at: datetime | None) -> datetime | None:
    return granted_at if granted_at and left_at and granted_at > left_at else None


def campaigns(business: Business, *, before: int = 0, after: int = 0) -> Page[Campaign]:
    """A page of a business's campaigns, newest first (index campaign_list)."""
    rows = Campaign.objects.filter(business=business).select_related("topic")
    return keyset(rows, "pk", before=before, after=after, newest_first=True)
