"""A business lowers a session's limits: never above the ceiling, nor above what support allowed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any

from django.db import transaction
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import User
from blu.accounts.refused import Refused
from blu.web.numbers import grouped
from campaigns.limits import pacing
from campaigns.models import SessionLimits
from campaigns.models.limits import CLOSES, INTERVAL_SECONDS, NEW_CHATS, OPENS
from sessions.driving import link_updates
from sessions.models import WhatsAppSession

FIELDS = ("interval_seconds", "opens", "closes", "sundays", "daily", "new_chats")


class LimitRefusal(TextChoices):
    """Which ceiling a limit would go above."""

    INTERVAL = (
        "interval",
        _("O menor intervalo é de %(n)s segundos. Para enviar mais depressa, fale com o suporte."),
    )
    OPENS = "opens", _("Antes das %(hour)s, só com o suporte.")
    CLOSES = "closes", _("Depois das %(hour)s, só com o suporte.")
    SUNDAYS = "sundays", _("Aos domingos, só com o suporte.")
    NEW_CHATS = (
        "new_chats",
        _("O máximo é de %(n)s conversas novas por dia. Para mais, fale com o suporte."),
    )


@dataclass(frozen=True)
class Ceilings:
    """As far as a business may go by itself."""

    interval_seconds: int = INTERVAL_SECONDS
    opens: time = OPENS
    closes: time = CLOSES
    sundays: bool = False
    new_chats: int = NEW_CHATS


def of_session(session: WhatsAppSession) -> SessionLimits:
    """The session's own limits, or the standard ones in an unsaved row."""
    found = SessionLimits.objects.filter(session=session).first()
    return found or SessionLimits(session=session)


def ceilings(own: SessionLimits) -> Ceilings:
    """The standard, or what support raised. What is lowered from there comes back only by support."""
    if not own.raise_holds:
        return Ceilings()
    quota = pacing.quota(pacing.limits_of(own.session_id), now=timezone.now())
    return Ceilings(
        min(INTERVAL_SECONDS, own.interval_seconds),
        min(OPENS, own.opens),
        max(CLOSES, own.closes),
        own.sundays,
        # Whoever is raised is not held by the age of the link: so never more than today's quota.
        NEW_CHATS if quota is None else quota,
    )


def refusals(values: Mapping[str, Any], most: Ceilings) -> dict[str, Refused]:
    """Returns what goes above the ceilings, by field, and how far one may go."""
    new_chats, above = values.get("new_chats"), LimitRefusal
    found: dict[str, Refused] = {}
    if values["interval_seconds"] < most.interval_seconds:
        found["interval_seconds"] = Refused(above.INTERVAL, n=most.interval_seconds)
    if values["opens"] < most.opens:
        found["opens"] = Refused(above.OPENS, hour=hour(most.opens))
    if values["closes"] > most.closes:
        found["closes"] = Refused(above.CLOSES, hour=hour(most.closes))
    if values.get("sundays") and not most.sundays:
        found["sundays"] = Refused(above.SUNDAYS)
    if new_chats is not None and new_chats > most.new_chats:
        found["new_chats"] = Refused(above.NEW_CHATS, n=grouped(most.new_chats))
    return found


@transaction.atomic
def lower(*, session: WhatsAppSession, values: Mapping[str, Any], actor: User) -> SessionLimits:
    """Write a session's limits for its business; Refused where they go above the ceilings.

    `values` holds all of FIELDS. Support's reason stays: it tells what was allowed, and why.
    """
    WhatsAppSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
    locked = SessionLimits.objects.select_for_update().filter(session=session).first()
    own = locked or SessionLimits(session=session)
    for refusal in refusals(values, ceilings(own)).values():
        raise refusal
    for name in FIELDS:
        setattr(own, name, values[name])
    own._history_user = actor  # type: ignore[attr-defined]  # simple_history's
    own.save()
    transaction.on_commit(lambda: link_updates.wake(session.pk))
    return own


def hour(moment: time) -> str:
    """8h, 8h30."""
    return f"{moment.hour}h{moment.minute:02}" if moment.minute else f"{moment.hour}h"
