"""The states of a campaign, every move between them, why one is paused, and what each state means.

The triggers and the constraints of the column are made from here; `campaigns.lifecycle.move` is the only
code that writes it (docs/decisions/0034).
"""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _

from blu.db.state_machine import BORN
from blu.web.numbers import percent


class CampaignStatus(models.TextChoices):
    """How a campaign is."""

    DRAFT = "draft", _("rascunho")
    SCHEDULED = "scheduled", _("agendada")
    LAUNCHING = "launching", _("preparando")
    RUNNING = "running", _("enviando")
    PAUSED = "paused", _("pausada")
    DONE = "done", _("concluída")
    CANCELLED = "cancelled", _("cancelada")

    @property
    def is_before_launch(self) -> bool:
        """Its audience is not frozen yet: its words may still change."""
        return self in BEFORE_LAUNCH

    @property
    def is_under_way(self) -> bool:
        """Launched and not over: some people may still have to be sent to."""
        return self in UNDER_WAY

    @property
    def is_over(self) -> bool:
        """Ended; only a row in doubt may take it up again."""
        return self in OVER


BEFORE_LAUNCH = (CampaignStatus.DRAFT, CampaignStatus.SCHEDULED)
# Those that move by themselves.
ACTIVE = (CampaignStatus.LAUNCHING, CampaignStatus.RUNNING)
UNDER_WAY = (*ACTIVE, CampaignStatus.PAUSED)
OVER = (CampaignStatus.DONE, CampaignStatus.CANCELLED)

MOVES: dict[str, tuple[CampaignStatus, ...]] = {
    BORN: (CampaignStatus.DRAFT,),
    CampaignStatus.DRAFT: (
        CampaignStatus.SCHEDULED,
        CampaignStatus.LAUNCHING,
        CampaignStatus.CANCELLED,
    ),
    CampaignStatus.SCHEDULED: (
        CampaignStatus.DRAFT,
        CampaignStatus.LAUNCHING,
        CampaignStatus.CANCELLED,
    ),
    CampaignStatus.LAUNCHING: (CampaignStatus.RUNNING, CampaignStatus.CANCELLED),
    CampaignStatus.RUNNING: (
        CampaignStatus.PAUSED,
        CampaignStatus.DONE,
        CampaignStatus.CANCELLED,
    ),
    CampaignStatus.PAUSED: (CampaignStatus.RUNNING, CampaignStatus.CANCELLED),
    # A message in doubt that a person says did not arrive is sent after the others.
    CampaignStatus.DONE: (CampaignStatus.RUNNING,),
    CampaignStatus.CANCELLED: (),
}


class PauseReason(models.TextChoices):
    """Why blü itself paused a campaign, with the numbers that led to it."""

    NONE = "", ""
    TIME_LOCK = (
        "time_lock",
        _(
            "O WhatsApp restringiu a conta: por enquanto ela não pode começar conversas novas. "
            "Continuar como antes pode levar ao bloqueio: reveja o público e o ritmo antes de retomar."
        ),
    )
    TOO_MANY_LEFT = (
        "too_many_left",
        _(
            "%(part)s das últimas %(last)s pessoas pediram para sair (%(share)s; o limite é %(limit)s). "
            "Continuar assim incomoda pessoas e põe a conta em risco."
        ),
    )
    TOO_MANY_INVALID = (
        "too_many_invalid",
        _(
            "%(part)s dos últimos %(last)s números não têm WhatsApp (%(share)s; o limite é %(limit)s). "
            "Continuar assim põe a conta em risco: confira a planilha de onde vieram."
        ),
    )


def pause_in_words(code: str, counted: Mapping[str, float]) -> str:
    """Why it was paused, in the language of who reads; "" for no reason.

    `counted` holds `part` of `last` people and the `limit` as a share of 1, where it was counted.
    """
    if code not in PauseReason:
        return code
    words = str(PauseReason(code).label)
    if not counted:
        return words
    shares = {
        "share": percent(counted["part"], counted["last"]),
        "limit": percent(counted["limit"], 1),
    }
    return words % (dict(counted) | shares)
