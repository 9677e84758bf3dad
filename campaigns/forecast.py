"""When a campaign will end with today's limits: days walked one by one, nothing promised.

The forecast follows the same rules as the gate (campaigns.pacing): the interval, the hours of each
zone, the daily limit and the quota of new chats, which grows with the age of the link.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet

from blu.lib import clock
from campaigns import pacing
from campaigns.models import Campaign, Delivery
from campaigns.pacing import Limits
from campaigns.transitions import Status
from contacts import segments
from contacts.models import Contact
from sessions.models import Chat

FURTHEST = 400  # days looked ahead; beyond it nobody plans


@dataclass(frozen=True)
class Work:
    """What is to be sent: people whose chat is warm, and people whose chat is new."""

    warm: int = 0
    new: int = 0

    @property
    def total(self) -> int:
        """Everybody."""
        return self.warm + self.new


@dataclass(frozen=True)
class Forecast:
    """When it ends, None where it can't within FURTHEST days; what it was reckoned from."""

    ends_at: datetime | None
    work: Work
    per_day: int
    new_per_day: int


def of_draft(campaign: Campaign, *, now: datetime | None = None) -> Forecast | None:
    """The forecast of a campaign being written; None before topic and session are chosen."""
    if campaign.topic is None or campaign.session is None:
        return None
    audience = segments.audience(
        business=campaign.business, topic=campaign.topic, segment=campaign.segment
    )
    return reckon(
        pacing.limits_of(campaign.session.pk), work_of(audience, campaign.session.pk), now=now
    )


def of_running(campaign: Campaign, *, now: datetime | None = None) -> Forecast | None:
    """The forecast of what is still queued in a launched campaign, behind its session's others."""
    if campaign.session_id is None:
        return None
    queued = Delivery.objects.filter(
        session_id=campaign.session_id,
        status=Status.QUEUED,
        campaign__status=Campaign.Status.RUNNING,
    ) | Delivery.objects.filter(campaign=campaign, status=Status.QUEUED)
    counts = queued.aggregate(
        warm=Count("pk", filter=Q(warm=True)), new=Count("pk", filter=Q(warm=False))
    )
    return reckon(pacing.limits_of(campaign.session_id), Work(**counts), now=now)


def work_of(audience: QuerySet[Contact], session_id: int) -> Work:
    """How many of an audience have written to this session, and how many have not."""
    total = audience.count()
    warm = Chat.objects.filter(session_id=session_id, warm_at__isnull=False).values("phone")
    known = audience.filter(phone__in=warm).count()
    return Work(warm=known, new=total - known)


def reckon(limits: Limits, work: Work, *, now: datetime | None = None) -> Forecast:
    """Walk the days until everything is sent; without limits it ends at once."""
    now = now or clock.now()
    if limits.unlimited:
        return Forecast(now, work, per_day=0, new_per_day=0)
    per_day, new_per_day = _most_a_day(limits), pacing.quota(limits, now=now)
    moment = pacing.opening_after(now, limits.zone, limits.hours)
    warm, new = work.warm, work.new
    used, used_new = _used(limits, now)
    for _day in range(FURTHEST):
        room = min(max(0, per_day - used), int(_rest_of_day(moment, limits) / limits.interval) + 1)
        first = min(warm, room)
        fresh = min(new, room - first, max(0, pacing.quota(limits, now=moment) - used_new))
        if first == warm and fresh == new:
            return Forecast(moment + limits.interval * (first + fresh), work, per_day, new_per_day)
        warm, new, used, used_new = warm - first, new - fresh, 0, 0
        moment = pacing.tomorrow(moment, limits)
    return Forecast(None, work, per_day, new_per_day)


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
