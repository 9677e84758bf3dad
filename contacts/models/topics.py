"""What one may agree to receive, in which words, and through which channel one said so."""

from typing import Any

from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.db.row_limits import Limited
from blu.web import names
from contacts.models import triggers


class Topic(Limited):
    """What one may agree to receive ("Promoções", "Lembretes")."""

    MOST = 50
    FULL = _("Um negócio tem até %(most)s assuntos. Use ou renomeie um dos que já existem.")

    class Kind(models.TextChoices):
        NEWS = "news", _("novidades e promoções")
        APPOINTMENT = "appointment", _("consultas e lembretes")

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("negócio"))
    name = names.NameField(_("nome"), max_length=60)
    # What "CANCELAR" means in an answer to it: campaigns.replies.keywords.reading.
    kind = models.CharField(_("tipo"), max_length=12, choices=Kind, default=Kind.NEWS)
    description = models.CharField(
        _("o que a pessoa recebe"),
        max_length=200,
        blank=True,
        help_text=_("Em uma frase, com a frequência."),
    )
    created_at = models.DateTimeField(
        default=timezone.now, editable=False, verbose_name=_("criado em")
    )

    class Meta:
        verbose_name = _("assunto")
        verbose_name_plural = _("assuntos")
        constraints = [
            names.in_one_line("topic_name_in_one_line"),
            models.UniqueConstraint("business", Upper("name"), name="topic_name_once"),
            models.UniqueConstraint(fields=["id", "business"], name="topic_business_key"),
        ]

    def __str__(self) -> str:
        return self.name


class ConsentWording(models.Model):
    """The words under which people agreed, kept once however many rows point at them, and as they were.

    Other words are another version, which PostgreSQL counts for each business.
    """

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("negócio"))
    text = models.TextField(_("texto mostrado"))
    version = models.PositiveIntegerField(_("versão"), db_default=0, editable=False)
    created_at = models.DateTimeField(
        default=timezone.now, editable=False, verbose_name=_("guardado em")
    )

    class Meta:
        verbose_name = _("texto de consentimento")
        verbose_name_plural = _("textos de consentimento")
        triggers = triggers.wording_stays()
        constraints = [
            models.UniqueConstraint(fields=["business", "text"], name="wording_once"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Source(models.TextChoices):
    """Through which channel a consent came, or what took it back."""

    PAPER = "paper", _("ficha em papel")
    FORM = "form", _("formulário na internet")
    COUNTER = "counter", _("no balcão, por escrito")
    WHATSAPP = "whatsapp", _("mensagem no WhatsApp")
    PHONE = "phone", _("ligação gravada")
    CONTRACT = "contract", _("contrato ou cadastro")
    MEMBER = "member", _("anotado pela equipe")
    NUMBER = "number", _("número corrigido")
    PAGE = "page", _("página da própria pessoa")

    @classmethod
    def declared(cls) -> list[tuple[str, Any]]:
        """The channels that a member may name: not a corrected number, nor what only the person uses."""
        alone = (cls.NUMBER, cls.PAGE)
        return [(value, label) for value, label in cls.choices if value not in alone]


class State(models.TextChoices):
    """Granted or revoked: the only two things a consent can say."""

    GRANTED = "granted", _("aceitou")
    REVOKED = "revoked", _("pediu para sair")
