"""When a session may send: intervals, hours, days and new chats (brazil.md, "Pacing").

Two profiles. `real` is for WhatsApp; `trial` has no limits and is accepted only on the simulator
(sessions.checks). Businesses may lower these limits, nobody may evade them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

from blu.lib import clock
from blu.lib.phone import AREA_CODES, zone_of_area_code
from sessions.models import Chat, WhatsAppSession

INTERVAL = timedelta(seconds=20)
OPENS, CLOSES = time(8), time(20)
SUNDAY = 6
# New chats a day by the age of the link in days: people and accounts need time to get to know us.
WARM_UP = ((15, 200), (8, 100), (4, 50), (0, 20))


@dataclass(frozen=True)
class Gate:
    """What may be claimed now: perhaps only warm chats, perhaps not to every area code.

    `reopens` is when the earliest of what is shut may be claimed again, None when nothing is shut.
    """

    warm_only: bool = False
    closed_area_codes: tuple[str, ...] = ()
    reopens: datetime | None = None


@dataclass(frozen=True)
class Closed:
    """Nothing may be claimed before `until`."""

    until: datetime


@dataclass(frozen=True)
class Limits:
    """A session's pacing; `unlimited` is the trial profile."""

    session_id: int
    unlimited: bool
    linked_at: datetime | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Sao_Paulo"))


def limits_of(session_id: int) -> Limits:
    """The limits of a session, by its profile and the age of its link."""
    session = WhatsAppSession.objects.select_related("business").get(pk=session_id)
    unlimited = bool(settings.SIMULATOR_URL) and session.pacing == WhatsAppSession.Pacing.TRIAL
    return Limits(session_id, unlimited, session.linked_at, session.business.zone)


def gate(limits: Limits, *, now: datetime | None = None) -> Gate | Closed:
    """What a session may claim at `now` (aware; the clock's now unless given)."""
    if limits.unlimited:
        return Gate()
    now = now or clock.now()
    free_at = _interval_over(limits.session_id)
    if free_at and free_at > now:
        return Closed(free_at)
    closed = tuple(sorted(code for code in AREA_CODES if not is_open(now, zone_of_area_code(code))))
    if len(closed) == len(AREA_CODES):
        return Closed(min(opening_after(now, zone_of_area_code(code)) for code in AREA_CODES))
    warm_only = new_chats_today(limits, now=now) >= quota(limits, now=now)
    shut = [opening_after(now, zone_of_area_code(code)) for code in closed]
    if warm_only:
        shut.append(tomorrow(now, limits.zone))
    return Gate(warm_only, closed, min(shut) if shut else None)


def is_open(moment: datetime, zone: ZoneInfo) -> bool:
    """True within the hours and days in which people may be written to, on their own clock."""
    local = moment.astimezone(zone)
    return local.weekday() != SUNDAY and OPENS <= local.time() < CLOSES


def opening_after(moment: datetime, zone: ZoneInfo) -> datetime:
    """When the hours next open in `zone`; the moment itself when they are open."""
    if is_open(moment, zone):
        return moment
    local = moment.astimezone(zone)
    day = local.date() if local.time() < OPENS else local.date() + timedelta(days=1)
    if day.weekday() == SUNDAY:
        day += timedelta(days=1)
    return datetime.combine(day, OPENS, tzinfo=zone)


def tomorrow(moment: datetime, zone: ZoneInfo) -> datetime:
    """The first opening of the next day in `zone`, when the day's quota is new."""
    next_day = moment.astimezone(zone).date() + timedelta(days=1)
    return opening_after(datetime.combine(next_day, time(0), tzinfo=zone), zone)


def quota(limits: Limits, *, now: datetime) -> int:
    """How many new chats a session may open today, by the age of its link."""
    # Never below 0: another node's clock may be minutes ahead of this one's.
    days = max(0, (now - limits.linked_at).days) if limits.linked_at else 0
    return next(chats for age, chats in WARM_UP if days >= age)


def new_chats_today(limits: Limits, *, now: datetime) -> int:
    """How many people who had not written first got their first message from us today."""
    midnight = datetime.combine(now.astimezone(limits.zone).date(), time(0), tzinfo=limits.zone)
    return Chat.objects.filter(session_id=limits.session_id, opened_at__gte=midnight).count()


def _interval_over(session_id: int) -> datetime | None:
    last = WhatsAppSession.objects.values_list("last_sent_at", flat=True).get(pk=session_id)
    return last + INTERVAL if last else None
