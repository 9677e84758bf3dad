"""What the WhatsApp pages show of campaigns: the sessions app knows nothing of pacing.

{% sending_today session %}: the card with today's use of the limits.
"""

from typing import Any

from django import template

from blu.lib import clock
from campaigns import pacing
from sessions.models import WhatsAppSession

register = template.Library()


@register.inclusion_tag("campaigns/sending_today.html")
def sending_today(session: WhatsAppSession) -> dict[str, Any]:
    """New chats of the day, their quota, and whether sending is held until later."""
    limits = pacing.limits_of(session.pk)
    now = clock.now()
    gate = pacing.gate(limits, now=now)
    is_well = session.state in ("online", "resting")
    return {
        "unlimited": limits.unlimited,
        "new_chats": pacing.new_chats_today(limits, now=now),
        "quota": pacing.quota(limits, now=now),
        "held": not is_well or isinstance(gate, pacing.Closed),
        "reopens": _reopens(gate, session),
        "last_sent_at": session.last_sent_at,
    }


def _reopens(gate: pacing.Gate | pacing.Closed, session: WhatsAppSession) -> Any:
    """When sending starts again, if a person has to wait for it: not the seconds between messages."""
    if session.state == "restricted":
        return session.state_until
    until = gate.until if isinstance(gate, pacing.Closed) else gate.reopens
    return until if until and until - clock.now() > pacing.INTERVAL else None
