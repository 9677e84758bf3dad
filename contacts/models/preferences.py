"""What people change on their own page, which is their word: what consents and stops point to as evidence."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.db.erasing import only_erased
from contacts.models.people import Contact
from contacts.models.topics import Topic


class LinkFrom(models.TextChoices):
    """How a link to somebody's page came to them: only a message shows that they hold the number."""

    MESSAGE = "message", _("numa mensagem para este número")
    OWNER = "owner", _("dado por responsável")
    TEAM = "team", _("dado pela equipe")


class PreferenceChange(models.Model):
    """One change that a person made on their page; never changed."""

    class What(models.TextChoices):
        TOPIC_ON = "topic_on", _("ligou um assunto")
        TOPIC_OFF = "topic_off", _("desligou um assunto")
        STOPPED = "stopped", _("parou tudo")
        RETURNED = "returned", _("voltou como estava")

    business = models.ForeignKey(
        Business, models.CASCADE, db_index=False, verbose_name=_("negócio")
    )
    contact = models.ForeignKey(
        Contact, models.CASCADE, db_constraint=False, verbose_name=_("contato")
    )
    what = models.CharField(_("o quê"), max_length=10, choices=What)
    topic = models.ForeignKey(
        Topic,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
        verbose_name=_("assunto"),
    )
    link_from = models.CharField(_("como o link chegou"), max_length=8, choices=LinkFrom)
    at = models.DateTimeField(_("quando"), db_default=Now())

    class Meta:
        verbose_name = _("mudança na página de preferências")
        verbose_name_plural = _("mudanças na página de preferências")
        triggers = [only_erased("change_stays", pgtrigger.Update | pgtrigger.Delete)]
        constraints = [
            models.CheckConstraint(
                name="change_topic",
                condition=Q(what__in=("topic_on", "topic_off"), topic__isnull=False)
                | Q(what__in=("stopped", "returned"), topic=None),
            ),
            # Who agrees again must hold the number.
            models.CheckConstraint(
                name="change_by_who_holds_the_number",
                condition=Q(what__in=("topic_off", "stopped")) | Q(link_from=LinkFrom.MESSAGE),
            ),
        ]

    def __str__(self) -> str:
        return self.get_what_display()
