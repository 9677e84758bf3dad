"""The circuit breaker: a campaign that people don't want, or that isn't sound, pauses by itself.

It looks at the last 50 people of one campaign (docs/responsible-use.md): as a visit begins, after every ten
of its rows, and at each answer that asks to stop. A time-lock pauses every campaign that was running
through the session when it came. Nothing is lost: the rows stay queued until a person resumes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from blu.db import prepared_sql
from campaigns.lifecycle import move
from campaigns.models import Campaign
from campaigns.models.campaign_states import PauseReason
from sessions.models import SessionEvent, WhatsAppSession
from sessions.states import State

LAST = 50
OPT_OUTS = 0.06
INVALID = 0.20
EVENTS = 50  # a visit that follows a time-lock finds it among these; no longer history is read


# Of the last people whom a campaign tried to reach: how many asked to stop, how many have no WhatsApp; none of either
# while there are fewer. After a person resumed it only what came since counts, else what came since an hour before its
# launch: WhatsApp's times are whole minutes, and machines' clocks differ. By the indexes delivery_sent and
# delivery_no_whatsapp; what was said to have failed was not sent.
_OF_THE_LAST = f"""
WITH campaign AS MATERIALIZED (
    SELECT c.session_id, coalesce(c.resumed_at, coalesce(c.launched_at, c.created_at) - interval '1 hour') AS since
      FROM campaigns_campaign c WHERE c.id = %(campaign)s AND c.status = 'running'),
sent AS MATERIALIZED (
    SELECT d.id, d.sent_at AS at FROM campaigns_delivery d
     WHERE d.session_id = (SELECT session_id FROM campaign) AND d.sent_at > (SELECT since FROM campaign)
       AND d.campaign_id = %(campaign)s AND d.status <> 'failed'
     ORDER BY d.sent_at DESC LIMIT {LAST}),
invalid AS MATERIALIZED (
    SELECT d.id, d.ended_at AS at FROM campaigns_delivery d
     WHERE d.campaign_id = %(campaign)s AND d.status = 'failed' AND d.reason = 'not_on_whatsapp'
       AND d.ended_at > (SELECT since FROM campaign)
     ORDER BY d.ended_at DESC LIMIT {LAST}),
tried AS MATERIALIZED (
    SELECT one.is_valid
      FROM (SELECT id, at, true AS is_valid FROM sent UNION ALL SELECT id, at, false FROM invalid) one
     ORDER BY one.at DESC, one.id DESC LIMIT {LAST})
SELECT CASE WHEN (SELECT count(*) FROM sent) < {LAST} THEN 0
            ELSE (SELECT count(DISTINCT reply.delivery_id) FROM campaigns_reply reply
                   WHERE reply.kind = 'stop' AND reply.delivery_id IN (SELECT id FROM sent)) END AS opted_out,
       CASE WHEN (SELECT count(*) FROM tried) < {LAST} THEN 0
            ELSE (SELECT count(*) FROM tried WHERE NOT is_valid) END AS invalid
"""


def check(campaign_id: int) -> str:
    """Pause a running campaign if its last people give a reason. Returns the reason's code, "" without one."""
    last = prepared_sql.one(_OF_THE_LAST, {"campaign": campaign_id})
    assert last is not None
    for reason, part, limit in (
        (PauseReason.TOO_MANY_LEFT, last["opted_out"], OPT_OUTS),
        (PauseReason.TOO_MANY_INVALID, last["invalid"], INVALID),
    ):
        if part > LAST * limit:
            _pause([campaign_id], reason, {"part": part, "last": LAST, "limit": limit})
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
