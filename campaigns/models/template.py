"""Texts to write again and again."""

from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.db.row_limits import Limited
from blu.web import names
from campaigns.models.campaign import BODY_MOST


class Template(Limited):
    """Reusable message text with variables `{{nome|reserva}}`."""

    MOST = 200
    FULL = _("Um negócio tem até %(most)s modelos. Apague um que não usa mais.")

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("negócio"))
    name = names.NameField(_("nome"), max_length=60)
    body = models.TextField(_("texto"), max_length=BODY_MOST)
    created_at = models.DateTimeField(
        default=timezone.now, editable=False, verbose_name=_("criado em")
    )
    updated_at = models.DateTimeField(_("mudou em"), auto_now=True)

    class Meta:
        verbose_name = _("modelo")
        verbose_name_plural = _("modelos")
        constraints = [
            names.in_one_line("template_name_in_one_line"),
            models.UniqueConstraint("business", Upper("name"), name="template_name_once"),
        ]

    def __str__(self) -> str:
        return self.name
