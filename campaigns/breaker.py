"""The circuit breaker: a campaign that people don't want, or that isn't sound, pauses by itself.

It looks at the last 50 people of one campaign (brazil.md, "Pacing"): as a visit begins, after every ten
of its rows, and at each answer that asks to stop. A time-lock pauses every campaign that was running
through the session when it came. Nothing is lost: the rows stay queued until a person resumes.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from blu.lib.numbers import percent
from campaigns.models import Campaign, Delivery, Reply
from campaigns.transitions import Reason, Status
from sessions.models import SessionEvent, WhatsAppSession
from sessions.states import State

LAST = 50
OPT_OUTS = 0.06
INVALID = 0.20
# WhatsApp's times are whole minutes, and machines' clocks differ: before its launch no campaign sends.
SLACK = timedelta(hours=1)
EVENTS = 50  # a visit that follows a time-lock finds it among these; no longer history is read


class Tried(NamedTuple):
    """One of the people a campaign came to."""

    at: datetime
    delivery: int
    valid: bool


def look(campaign_id: int) -> str:
    """Pause a running campaign whose last people say so; the reason, "" when all is well.

    After a person resumed it, only what came since counts.
    """
    campaign = Campaign.objects.filter(pk=campaign_id, status=Campaign.Status.RUNNING).first()
    if campaign is None:
        return ""
    reason = _too_many_left(campaign) or _too_many_invalid(campaign)
    if reason:
        _pause([campaign.pk], reason)
    return reason


def look_at_session(session_id: int) -> None:
    """Look at every campaign that runs through a session, and for a time-lock since they began to."""
    events = SessionEvent.objects.filter(session_id=session_id).order_by("-id")[:EVENTS]
    locked = [at for at, state in events.values_list("at", "state") if state == State.RESTRICTED]
    _pause_locked(session_id, locked[0] if locked else None)
    running = Campaign.objects.filter(session_id=session_id, status=Campaign.Status.RUNNING)
    for pk in running.values_list("pk", flat=True):
        look(pk)


def look_at_locks() -> int:
    """Pause what still runs through sessions that WhatsApp restricted; how many campaigns."""
    restricted = WhatsAppSession.objects.filter(active_link__state=State.RESTRICTED)
    paused = 0
    for pk in restricted.values_list("pk", flat=True):
        events = SessionEvent.objects.filter(session_id=pk, state=State.RESTRICTED)
        newest = events.order_by("-id").values_list("at", flat=True).first()
        paused += _pause_locked(pk, newest)
    return paused


def running_or_locked(session_id: int) -> QuerySet[Campaign]:
    """A session's campaigns that wait for nobody but WhatsApp: running, or paused by its time-lock."""
    locked = Q(
        status=Campaign.Status.PAUSED,
        paused_by__isnull=True,
        session__active_link__state=State.RESTRICTED,
    )
    return Campaign.objects.filter(Q(status=Campaign.Status.RUNNING) | locked, session=session_id)


def _pause_locked(session_id: int, locked_at: datetime | None) -> int:
    """Who launched or resumed after the lock came knew of it: that campaign waits in its queue."""
    if locked_at is None:
        return 0
    running = Campaign.objects.filter(
        Q(resumed_at__isnull=True) | Q(resumed_at__lt=locked_at),
        session_id=session_id,
        status=Campaign.Status.RUNNING,
        launched_at__lt=locked_at,
    )
    return _pause(running.values_list("pk", flat=True), _time_lock())


def _time_lock() -> str:
    return _(
        "O WhatsApp restringiu a conta: por enquanto ela não pode começar conversas novas. "
        "Continuar como antes pode levar ao bloqueio: reveja o público e o ritmo antes de retomar."
    )


def _pause(campaigns: Iterable[int], reason: str) -> int:
    now = timezone.now()
    return Campaign.objects.filter(pk__in=campaigns, status=Campaign.Status.RUNNING).update(
        status=Campaign.Status.PAUSED,
        pause_reason=reason,
        paused_by=None,
        paused_at=now,
        updated_at=now,
    )


def _too_many_left(campaign: Campaign) -> str:
    sent = _last_sent(campaign)
    if len(sent) < LAST:
        return ""
    stops = Reply.objects.filter(delivery__in=[one.delivery for one in sent], kind=Reply.Kind.STOP)
    left = stops.values("delivery").distinct().count()
    if left <= LAST * OPT_OUTS:
        return ""
    return _(
        "%(left)d das últimas %(last)d pessoas pediram para sair (%(share)s; o limite é %(limit)s). "
        "Continuar assim incomoda pessoas e põe a conta em risco."
    ) % {"last": LAST, "left": left, **_shares(left, LAST, OPT_OUTS)}


def _too_many_invalid(campaign: Campaign) -> str:
    wrong = _last_invalid(campaign)
    if len(wrong) <= LAST * INVALID:
        return ""
    tried = sorted(chain(_last_sent(campaign), wrong), reverse=True)[:LAST]
    invalid = sum(not one.valid for one in tried)
    if len(tried) < LAST or invalid <= LAST * INVALID:
        return ""
    return _(
        "%(invalid)d dos últimos %(tried)d números não têm WhatsApp (%(share)s; o limite é %(limit)s). "
        "Continuar assim põe a conta em risco: confira a planilha de onde vieram."
    ) % {"tried": LAST, "invalid": invalid, **_shares(invalid, LAST, INVALID)}


def _shares(part: int, whole: int, limit: float) -> dict[str, str]:
    return {"share": percent(part, whole), "limit": percent(limit, 1)}


def _since(campaign: Campaign) -> datetime:
    """From when on its people count: since a person last resumed it, else since its launch."""
    return campaign.resumed_at or (campaign.launched_at or campaign.created_at) - SLACK


def _last_sent(campaign: Campaign) -> list[Tried]:
    """The newest messages that count, by the index delivery_sent."""
    rows = Delivery.objects.filter(
        campaign=campaign, session_id=campaign.session_id or 0, sent_at__gt=_since(campaign)
    )
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
