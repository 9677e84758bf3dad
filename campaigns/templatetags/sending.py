"""What the WhatsApp pages show of campaigns: the sessions app knows nothing of pacing.

{% sending_today session %}: the card with today's use of the limits.
{% waiting_messages session %}: "Nada se perdeu: 203 mensagens esperam na fila."
{% running_campaigns session %}: that they go on while the account moves.
{% session_alerts session %}: what its owner is warned of.
"""

from datetime import datetime
from typing import Any

from django import template
from django.template import Context
from django.utils import timezone

from campaigns.alerts import incidents, session_problems
from campaigns.limits import forecast, pacing, services
from campaigns.models import Campaign, SessionAlert
from sessions.models import WhatsAppSession

register = template.Library()

NAMED = 3  # running campaigns


@register.inclusion_tag("campaigns/sending_today.html", takes_context=True)
def sending_today(context: Context, session: WhatsAppSession) -> dict[str, Any]:
    """What was sent today of the day's limit, and new chats of their quota."""
    limits = pacing.limits_of(session.pk)
    now = timezone.now()
    gate = pacing.gate(limits, now=now)
    return {
        "request": context["request"],
        "session": session,
        "may_lower": context.get("is_owner", False),
        "unlimited": limits.unlimited,
        "sent": pacing.sent_today(limits, now=now),
        "possible": forecast.possible_today(limits, now=now),
        "new_chats": pacing.new_chats_today(limits, now=now),
        "quota": pacing.quota(limits, now=now),
        "limits": limits,
        "left": pacing.whatsapps_left(limits),
        "left_until": limits.left_until,
        "opens": services.hour(limits.hours.opens),
        "closes": services.hour(limits.hours.closes),
        "reopens": _reopens(gate, session, limits, now),
        "last_sent_at": session.last_sent_at,
    }


@register.inclusion_tag("campaigns/waiting_messages.html")
def waiting_messages(session: WhatsAppSession, then: str = "") -> dict[str, Any]:
    """How much the session keeps for later, and, where that is anything, what becomes of it `then`."""
    number = session_problems.waiting(session.pk)
    return {"words": session_problems.waiting_in_words(number), "then": then if number else ""}


@register.inclusion_tag("campaigns/running_campaigns.html")
def running_campaigns(session: WhatsAppSession, has_switched: bool = False) -> dict[str, Any]:
    """What goes on being sent while the account moves to another link, and after that."""
    running = Campaign.objects.filter(session=session, status=Campaign.Status.RUNNING)
    names = list(running.order_by("pk").values_list("name", flat=True)[:NAMED])
    return {"names": names, "has_switched": has_switched}


@register.inclusion_tag("campaigns/session_alerts.html", takes_context=True)
def session_alerts(context: Context, session: WhatsAppSession, may_answer: bool) -> dict[str, Any]:
    """The session's open incidents; with the question about its phone where the reader `may_answer`."""
    told = [
        (one, incidents.in_words(one))
        for one in incidents.open_ones([session.pk])
        if may_answer or one.kind != SessionAlert.Kind.PHONE
    ]
    return {"request": context["request"], "alerts": told, "session": session}


def _reopens(
    gate: pacing.Gate | pacing.Closed,
    session: WhatsAppSession,
    limits: pacing.Limits,
    now: datetime,
) -> datetime | None:
    """When the limits let it go on, if a person has to wait for it: not the seconds between messages."""
    if session.state_until:
        return None
    until = gate.until if isinstance(gate, pacing.Closed) else gate.reopens
    return until if until and until - now > max(limits.interval, pacing.SOON) else None
