"""How fast one session may send: what a business lowers, and what support may raise."""

from copy import copy
from datetime import time

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from sessions.models import WhatsAppSession

# The ceilings (docs/responsible-use.md): without a raise nobody passes them.
INTERVAL_SECONDS = 20
OPENS, CLOSES = time(8), time(20)
NEW_CHATS = 200


class SessionLimits(models.Model):
    """A session's own limits; a field left empty keeps the default.

    Only rows with a written reason of support may pass the ceilings, by a constraint.
    """

    session = models.OneToOneField(
        WhatsAppSession, models.CASCADE, related_name="limits", verbose_name=_("conexão")
    )
    interval_seconds = models.PositiveIntegerField(
        _("segundos entre mensagens"), default=INTERVAL_SECONDS, validators=[MinValueValidator(1)]
    )
    opens = models.TimeField(_("começa às"), default=OPENS)
    closes = models.TimeField(_("para às"), default=CLOSES)
    sundays = models.BooleanField(_("também aos domingos"), default=False)
    daily = models.PositiveIntegerField(_("mensagens por dia"), null=True, blank=True)
    new_chats = models.PositiveIntegerField(
        _("conversas novas por dia"),
        null=True,
        blank=True,
        help_text=_("vazio: conforme a idade da conexão"),
    )
    raised_reason = models.CharField(_("por que foi aumentado"), max_length=300, blank=True)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("aumentado por"),
    )
    # A raise is of the link that the session had then: another link begins its own warm-up.
    raised_at = models.DateTimeField(
        _("aumentado em"), default=timezone.now, db_default=Now(), editable=False
    )
    history = HistoricalRecords(excluded_fields=["raised_at"])

    class Meta:
        verbose_name = _("limites de envio")
        verbose_name_plural = _("limites de envio")
        constraints = [
            models.CheckConstraint(
                name="limits_below_the_ceiling",
                condition=~Q(raised_reason="")
                | (
                    Q(interval_seconds__gte=INTERVAL_SECONDS, sundays=False)
                    & Q(opens__gte=OPENS, closes__lte=CLOSES)
                    & (Q(new_chats__isnull=True) | Q(new_chats__lte=NEW_CHATS))
                ),
                violation_error_message=_(
                    "Acima dos limites padrão só o suporte vai, com um motivo escrito."
                ),
            ),
            models.CheckConstraint(
                name="limits_open_before_close",
                condition=Q(opens__lt=models.F("closes"), interval_seconds__gte=1),
                violation_error_message=_("O horário de começar vem antes do de parar."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.session)

    @property
    def raise_holds(self) -> bool:
        """Support raised something, and the account was not linked anew since."""
        linked_at = self.session.linked_at
        return bool(self.raised_reason) and (linked_at is None or self.raised_at >= linked_at)

    def in_force(self) -> "SessionLimits":
        """These limits; where the raise holds no more an unsaved copy within the ceilings."""
        if not self.raised_reason or self.raise_holds:
            return self
        held = copy(self)
        held.raised_reason, held.sundays = "", False
        held.interval_seconds = max(INTERVAL_SECONDS, self.interval_seconds)
        held.opens, held.closes = max(OPENS, self.opens), min(CLOSES, self.closes)
        if held.opens >= held.closes:
            held.opens, held.closes = OPENS, CLOSES
        if self.new_chats is not None:
            held.new_chats = min(NEW_CHATS, self.new_chats)
        return held
