"""When a campaign will end with today's limits: days walked one by one, nothing promised.

The forecast follows the same rules as the gate (campaigns.limits.pacing): the interval, the hours of each
zone, the daily limit and the quota of new chats, which grows with the age of the link. What has to
be counted for it is kept for a while: a page is not to wait for a million rows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from blu.accounts.models import Business
from blu.db.cached_by_cost import get_or_make
from campaigns.limits import pacing, services
from campaigns.limits.pacing import Limits
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from contacts import segments
from contacts.models import Segment, Topic
from sessions import health
from sessions.models import Chat, WhatsAppSession
from sessions.states import State

FURTHEST = 400  # days looked ahead; beyond it nobody plans
SECONDS, FACTOR = (
    20,
    600,
)  # how long counts of an audience are kept; they are asked for while writing
QUEUE_SECONDS, QUEUE_FACTOR = 5, 60  # the same of a queue, which moves


@dataclass(frozen=True)
class Work:
    """What is to be sent: people whose chat is warm, and people whose chat is new."""

    warm: int = 0
    new: int = 0

    @property
    def total(self) -> int:
        """Everybody."""
        return self.warm + self.new

    def __add__(self, other: Work) -> Work:
        return Work(self.warm + other.warm, self.new + other.new)


@dataclass(frozen=True)
class Forecast:
    """When it ends, None where it can't within FURTHEST days; what it was reckoned from.

    `behind` is how much of the session's other campaigns goes out before it ends, `left` how many new chats WhatsApp
    itself still allows until `limits.left_until`, None where it doesn't say.
    """

    ends_at: datetime | None
    work: Work
    limits: Limits
    per_day: int
    new_per_day: int | None
    behind: int = 0
    left: int | None = None


def of_draft(
    business: Business,
    topic: Topic,
    segment: Segment | None,
    session: WhatsAppSession,
    *,
    now: datetime | None = None,
) -> Forecast:
    """The forecast of a message to an audience, were it launched now, beside what the session has queued."""
    own = audience_work(business, topic, segment, session.pk)
    queue = queued_work(session.pk)
    found = reckon(pacing.limits_of(session.pk), own + queue, now=_start(session, now))
    return replace(found, work=own, behind=queue.total)


def of_launched(campaign: Campaign, *, now: datetime | None = None) -> Forecast | None:
    """The forecast of what is still queued in a launched campaign, beside its session's others.

    Of a paused one: as if it were resumed now.
    """
    session = campaign.session
    if session is None:
        return None
    everything = queued_work(session.pk, with_campaign=campaign.pk)
    found = reckon(pacing.limits_of(session.pk), everything, now=_start(session, now))
    own = _queued([campaign.pk], session.pk)
    return replace(found, work=own, behind=everything.total - own.total)


def audience_work(
    business: Business, topic: Topic, segment: Segment | None, session_id: int
) -> Work:
    """Returns how many of an audience have written to this session, and how many have not."""
    total = segments.count(business=business, topic=topic, segment=segment)

    def count() -> int:
        warm = Chat.objects.filter(session_id=session_id, warm_at__isnull=False).values("phone")
        people = segments.audience(business=business, topic=topic, segment=segment)
        return people.filter(phone__in=warm).count()

    memory = f"warm:{session_id}:{segments.memory(business, topic, segment)}"
    known = min(total, get_or_make(memory, count, least=SECONDS, factor=FACTOR))
    return Work(warm=known, new=total - known)


def queued_work(session_id: int, *, with_campaign: int = 0) -> Work:
    """What waits in a session's running campaigns, and in one more, perhaps paused."""
    running = Campaign.objects.filter(session_id=session_id, status=Campaign.Status.RUNNING)
    ids = {*running.values_list("pk", flat=True), *([with_campaign] if with_campaign else [])}
    return _queued(sorted(ids), session_id)


