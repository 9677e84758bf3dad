"""The circuit breaker: a campaign that people don't want, or that isn't sound, pauses by itself.

Looked at after each batch of claims, over the last 50 people of the campaign (brazil.md, "Pacing").
Nothing is lost: the rows stay queued until a person resumes.
"""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from blu.lib.numbers import percent
from campaigns.models import Campaign, Delivery, Reply
from campaigns.transitions import Reason, Status

LAST = 50
OPT_OUTS = 0.06
INVALID = 0.20


def look(campaign_id: int) -> str:
    """Pause a running campaign whose last people say so; the reason, "" when all is well.

    After a person resumed it, only what came since counts.
    """
    campaign = Campaign.objects.filter(pk=campaign_id, status=Campaign.Status.RUNNING).first()
    if campaign is None:
        return ""
    reason = _too_many_left(campaign) or _too_many_invalid(campaign)
    if reason:
        now = timezone.now()
        Campaign.objects.filter(pk=campaign_id, status=Campaign.Status.RUNNING).update(
            status=Campaign.Status.PAUSED,
            pause_reason=reason,
            paused_by=None,
            paused_at=now,
            updated_at=now,
        )
    return reason


def _too_many_left(campaign: Campaign) -> str:
    sent = _last_sent(campaign)
    if len(sent) < LAST:
        return ""
    ids = [pk for pk, _at in sent]
    stops = Reply.objects.filter(delivery__in=ids, kind=Reply.Kind.STOP)
    left = stops.values("delivery").distinct().count()
    if left <= LAST * OPT_OUTS:
        return ""
    return _(
        "%(left)d das últimas %(last)d pessoas pediram para sair (%(share)s; o limite é %(limit)s). "
        "Continuar assim incomoda pessoas e põe a conta em risco."
    ) % {"last": LAST, "left": left, **_shares(left, LAST, OPT_OUTS)}


def _too_many_invalid(campaign: Campaign) -> str:
    sent = _last_sent(campaign)
    failed = Delivery.objects.filter(
        campaign=campaign, status=Status.FAILED, reason=Reason.NOT_ON_WHATSAPP
    )
    if since := sent[-1][1] if len(sent) == LAST else campaign.resumed_at:
        failed = failed.filter(sending_at__gte=since)
    invalid = failed.count()
    tried = len(sent) + invalid
    if tried < LAST or invalid <= tried * INVALID:
        return ""
    return _(
        "%(invalid)d dos últimos %(tried)d números não têm WhatsApp (%(share)s; o limite é %(limit)s). "
        "Continuar assim põe a conta em risco: confira a planilha de onde vieram."
    ) % {"tried": tried, "invalid": invalid, **_shares(invalid, tried, INVALID)}


def _shares(part: int, whole: int, limit: float) -> dict[str, str]:
    return {"share": percent(part, whole), "limit": percent(limit, 1)}


def _last_sent(campaign: Campaign) -> list[tuple[int, datetime]]:
    """(id, sent_at) of the newest messages since a person last resumed it, by delivery_sent."""
    rows = Delivery.objects.filter(
        campaign=campaign, session_id=campaign.session_id or 0, sent_at__isnull=False
    )
    if campaign.resumed_at:
        rows = rows.filter(sent_at__gt=campaign.resumed_at)
    newest = rows.order_by("-sent_at").values_list("pk", "sent_at")[:LAST]
    return [(pk, at) for pk, at in newest if at]
