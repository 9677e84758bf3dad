"""How long a business keeps what people wrote and what was written to them, and what each night forgot."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business


class Retention(models.Model):
    """A business's own periods, in days; one without a row keeps the defaults."""

    class Words(models.IntegerChoices):
        MONTHS_3 = 90, _("3 meses")
        MONTHS_6 = 180, _("6 meses")
        YEAR = 365, _("1 ano")
        YEARS_2 = 730, _("2 anos")
        YEARS_5 = 1825, _("5 anos")

    class Rows(models.IntegerChoices):
        WEEK = 7, _("7 dias")
        MONTH = 30, _("30 dias")
        MONTHS_3 = 90, _("3 meses")

    business = models.OneToOneField(Business, models.CASCADE, verbose_name=_("negócio"))
    replies_days = models.PositiveSmallIntegerField(
        _("o que as pessoas responderam"), choices=Words, default=Words.YEARS_2
    )
    variables_days = models.PositiveSmallIntegerField(
        _("os dados usados em cada mensagem"), choices=Words, default=Words.YEAR
    )
    import_rows_days = models.PositiveSmallIntegerField(
        _("linhas de planilha com problema"), choices=Rows, default=Rows.MONTH
    )
    # Up to which reply the words are gone: where the next night goes on.
    replies_until = models.BigIntegerField(default=0, editable=False, verbose_name=_("até"))

    class Meta:
        verbose_name = _("prazo de guarda")
        verbose_name_plural = _("prazos de guarda")

    def __str__(self) -> str:
        return str(self.business)


class RetentionRun(models.Model):
    """What one night forgot of one business."""

    business = models.ForeignKey(
        Business, models.CASCADE, db_index=False, verbose_name=_("negócio")
    )
    day = models.DateField(_("dia"))
    # When its task was last enqueued: one that got lost is enqueued again (blu.dispatch.dispatcher).
    enqueued_at = models.DateTimeField(_("chamada em"), db_default=Now())
    ended_at = models.DateTimeField(_("terminou em"), null=True, blank=True)
    replies = models.PositiveIntegerField(_("respostas"), default=0, db_default=0)
    deliveries = models.PositiveIntegerField(_("envios"), default=0, db_default=0)
    import_rows = models.PositiveIntegerField(_("linhas de planilha"), default=0, db_default=0)
    erased = models.PositiveIntegerField(_("restos de pessoas apagadas"), default=0, db_default=0)

    class Meta:
        verbose_name = _("limpeza da noite")
        verbose_name_plural = _("limpezas da noite")
        constraints = [
            models.UniqueConstraint(fields=["business", "day"], name="retention_once_a_night"),
        ]
        indexes = [
            # Those under way, of all businesses.
            models.Index(
                fields=["enqueued_at"],
                name="retention_under_way",
                condition=models.Q(ended_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.business_id} {self.day:%d/%m/%Y}"
