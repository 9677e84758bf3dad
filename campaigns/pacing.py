"""When a session may send: intervals, hours, days and new chats (brazil.md, "Pacing").

Two profiles. `real` is for WhatsApp; `trial` has no limits and is accepted only on the simulator
(sessions.checks). Businesses may lower these limits, nobody may evade them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet

from blu.lib import clock
from blu.lib.phone import AREA_CODES, zone_of_area_code
from campaigns import prepared, statements
from campaigns.models import Delivery, Notice, SessionLimits
from campaigns.models.limits import CLOSES, INTERVAL_SECONDS, OPENS
from campaigns.transitions import Status
from sessions.models import Chat, WhatsAppSession

INTERVAL = timedelta(seconds=INTERVAL_SECONDS)
SUNDAY = 6
# New chats a day by the age of the link in days: people and accounts need time to get to know us.
WARM_UP = ((15, 200), (8, 100), (4, 50), (0, 20))


@dataclass(frozen=True)
class Hours:
    """When people may be written to, on their own clock."""

    opens: time = OPENS
    closes: time = CLOSES
    sundays: bool = False


@dataclass(frozen=True)
class Gate:
    """What may be claimed now: perhaps only warm chats, perhaps not to every area code.

    Among the closed ones "" stands for foreign numbers, which keep the hours of the business.
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
    """A session's pacing; `unlimited` is the trial profile.

    `interval` is the time between two messages, `daily` and `new_chats` are messages a day, None
    for no limit of its own; only where support `raised` them, for the link that the session has now,
    may they pass the warm-up.
    """

    session_id: int
    unlimited: bool
    linked_at: datetime | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("America/Sao_Paulo"))
    interval: timedelta = INTERVAL
    hours: Hours = Hours()
    daily: int | None = None
    new_chats: int | None = None
    raised: bool = False
    left: int | None = None
    """How many new chats WhatsApp itself still allows until `left_until`; None where it doesn't say."""
    left_until: datetime | None = None


def limits_of(session_id: int) -> Limits:
    """The limits of a session; WhatsAppSession.DoesNotExist where it is gone."""
    try:
        return limits_of_all([session_id])[session_id]
    except KeyError:
        raise WhatsAppSession.DoesNotExist(session_id) from None


def limits_of_all(session_ids: Iterable[int]) -> dict[int, Limits]:
    """The limits of many sessions in one query; those that are gone are left out."""
    rows = WhatsAppSession.objects.select_related("business", "limits", "active_link")
    return {session.pk: _limits(session) for session in rows.filter(pk__in=session_ids)}


def _limits(session: WhatsAppSession) -> Limits:
    """The defaults, what the session's business lowered, what support raised."""
    unlimited = bool(settings.SIMULATOR_URL) and session.pacing == WhatsAppSession.Pacing.TRIAL
    left, until = _left(session)
    limits = Limits(
        session.pk, unlimited, session.linked_at, session.business.zone, left=left, left_until=until
    )
    own: SessionLimits | None = getattr(session, "limits", None)
    if own is None:
        return limits
    own = own.in_force()
    return replace(
        limits,
        interval=timedelta(seconds=own.interval_seconds),
        hours=Hours(own.opens, own.closes, own.sundays),
        daily=own.daily,
        new_chats=own.new_chats,
        raised=bool(own.raised_reason),
    )


def _left(session: WhatsAppSession) -> tuple[int | None, datetime | None]:
    if session.new_chats_until is None or session.new_chats_until <= clock.now():
        return None, None
    return session.new_chats_left, session.new_chats_until


def gate(limits: Limits, *, now: datetime | None = None) -> Gate | Closed:
    """What a session may claim at `now` (aware; the clock's now unless given)."""
    if limits.unlimited:
        return Gate()
    now = now or clock.now()
    free_at = interval_ends(limits, now=now)
    return Closed(free_at) if free_at else day_gate(limits, now=now)


def day_gate(limits: Limits, *, now: datetime) -> Gate | Closed:
    """The gate where the interval is known to be over: the day's counts, and the hours."""
    if limits.unlimited:
        return Gate()
    if limits.daily is not None and sent_today(limits, now=now) >= limits.daily:
        return Closed(tomorrow(now, limits))
    codes = ("", *AREA_CODES)
    closed = tuple(code for code in codes if not is_open(now, _zone(code, limits), limits.hours))
    if len(closed) == len(codes):
        return Closed(min(_opening(now, code, limits) for code in codes))
    warm_only = new_chats_are_used_up(limits, now=now)
    shut = [_opening(now, code, limits) for code in closed]
    if warm_only:
        shut.append(new_chats_again(limits, now))
    return Gate(warm_only, closed, min(shut) if shut else None)


