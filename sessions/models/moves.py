"""An account on its way from one link to another. Part of sessions.models, which gives it out."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class LinkMove(models.Model):
    """One move of a session: `old` sends until `new` has proven a round trip; then `old` is kept, asleep, until
    `kept_until`.
    """

    session = models.ForeignKey(
        "wa_sessions.WhatsAppSession",
        models.CASCADE,
        related_name="moves",
        verbose_name=_("conexão"),
    )
    old = models.ForeignKey(
        "wa_sessions.Link", models.CASCADE, related_name="+", verbose_name=_("aparelho de antes")
    )
    new = models.ForeignKey(
        "wa_sessions.Link", models.CASCADE, related_name="+", verbose_name=_("aparelho novo")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("pedido por"),
    )
    requested_at = models.DateTimeField(_("pedido em"), db_default=Now())
    switched_at = models.DateTimeField(_("trocado em"), null=True, blank=True)
    kept_until = models.DateTimeField(_("guardado até"), null=True, blank=True)
    ended_at = models.DateTimeField(_("terminou em"), null=True, blank=True)

    class Meta:
        verbose_name = _("mudança de aparelho")
        verbose_name_plural = _("mudanças de aparelho")
        constraints = [
            models.UniqueConstraint(
                fields=["session"],
                condition=models.Q(ended_at=None),
                name="link_move_one_open",
            ),
            models.CheckConstraint(
                condition=models.Q(switched_at=None, kept_until=None)
                | models.Q(switched_at__isnull=False, kept_until__isnull=False),
                name="link_move_kept_once_switched",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.old} → {self.new}"

    @property
    def has_switched(self) -> bool:
        """`new` sends."""
        return self.switched_at is not None
