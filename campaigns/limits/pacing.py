"""When a session may send: intervals, hours, days and new chats (docs/responsible-use.md).

Two modes. `real` is for WhatsApp: a kind of link is paced as a phone, unless it says that WhatsApp's own quota
is all that meters it (sessions.registry.PacingProfile). `trial` has no limits and is accepted only on the
simulator (sessions.checks). Businesses may lower these limits, nobody may evade them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.db.models.functions import Now

from blu.db import prepared_sql
from blu.text.phone import AREA_CODES, zone_of_area_code
from campaigns.limits import usage
from campaigns.limits.usage import Used
from campaigns.models import SessionLimits
from campaigns.models.limits import CLOSES, INTERVAL_SECONDS, OPENS
from sessions.models import WhatsAppSession
from sessions.registry import PacingProfile

INTERVAL = timedelta(seconds=INTERVAL_SECONDS)
AT_API_SPEED = timedelta(seconds=1) / 80  # what WhatsApp's API takes; only forecasts reckon with it
SOON = timedelta(seconds=1)  # what is in hand will have left by then, or be back
SUNDAY = 6
# New chats a day by the age of the link in days: people and accounts need time to get to know us.
WARM_UP = ((15, 200), (8, 100), (4, 50), (0, 20))

# From when the interval runs: the last press, the last that was tried and did not go out, or the claim of a notice
# that is in hand, which may be pressed any moment.
_LAST_SENT = """
SELECT greatest(session.last_sent_at, session.last_tried_at,
                (SELECT max(n.sending_at) FROM campaigns_notice n
                  WHERE n.session_id = session.id AND n.status = 'sending')) AS at
  FROM wa_sessions_whatsappsession session WHERE session.id = %(session)s
"""


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
    """A session's pacing; `unlimited` is the trial's, `by_quota` that of a kind without a phone.

    `interval` is the time between two messages, `daily` and `new_chats` are messages a day, None
    for no limit of its own; only where support `raised` them, for the link that the session has now,
    may they pass the warm-up. `by_quota` neither the interval nor `new_chats` nor the warm-up holds: they
    protect a phone's account. Hours and `daily` do.
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
    left_told_at: datetime | None = None
    by_quota: bool = False


def limits_of(session_id: int) -> Limits:
    """The limits of a session; WhatsAppSession.DoesNotExist where it is gone."""
    try:
        return limits_of_all([session_id])[session_id]
    except KeyError:
        raise WhatsAppSession.DoesNotExist(session_id) from None


def limits_of_all(session_ids: Iterable[int]) -> dict[int, Limits]:
    """The limits of many sessions in one query; those that are gone are left out."""
    rows = WhatsAppSession.objects.select_related("business", "limits", "active_link")
    rows = rows.filter(pk__in=session_ids).annotate(is_limited=Q(new_chats_until__gt=Now()))
    return {session.pk: _limits(session, session.is_limited) for session in rows}


def _limits(session: WhatsAppSession, is_limited: bool | None) -> Limits:
    """The defaults, what the session's business lowered, what support raised."""
    profile = session.pacing_profile
    left = session.new_chats_left if is_limited else None
    until = session.new_chats_until if is_limited else None
    limits = Limits(
        session.pk, profile is PacingProfile.UNLIMITED, session.linked_at, session.business.zone,
        left=left, left_until=until, left_told_at=session.new_chats_told_at,
        by_quota=profile is PacingProfile.QUOTA,
    )  # fmt: skip
    if limits.by_quota:
        limits = replace(limits, interval=AT_API_SPEED)
    own: SessionLimits | None = getattr(session, "limits", None)
    if own is None:
        return limits
    own = own.in_force()
    limits = replace(limits, hours=Hours(own.opens, own.closes, own.sundays), daily=own.daily)
    if limits.by_quota:
        return limits
    return replace(
        limits,
        interval=timedelta(seconds=own.interval_seconds),
        new_chats=own.new_chats,
        raised=bool(own.raised_reason),
    )


def gate(limits: Limits, *, now: datetime) -> Gate | Closed:
    """What a session may claim at `now` (aware)."""
    if limits.unlimited:
        return Gate()
    free_at = interval_ends(limits, now=now)
    return Closed(free_at) if free_at else day_gate(limits, now=now)