def interval_ends(limits: Limits, *, now: datetime) -> datetime | None:
    """When the next message may be claimed, campaign's or notice; None when it may be now."""
    if limits.unlimited:
        return None
    free_at = _interval_over(limits)
    return free_at if free_at and free_at > now else None


def new_chats_are_used_up(limits: Limits, *, now: datetime) -> bool:
    """Whether no new chat may be opened today any more."""
    if limits.unlimited:
        return False
    return limits.left == 0 or new_chats_today(limits, now=now) >= ours(limits, now=now)


def new_chats_again(limits: Limits, now: datetime) -> datetime:
    """When new chats may be opened again, where they are used up: tomorrow, or when WhatsApp lets them."""
    spent = new_chats_today(limits, now=now) >= ours(limits, now=now)
    if limits.left != 0 or limits.left_until is None:
        return tomorrow(now, limits)
    return max(limits.left_until, tomorrow(now, limits)) if spent else limits.left_until


def is_open(moment: datetime, zone: ZoneInfo, hours: Hours = Hours()) -> bool:
    """True within the hours and days in which people may be written to, on their own clock."""
    local = moment.astimezone(zone)
    day = hours.sundays or local.weekday() != SUNDAY
    return day and hours.opens <= local.time() < hours.closes


def opening_after(moment: datetime, zone: ZoneInfo, hours: Hours = Hours()) -> datetime:
    """When the hours next open in `zone`; the moment itself when they are open."""
    if is_open(moment, zone, hours):
        return moment
    local = moment.astimezone(zone)
    day = local.date() if local.time() < hours.opens else local.date() + timedelta(days=1)
    if day.weekday() == SUNDAY and not hours.sundays:
        day += timedelta(days=1)
    return datetime.combine(day, hours.opens, tzinfo=zone)


def tomorrow(moment: datetime, limits: Limits) -> datetime:
    """The first opening of the next day on the business's clock, when the day's counts are new."""
    next_day = moment.astimezone(limits.zone).date() + timedelta(days=1)
    return opening_after(
        datetime.combine(next_day, time(0), tzinfo=limits.zone), limits.zone, limits.hours
    )


def quota(limits: Limits, *, now: datetime) -> int:
    """How many new chats a session may open in all on the day of `now`: what WhatsApp lets it, or less."""
    mine = ours(limits, now=now)
    return (
        mine if limits.left is None else min(mine, new_chats_today(limits, now=now) + limits.left)
    )


def ours(limits: Limits, *, now: datetime) -> int:
    """The same by the age of its link, and what its business or support said."""
    if limits.new_chats is None:
        return by_age(limits, now=now)
    if limits.raised:
        return limits.new_chats
    return min(by_age(limits, now=now), limits.new_chats)


def by_age(limits: Limits, *, now: datetime) -> int:
    """The warm-up: how many new chats a day a link of this age may open."""
    # Never below 0: another node's clock may be minutes ahead of this one's.
    days = max(0, (now - limits.linked_at).days) if limits.linked_at else 0
    return next(chats for age, chats in WARM_UP if days >= age)


def new_chats_today(limits: Limits, *, now: datetime) -> int:
    """How many people who had not written first got their first message from us today."""
    since = _midnight(limits, now)
    return Chat.objects.filter(session_id=limits.session_id, opened_at__gte=since).count()


def sent_today(limits: Limits, *, now: datetime) -> int:
    """How many messages left, or may have left, since midnight on the business's clock: notices too."""
    since = _midnight(limits, now)
    return sum(_sent_since(model.objects.all(), limits, since) for model in (Delivery, Notice))


def _sent_since(rows: QuerySet[Any], limits: Limits, since: datetime) -> int:
    rows = rows.filter(session_id=limits.session_id)
    # Apart, so that each is answered by its own partial index: …_sent, …_in_doubt.
    in_doubt = rows.filter(status__in=[Status.SENDING, Status.UNCERTAIN], pressed_at__gte=since)
    return rows.filter(sent_at__gte=since).count() + in_doubt.count()


def _midnight(limits: Limits, now: datetime) -> datetime:
    return datetime.combine(now.astimezone(limits.zone).date(), time(0), tzinfo=limits.zone)


def _opening(now: datetime, area_code: str, limits: Limits) -> datetime:
    return opening_after(now, _zone(area_code, limits), limits.hours)


def _zone(area_code: str, limits: Limits) -> ZoneInfo:
    return zone_of_area_code(area_code) if area_code else limits.zone


def _interval_over(limits: Limits) -> datetime | None:
    row = prepared.one(statements.LAST_SENT, {"session": limits.session_id})
    last: datetime | None = row["at"] if row else None
    return last + limits.interval if last else None
