"""What stays of a person who was erased: that it was done, and what they had agreed to when."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.db.erasing import only_erased
from contacts.models.topics import Source, State, Topic

HASH = 64  # characters of contacts.stops.hashed


class Erasure(models.Model):
    """One person was erased: written by the database's function alone, and never changed."""

    class By(models.TextChoices):
        PERSON = "person", _("a própria pessoa")
        OWNER = "owner", _("responsável")
        SUPPORT = "support", _("suporte")

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("negócio"))
    person = models.CharField(_("resumo do número"), max_length=HASH)
    by = models.CharField(_("a pedido de"), max_length=7, choices=By)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("quem apagou"),
        help_text=_("vazio: a própria pessoa"),
    )
    at = models.DateTimeField(_("quando"), db_default=Now())
    contacts = models.PositiveIntegerField(_("contatos"), default=0)
    deliveries = models.PositiveIntegerField(_("envios"), default=0)
    replies = models.PositiveIntegerField(_("respostas"), default=0)
    consents = models.PositiveIntegerField(_("consentimentos"), default=0)
    # Rows that may be on the wire: they lose their number when that is known (campaigns.models.erased_people).
    under_way = models.PositiveIntegerField(_("envios em andamento"), default=0)

    class Meta:
        verbose_name = _("pessoa apagada")
        verbose_name_plural = _("pessoas apagadas")
        permissions = [("erase_people", _("Pode apagar pessoas que pediram"))]
        triggers = [
            only_erased("append_only", pgtrigger.Update | pgtrigger.Delete, "an erasure stays")
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class ErasedConsent(models.Model):
    """A consent of a person who was erased, reduced to the hash of their number, topic and time.

    It proves to who brings the number itself, and to nobody else.
    """

    business = models.ForeignKey(
        Business, models.CASCADE, db_index=False, verbose_name=_("negócio")
    )
    person = models.CharField(_("resumo do número"), max_length=HASH)
    topic = models.ForeignKey(Topic, models.CASCADE, verbose_name=_("assunto"))
    state = models.CharField(_("o quê"), max_length=8, choices=State)
    source = models.CharField(_("por onde"), max_length=10, choices=Source)
    at = models.DateTimeField(_("quando"))

    class Meta:
        verbose_name = _("consentimento de quem foi apagado")
        verbose_name_plural = _("consentimentos de quem foi apagado")
        indexes = [
            # What one person had agreed to, for who brings their number.
            models.Index(fields=["business", "person"], name="erased_consent_of_person"),
        ]
        triggers = [
            only_erased("append_only", pgtrigger.Update | pgtrigger.Delete, "a consent stays")
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}"


def people_erased(business_id: int) -> int:
    """How many people of a business were erased by now. In the name of a file with people, so that one which was being
    written meanwhile is another than what is asked for afterwards.
    """
    return Erasure.objects.filter(business=business_id).count()
