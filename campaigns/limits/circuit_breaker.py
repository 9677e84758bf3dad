"""The circuit breaker: a campaign that people don't want, or that isn't sound, pauses by itself.

It looks at the last 50 people of one campaign (docs/responsible-use.md): as a visit begins, after every ten
of its rows, and at each answer that asks to stop. A time-lock pauses every campaign that was running
through the session when it came. Nothing is lost: the rows stay queued until a person resumes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from campaigns.lifecycle import move
from campaigns.models import Campaign, Delivery, Reply
from campaigns.models.campaign_states import PauseReason
from campaigns.models.ledger_states import Reason, Status
from sessions.models import SessionEvent, WhatsAppSession
from sessions.states import State

LAST = 50
OPT_OUTS = 0.06
INVALID = 0.20
# WhatsApp's times are whole minutes, and machines' clocks differ: before its launch no campaign sends.
SLACK = timedelta(hours=1)
EVENTS = 50  # a visit that follows a time-lock finds it among these; no longer history is read


class Tried(NamedTuple):
    """One of the people whom a campaign tried to reach."""

    at: datetime
    delivery: int
    valid: bool


def check(campaign_id: int) -> str:
    """Pause a running campaign if its last people give a reason. Returns the reason's code, "" without one.

    After a person resumed it, only what came since counts.
    """
    campaign = Campaign.objects.filter(pk=campaign_id, status=Campaign.Status.RUNNING).first()
    if campaign is None:
        return ""
    for reason, count, limit in (
        (PauseReason.TOO_MANY_LEFT, _opted_out, OPT_OUTS),
        (PauseReason.TOO_MANY_INVALID, _invalid, INVALID),
    ):
        part = count(campaign)
        if part > LAST * limit:
            _pause([campaign.pk], reason, {"part": part, "last": LAST, "limit": limit})
            return str(reason)
    return ""


def check_session(session_id: int) -> None:
    """Check every running campaign of a session, and pause those that began before its last time-lock."""
    events = SessionEvent.objects.filter(session_id=session_id).order_by("-id")[:EVENTS]
    locked = [at for at, state in events.values_list("at", "state") if state == State.RESTRICTED]
    _pause_locked(session_id, locked[0] if locked else None)
    running = Campaign.objects.filter(session_id=session_id, status=Campaign.Status.RUNNING)
    for pk in running.values_list("pk", flat=True):
        check(pk)


def pause_restricted() -> int:
    """Pause what still runs through sessions that WhatsApp restricted. Returns the number of campaigns."""
    restricted = WhatsAppSession.objects.filter(active_link__state=State.RESTRICTED)
    paused = 0
    for pk in restricted.values_list("pk", flat=True):
        events = SessionEvent.objects.filter(session_id=pk, state=State.RESTRICTED)
        newest = events.order_by("-id").values_list("at", flat=True).first()
        paused += _pause_locked(pk, newest)
    return paused


def running_or_locked(session_id: int) -> QuerySet[Campaign]:
    """A session's campaigns that go on by themselves: running, or paused by WhatsApp's time-lock."""
    locked = Q(
        status=Campaign.Status.PAUSED,
        paused_by__isnull=True,
        session__active_link__state=State.RESTRICTED,
    )
    return Campaign.objects.filter(Q(status=Campaign.Status.RUNNING) | locked, session=session_id)


def _pause_locked(session_id: int, locked_at: datetime | None) -> int:
    """Pause running campaigns, but not those launched or resumed after the lock. Returns the number paused."""
    if locked_at is None:
        return 0
    running = Campaign.objects.filter(
        Q(resumed_at__isnull=True) | Q(resumed_at__lt=locked_at),
        session_id=session_id,
        status=Campaign.Status.RUNNING,
        launched_at__lt=locked_at,
    )
    return _pause(running.values_list("pk", flat=True), PauseReason.TIME_LOCK, {})


def _pause(campaigns: Iterable[int], reason: PauseReason, counts: Mapping[str, float]) -> int:
    return move(
        Campaign.objects.filter(pk__in=campaigns),
        Campaign.Status.PAUSED,
        pause_reason=reason,
        pause_counts=counts,
        paused_by=None,
        paused_at=Now(),
    )


def _opted_out(campaign: Campaign) -> int:
    """How many of the last people asked to stop; 0 while there are fewer than LAST."""
    sent = _last_sent(campaign)
    if len(sent) < LAST:
        return 0
    stops = Reply.objects.filter(delivery__in=[one.delivery for one in sent], kind=Reply.Kind.STOP)
    return stops.values("delivery").distinct().count()


def _invalid(campaign: Campaign) -> int:
    """How many of the last numbers have no WhatsApp; 0 while there are fewer than LAST."""
    wrong = _last_invalid(campaign)
    if len(wrong) <= LAST * INVALID:
        return 0
    tried = sorted(chain(_last_sent(campaign), wrong), reverse=True)[:LAST]
    return sum(not one.valid for one in tried) if len(tried) == LAST else 0


def _since(campaign: Campaign) -> datetime:
    """From when on its people count: since a person last resumed it, else since its launch."""
    return campaign.resumed_at or (campaign.launched_at or campaign.created_at) - SLACK


def _last_sent(campaign: Campaign) -> list[Tried]:
    """The newest messages that count, by the index delivery_sent; none that was said to have failed."""
    rows = Delivery.objects.filter(
        campaign=campaign, session_id=campaign.session_id or 0, sent_at__gt=_since(campaign)
    ).exclude(status=Status.FAILED)
    newest = rows.order_by("-sent_at").values_list("sent_at", "pk")[:LAST]
    return [Tried(at, pk, valid=True) for at, pk in newest if at]


def _last_invalid(campaign: Campaign) -> list[Tried]:
    """The newest numbers without WhatsApp that count, by the index delivery_no_whatsapp."""
    rows = Delivery.objects.filter(
        campaign=campaign,
        status=Status.FAILED,
        reason=Reason.NOT_ON_WHATSAPP,
        ended_at__gt=_since(campaign),
    )
    newest = rows.order_by("-ended_at").values_list("ended_at", "pk")[:LAST]
    return [Tried(at, pk, valid=False) for at, pk in newest if at]
