"""Attempts to link a device, and what happened to links. Part of sessions.models, which gives them out."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.db.encrypted_fields import EncryptedTextField
from sessions import reasons
from sessions.states import State

if TYPE_CHECKING:
    from sessions.models import WhatsAppSession


class Pairing(models.Model):
    """One attempt to link a device; the code it shows is encrypted and short-lived."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("abrindo o WhatsApp")
        SHOWING = "showing", _("esperando o celular")
        LINKED = "linked", _("conectado")
        EXPIRED = "expired", _("o tempo acabou")
        FAILED = "failed", _("não deu certo")

    link = models.ForeignKey(
        "wa_sessions.Link", models.CASCADE, related_name="pairings", verbose_name=_("aparelho")
    )
    status = models.CharField(_("situação"), max_length=8, choices=Status, default=Status.WAITING)
    phone = models.CharField(
        _("telefone"), max_length=20, blank=True, help_text=_("vazio: por QR code")
    )
    code = EncryptedTextField(blank=True, default="", editable=False, verbose_name=_("código"))
    shown_at = models.DateTimeField(null=True, blank=True, verbose_name=_("mostrado em"))
    reason = models.CharField(_("motivo"), max_length=reasons.MOST, blank=True)
    params = models.JSONField(_("dados do motivo"), default=dict, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("pedido por"),
    )
    requested_at = models.DateTimeField(_("pedido em"), db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True, verbose_name=_("terminou em"))

    class Meta:
        verbose_name = _("conexão em andamento")
        verbose_name_plural = _("conexões em andamento")
        constraints = [
            # One open attempt per link; a second request joins it.
            models.UniqueConstraint(
                fields=["link"],
                condition=models.Q(status__in=["waiting", "showing"]),
                name="pairing_one_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.link_id}: {self.get_status_display()}"

    @property
    def session(self) -> "WhatsAppSession":
        """The session whose link it is to become."""
        return self.link.session

    @property
    def explanation(self) -> str:
        """The reason in the language of who reads."""
        return reasons.in_words(self.reason, self.params)

    @property
    def asked_for_passkey(self) -> bool:
        """Whether WhatsApp wanted what no server has: no code leads any further today."""
        return self.reason in reasons.PASSKEY


OPEN_PAIRING = (Pairing.Status.WAITING, Pairing.Status.SHOWING)


class SessionEvent(models.Model):
    """Every change of a link's state, for support to read."""

    session = models.ForeignKey(
        "wa_sessions.WhatsAppSession",
        models.CASCADE,
        related_name="events",
        verbose_name=_("conexão"),
    )
    link = models.ForeignKey(
        "wa_sessions.Link",
        models.CASCADE,
        null=True,
        related_name="events",
        verbose_name=_("aparelho"),
    )
    at = models.DateTimeField(_("quando"), db_default=Now())
    state = models.CharField(_("estado"), max_length=16, choices=State)
    reason = models.CharField(_("motivo"), max_length=reasons.MOST, blank=True)
    params = models.JSONField(_("dados do motivo"), default=dict, blank=True)
    fence = models.BigIntegerField(null=True, blank=True, verbose_name=_("nº do direito de uso"))
    node = models.CharField(_("máquina"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("acontecimento")
        verbose_name_plural = _("acontecimentos")
        indexes = [
            # A session's history, newest first.
            models.Index(fields=["session", "-id"], name="session_event_list"),
        ]

    def __str__(self) -> str:
        return f"{timezone.localtime(self.at):%d/%m %H:%M} {self.get_state_display()}"

    @property
    def explanation(self) -> str:
        """The reason in the language of who reads."""
        return reasons.in_words(self.reason, self.params)
