"""Receipts that came before the row they are for had its message's id."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from campaigns.models import receipts
from campaigns.models.ledger_states import STEPS, Reason, Status


class EarlyReceipt(models.Model):
    """Where every receipt is written to; only what no row can take yet stays, for a day at the most."""

    session_id = models.BigIntegerField(_("conexão"))
    message_id = models.CharField(_("id no WhatsApp"), max_length=80)
    step = models.CharField(
        _("situação"),
        max_length=9,
        choices=[(status, Status(status).label) for status in STEPS[1:]],
    )
    reason = models.CharField(_("motivo"), max_length=16, choices=Reason, blank=True, default="")
    at = models.DateTimeField(_("quando"))
    kept_at = models.DateTimeField(_("guardado em"), db_default=Now())

    class Meta:
        verbose_name = _("confirmação adiantada")
        verbose_name_plural = _("confirmações adiantadas")
        triggers = [receipts.applied_or_kept()]
        constraints = [
            # campaigns.models.receipts.taken_with_the_id: what came for this message.
            models.UniqueConstraint(
                fields=["session_id", "message_id", "step"], name="early_receipt_once"
            ),
        ]
        indexes = [
            # campaigns.models.receipts.applied_or_kept: the oldest, to be swept.
            models.Index(fields=["kept_at"], name="early_receipt_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.message_id}: {self.get_step_display()}"
