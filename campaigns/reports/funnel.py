"""What became of a campaign, counted from the ledger.

Counting a million rows takes a good third of a second, so each count is kept for at least
LEAST seconds and for FACTOR times as long as it took: watching a campaign never costs more than a
few percent of one core, however many people watch.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

from blu.db.cached_by_cost import QUICK, get_or_make, pages
from campaigns.models import Campaign, Delivery, Reply
from campaigns.models.ledger_states import REACHED, Reason, Status
from campaigns.reports import pages as querysets

LEAST = 2
FACTOR = 30
# The window over which the pace is measured.
RECENT = timedelta(minutes=15)


@dataclass(frozen=True)
class Funnel:
    """How many people of a campaign are where.

    `sent`, `delivered` and `read` count those that came at least that far; the other states count
    those that are there now; `held` are those queued ones that wait for a person. `opted_out` are all who asked to stop, `returned` those of them who took
    it back. `recipients` is everyone at launch, the base of every share.
    """

    recipients: int = 0
    queued: int = 0
    sending: int = 0
    sent: int = 0
    delivered: int = 0
    read: int = 0
    failed: int = 0
    skipped: int = 0
    uncertain: int = 0
    cancelled: int = 0
    held: int = 0
    replied: int = 0
    opted_out: int = 0
    returned: int = 0
    last_sent_at: datetime | None = None
    sent_recently: int = 0

    @property
    def open(self) -> int:
        """Those that are still to be sent to."""
        return self.queued + self.sending

    @property
    def waits_for_somebody(self) -> bool:
        """Whether only people are left whose doubtful answers a member has to decide on."""
        return 0 < self.held == self.open

    @property
    def settled(self) -> int:
        """How many rows have ended, in whatever way."""
        return self.recipients - self.open


@dataclass(frozen=True)
class Pace:
    """How quickly a campaign goes: people an hour over the last minutes, and when that would end it."""

    per_hour: int
    ends_at: datetime | None


def funnel(campaign: Campaign) -> Funnel:
    """The campaign's counts, a few seconds old at most where they are quick to make."""
    return get_or_make(_memory(campaign), lambda: fresh(campaign), least=LEAST, factor=FACTOR)


def cached(campaign: Campaign) -> Funnel | None:
    """The counts if they are cached; None otherwise."""
    found: Funnel | None = pages.get(_memory(campaign))
    return found


def at_hand(campaign: Campaign) -> Funnel | None:
    """The counts if they are cached or quick to make; None otherwise."""
    return cached(campaign) if campaign.recipients > QUICK else funnel(campaign)


def forget(campaign: Campaign) -> None:
    """Drop the cached counts after a person changed a row, except where they are costly."""
    if campaign.recipients <= QUICK:
        pages.delete(_memory(campaign))


def fresh(campaign: Campaign) -> Funnel:
    """The counts as of now, from the ledger itself; of a cancelled campaign as they end."""
    reached = {
        f"n_{status}": Count("pk", filter=Q(status__in=statuses))
        for status, statuses in REACHED.items()
    }
    resting = {
        f"n_{status}": Count("pk", filter=Q(status=status))
        for status in Status
        if status not in REACHED
    }
    counts = Delivery.objects.filter(campaign=campaign).aggregate(
        n_recipients=Count("pk"),
        n_replied=Count("replied_at"),
        n_held=Count("pk", filter=Q(status=Status.QUEUED, reason=Reason.HELD)),
        n_sent_recently=Count("pk", filter=Q(sent_at__gt=Now() - RECENT)),
        last_sent_at=Max("sent_at"),
        **reached,
        **resting,
    )
    last_sent_at = counts.pop("last_sent_at")
    numbers = {name.removeprefix("n_"): number for name, number in counts.items()}
    if campaign.status == Campaign.Status.CANCELLED:
        # Nobody claims them any more: what the jobs cluster is about to write is certain.
        numbers["cancelled"] += numbers["queued"]
        numbers["queued"] = numbers["held"] = 0
    left, returned = opted_out(campaign)
    return Funnel(**numbers, opted_out=left, returned=returned, last_sent_at=last_sent_at)


def opted_out(campaign: Campaign) -> tuple[int, int]:
    """Returns how many people asked to stop in answer to this campaign, and how many of them took it back."""
    stops = Reply.objects.filter(
        business_id=campaign.business_id, kind=Reply.Kind.STOP, delivery__campaign=campaign
    )
    first = stops.order_by("delivery", "at").distinct("delivery")
    back = first.annotate(back=Exists(querysets.granted().filter(since__gt=OuterRef("at"))))
    said = back.values_list("back", flat=True)
    return len(said) + campaign.erased_left, sum(said) + campaign.erased_returned


def pace(campaign: Campaign, counts: Funnel) -> Pace:
    """The present pace, and when it would end the campaign if it just went on."""
    if campaign.status != Campaign.Status.RUNNING or not counts.sent_recently:
        return Pace(0, None)
    now = timezone.now()
    running = now - campaign.launched_at if campaign.launched_at else RECENT
    window = max(min(running, RECENT), timedelta(seconds=10))
    per_hour = counts.sent_recently * timedelta(hours=1) / window
    return Pace(round(per_hour), now + timedelta(hours=counts.open / per_hour))


def _memory(campaign: Campaign) -> str:
    """The cache's name of a campaign's counts; another one for each status, so that pages agree with it."""
    return f"funnel:{campaign.pk}:{campaign.status}"
