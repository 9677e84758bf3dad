"""What the owner of a session was warned of."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models import WhatsAppSession


class SessionAlert(models.Model):
    """One incident of a session: it opens once, is mailed once, and ends by itself."""

    class Kind(models.TextChoices):
        AWAY = "away", _("sem conexão com mensagens na fila")
        IDLE = "idle", _("perto de desconectar por falta de uso")

    session = models.ForeignKey(
        WhatsAppSession,
        models.CASCADE,
        related_name="alerts",
        db_index=False,
        verbose_name=_("conexão"),
    )
    kind = models.CharField(_("tipo"), max_length=4, choices=Kind)
    since = models.DateTimeField(_("desde"))
    opened_at = models.DateTimeField(_("avisado em"), default=timezone.now)
    rung_at = models.DateTimeField(_("e-mail pedido em"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("e-mail enviado em"), null=True, blank=True)
    ended_at = models.DateTimeField(_("terminou em"), null=True, blank=True)

    class Meta:
        verbose_name = _("aviso ao responsável")
        verbose_name_plural = _("avisos aos responsáveis")
        constraints = [
            # An incident is opened once, however many look at the same time.
            models.UniqueConstraint(
                fields=["session", "kind"],
                condition=Q(ended_at__isnull=True),
                name="session_alert_one_open",
            ),
        ]
        indexes = [
            # A session's incidents, for support.
            models.Index(fields=["session", "-id"], name="session_alert_list"),
        ]

    def __str__(self) -> str:
        return f"{self.session}: {self.get_kind_display()}"
