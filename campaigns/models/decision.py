"""What a person decided about a message in doubt."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns.models.ledger import Delivery


class Decision(models.Model):
    """Append-only: who looked into the chat, what they saw, and when they said so."""

    delivery = models.ForeignKey(
        Delivery, models.CASCADE, related_name="decisions", verbose_name=_("envio")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, verbose_name=_("quem decidiu")
    )
    arrived = models.BooleanField(_("chegou"))
    reason = models.CharField(_("o que viu"), max_length=200)
    at = models.DateTimeField(_("quando"), default=timezone.now)

    class Meta:
        verbose_name = _("decisão")
        verbose_name_plural = _("decisões")
        constraints = [
            models.CheckConstraint(name="decision_has_a_reason", condition=~models.Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"{_('Chegou') if self.arrived else _('Não chegou')}: {self.reason}"
