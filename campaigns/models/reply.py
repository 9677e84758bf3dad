"""What people write back."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from campaigns.models.ledger import Delivery
from contacts.models import Contact
from sessions.models import WhatsAppSession


class Reply(models.Model):
    """An incoming message from a person; unique by (session, WhatsApp's id)."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("mensagem")
        STOP = "stop", _("pediu para sair")
        RETURN = "return", _("pediu para voltar")

    business = models.ForeignKey(
        Business, models.CASCADE, verbose_name=_("negócio"), db_index=False
    )
    session = models.ForeignKey(
        WhatsAppSession, models.CASCADE, verbose_name=_("conexão"), db_index=False
    )
    message_id = models.CharField(max_length=80, verbose_name=_("id no WhatsApp"))
    phone = models.CharField(_("telefone"), max_length=20)
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("contato"),
    )
    delivery = models.ForeignKey(
        Delivery,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("em resposta a"),
    )
    kind = models.CharField(_("tipo"), max_length=8, choices=Kind, default=Kind.MESSAGE)
    text = models.TextField(_("texto"))
    at = models.DateTimeField(_("quando"))
    handled_at = models.DateTimeField(_("resolvida em"), null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("resolvida por"),
    )

    class Meta:
        verbose_name = _("resposta")
        verbose_name_plural = _("respostas")
        constraints = [
            models.UniqueConstraint(fields=["session", "message_id"], name="reply_once"),
        ]
        indexes = [
            # The replies page, newest first.
            models.Index(fields=["business", "-id"], name="reply_list"),
            # The newest reply of each person (campaigns.querysets.of_each_person), and their conversation.
            models.Index(fields=["business", "phone", "-id"], name="reply_person"),
            # The badge in the menu: what nobody has handled yet.
            models.Index(
                fields=["business", "-id"],
                name="reply_open",
                condition=models.Q(handled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phone} {self.at:%d/%m %H:%M}"