def _queued(campaigns: list[int], session_id: int) -> Work:
    """Counted by the index of claims alone (delivery_claim), and kept for some seconds."""

    def count() -> Work:
        rows = Delivery.objects.filter(
            campaign_id__in=campaigns, session_id=session_id, status=Status.QUEUED
        )
        counts = rows.aggregate(all=Count("pk"), n_warm=Count("pk", filter=Q(warm=True)))
        return Work(counts["n_warm"], counts["all"] - counts["n_warm"])

    if not campaigns:
        return Work()
    memory = f"queued:{session_id}:{'-'.join(map(str, campaigns))}"
    return get_or_make(memory, count, least=QUEUE_SECONDS, factor=QUEUE_FACTOR)


def reckon(limits: Limits, work: Work, *, now: datetime | None = None) -> Forecast:
    """Walk the days until everything is sent; without limits it ends at once."""
    now = now or timezone.now()
    if limits.unlimited:
        return Forecast(now, work, limits, per_day=0, new_per_day=0)
    per_day, new_per_day = _most_a_day(limits), pacing.ours(limits, now=now)
    moment = pacing.opening_after(now, limits.zone, limits.hours)
    warm, new = work.warm, work.new
    begins_today = moment.astimezone(limits.zone).date() == now.astimezone(limits.zone).date()
    used, used_new = _used(limits, now) if begins_today else (0, 0)
    found = Forecast(None, work, limits, per_day, new_per_day, left=pacing.whatsapps_left(limits))
    left = found.left
    for _day in range(FURTHEST):
        room = min(max(0, per_day - used), int(_rest_of_day(moment, limits) / limits.interval) + 1)
        first = min(warm, room)
        fresh, mine = min(new, room - first), pacing.ours(limits, now=moment)
        if mine is not None:
            fresh = min(fresh, max(0, mine - used_new))
        if left is not None and limits.left_until and moment < limits.left_until:
            # WhatsApp's own quota is of a whole cycle, not of a day.
            fresh = min(fresh, left)
            left -= fresh
        if first == warm and fresh == new:
            ends_at = moment + limits.interval * (first + fresh)
            return replace(found, ends_at=ends_at)
        warm, new, used, used_new = warm - first, new - fresh, 0, 0
        moment = pacing.tomorrow(moment, limits)
    return found


def for_page(found: Forecast | None, session: WhatsAppSession | None) -> dict[str, Any]:
    """A forecast with what its words need."""
    if found is None or session is None:
        return {"forecast": None}
    hours = found.limits.hours
    return {
        "forecast": found,
        "opens": services.hour(hours.opens),
        "closes": services.hour(hours.closes),
        "link_is_well": health.is_well(session) or session.state == State.RESTRICTED,
    }


def possible_today(limits: Limits, *, now: datetime) -> int:
    """How many messages today's limits let out in all, on the business's clock; 0 on a day off."""
    day_off = now.astimezone(limits.zone).weekday() == pacing.SUNDAY and not limits.hours.sundays
    return 0 if day_off else _most_a_day(limits)


def _start(session: WhatsAppSession, now: datetime | None) -> datetime:
    """From now, or from the end of a restriction or a stop."""
    now = now or timezone.now()
    until = session.state_until
    return max(now, until) if until else now


def _used(limits: Limits, now: datetime) -> tuple[int, int]:
    return pacing.sent_today(limits, now=now), pacing.new_chats_today(limits, now=now)


def _most_a_day(limits: Limits) -> int:
    """Messages that fit into a day's hours, or the daily limit where that is less."""
    opens, closes = limits.hours.opens, limits.hours.closes
    hours = timedelta(hours=closes.hour - opens.hour, minutes=closes.minute - opens.minute)
    fit = int(hours / limits.interval)
    return fit if limits.daily is None else min(fit, limits.daily)


def _rest_of_day(moment: datetime, limits: Limits) -> timedelta:
    local = moment.astimezone(limits.zone)
    closing = datetime.combine(local.date(), limits.hours.closes, tzinfo=limits.zone)
    return max(timedelta(0), closing - moment)
