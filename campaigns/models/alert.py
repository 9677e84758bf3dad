"""What the owner of a session was warned of."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sessions.models import WhatsAppSession


class SessionAlert(models.Model):
    """One incident or question of a session: it opens once and is mailed once. A question ends by its answer."""

    class Kind(models.TextChoices):
        AWAY = "away", _("sem conexão com mensagens na fila")
        PHONE = "phone", _("abrir o WhatsApp no celular")

    session = models.ForeignKey(
        WhatsAppSession,
        models.CASCADE,
        related_name="alerts",
        db_index=False,
        verbose_name=_("conexão"),
    )
    kind = models.CharField(_("tipo"), max_length=5, choices=Kind)
    since = models.DateTimeField(_("desde"))
    opened_at = models.DateTimeField(_("avisado em"), default=timezone.now)
    enqueued_at = models.DateTimeField(_("e-mail pedido em"), null=True, blank=True)
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
            # A question that was answered while somebody looked is not opened again.
            models.UniqueConstraint(
                fields=["session", "since"],
                condition=Q(kind="phone"),
                name="session_alert_asked_once",
            ),
        ]
        indexes = [
            # A session's incidents, for support.
            models.Index(fields=["session", "-id"], name="session_alert_list"),
        ]

    def __str__(self) -> str:
        return f"{self.session}: {self.get_kind_display()}"