def day_gate(limits: Limits, *, now: datetime) -> Gate | Closed:
    """The gate where the interval is known to be over: the day's counts, and the hours."""
    if limits.unlimited:
        return Gate()
    if limits.daily is not None:
        used = usage.messages(limits.session_id, since=_midnight(limits, now))
        shut_until = _shut_until(used, limits.daily, tomorrow(now, limits), now)
        if shut_until:
            return Closed(shut_until)
    codes = ("", *AREA_CODES)
    closed = tuple(code for code in codes if not is_open(now, _zone(code, limits), limits.hours))
    if len(closed) == len(codes):
        return Closed(min(_opening(now, code, limits) for code in codes))
    again = new_chats_again(limits, now=now)
    shut = [_opening(now, code, limits) for code in closed] + ([again] if again else [])
    return Gate(again is not None, closed, min(shut) if shut else None)


def interval_ends(limits: Limits, *, now: datetime) -> datetime | None:
    """When the next message may be claimed, campaign's or notice; None when it may be now."""
    if limits.unlimited or limits.by_quota:
        return None
    free_at = _interval_over(limits)
    return free_at if free_at and free_at > now else None


def new_chats_again(limits: Limits, *, now: datetime) -> datetime | None:
    """When a new chat may be opened again; None when one may be now.

    As a phone never more than ours of today, and none while WhatsApp lets it open none. By WhatsApp's quota
    what was opened since it told how many are left is counted, since thousands may be until it tells again.
    """
    if limits.unlimited:
        return None
    mine = ours(limits, now=now)
    shut: list[datetime | None] = []
    if mine is not None:
        used = usage.new_chats(limits.session_id, since=_midnight(limits, now))
        shut.append(_shut_until(used, mine, tomorrow(now, limits), now))
    if limits.left is not None and limits.left_until:
        shut.append(_shut_until(_of_whatsapps(limits), limits.left, limits.left_until, now))
    return max((moment for moment in shut if moment), default=None)


def _of_whatsapps(limits: Limits) -> Used:
    """New chats since WhatsApp gave its quota; none for phones, whose quota is read again soon."""
    if not limits.by_quota or limits.left_told_at is None:
        return Used(0, 0)
    return usage.new_chats(limits.session_id, since=limits.left_told_at)


def _shut_until(used: Used, most: int, again: datetime, now: datetime) -> datetime | None:
    """When a limit lets the next one go, None when it does now: until `again`, or soon, if only what is in
    hand stands in the way.
    """
    if used.gone >= most:
        return again
    return now + SOON if used.gone + used.in_hand >= most else None


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


def quota(limits: Limits, *, now: datetime) -> int | None:
    """How many new chats a session may open in all on the day of `now`: what WhatsApp lets it, or less; None
    where that is all that meters it, and it doesn't say.
    """
    mine, theirs = ours(limits, now=now), whatsapps_left(limits)
    if theirs is None:
        return mine
    in_all = new_chats_today(limits, now=now) + theirs
    return in_all if mine is None else min(mine, in_all)


def whatsapps_left(limits: Limits) -> int | None:
    """How many new chats are left of WhatsApp's own quota now; None where it doesn't say."""
    return None if limits.left is None else max(0, limits.left - _of_whatsapps(limits).gone)


def ours(limits: Limits, *, now: datetime) -> int | None:
    """blü's own quota of new chats today: by the age of the link, and what its business or support set."""
    if limits.by_quota:
        return None
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
    return usage.new_chats(limits.session_id, since=_midnight(limits, now)).gone


def sent_today(limits: Limits, *, now: datetime) -> int:
    """How many messages left, or may have left, since midnight on the business's clock: notices too."""
    return usage.messages(limits.session_id, since=_midnight(limits, now)).gone


def _midnight(limits: Limits, now: datetime) -> datetime:
    return datetime.combine(now.astimezone(limits.zone).date(), time(0), tzinfo=limits.zone)


def _opening(now: datetime, area_code: str, limits: Limits) -> datetime:
    return opening_after(now, _zone(area_code, limits), limits.hours)


def _zone(area_code: str, limits: Limits) -> ZoneInfo:
    return zone_of_area_code(area_code) if area_code else limits.zone


def _interval_over(limits: Limits) -> datetime | None:
    row = prepared_sql.one(_LAST_SENT, {"session": limits.session_id})
    last: datetime | None = row["at"] if row else None
    return last + limits.interval if last else None
