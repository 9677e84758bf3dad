"""Pages of WhatsApp that the driver didn't know, and who of the support looked at them.

Part of sessions.models, which gives them out.
"""

from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models.functions import Length, Now, Trim
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from blu.db.erasing import only_erased

KEPT = timedelta(days=30)
"""A picture shows people's chats: it is kept no longer than it takes to understand the page."""
SEALED_MOST = 700_000
"""Bytes of a sealed part: a driver's picture or document and what sealing adds, rounded up."""
REASON_LEAST = 5


class PageEvidenceQuerySet(models.QuerySet["PageEvidence"]):
    """Evidence without what is sealed, which is asked for by name."""

    def fresh(self) -> "PageEvidenceQuerySet":
        """What may still be opened, by the database's clock, swept or not."""
        return self.filter(at__gt=Now() - KEPT)

    def plain(self) -> "PageEvidenceQuerySet":
        """What lists show: the sealed parts stay where they are."""
        return self.defer("picture", "document")


class PageEvidence(models.Model):
    """One page at which a link was stopped; what it showed is sealed, and never changes."""

    link = models.ForeignKey(
        "wa_sessions.Link",
        models.CASCADE,
        related_name="evidence",
        db_index=False,
        verbose_name=_("aparelho conectado"),
    )
    at = models.DateTimeField(_("quando"), db_default=Now())
    kind = models.CharField(_("em que parou"), max_length=40)
    screen = models.CharField(_("tela"), max_length=40)
    build = models.CharField(_("versão da página"), max_length=40, blank=True)
    matched = models.JSONField(_("seletores achados"), default=dict)
    node = models.CharField(_("máquina"), max_length=40, blank=True)
    picture = models.BinaryField(_("imagem lacrada"), default=bytes)
    document = models.BinaryField(_("estrutura lacrada"), default=bytes)
    objects = PageEvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("tela não entendida")
        verbose_name_plural = _("telas não entendidas")
        permissions = [("open_pageevidence", _("Pode abrir telas não entendidas"))]
        indexes = [
            # The newest of a link, for its page and for page_evidence.keep.
            models.Index(fields=["link", "-id"], name="page_evidence_of_link"),
            # page_evidence.sweep.
            models.Index(fields=["at"], name="page_evidence_at"),
        ]
        constraints = [
            models.CheckConstraint(
                name="page_evidence_is_small",
                condition=models.Q(
                    LessThanOrEqual(Length("picture"), SEALED_MOST),
                    LessThanOrEqual(Length("document"), SEALED_MOST),
                ),
            ),
        ]
        # Nobody makes it younger, or puts something else in its place.
        triggers = [pgtrigger.Protect(name="stays_as_it_is", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"#{self.pk} {self.kind}"


class EvidenceOpening(models.Model):
    """Who of the support saw which part of a page, when and why. It outlives the page, and never changes."""

    class Part(models.TextChoices):
        PICTURE = "picture", _("imagem")
        DOCUMENT = "document", _("estrutura")

    # Of a row that is gone after a month: only the number stays.
    evidence = models.ForeignKey(
        PageEvidence,
        models.DO_NOTHING,
        db_constraint=False,
        related_name="openings",
        verbose_name=_("tela"),
    )
    about = models.CharField(_("de quem"), max_length=200)
    part = models.CharField(_("parte"), max_length=8, choices=Part)
    who = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("quem abriu")
    )
    reason = models.CharField(
        _("motivo"), max_length=200, validators=[MinLengthValidator(REASON_LEAST)]
    )
    at = models.DateTimeField(_("quando"), db_default=Now())

    class Meta:
        verbose_name = _("abertura de tela")
        verbose_name_plural = _("aberturas de telas")
        constraints = [
            models.CheckConstraint(
                name="evidence_opening_has_a_reason",
                condition=models.Q(GreaterThanOrEqual(Length(Trim("reason")), REASON_LEAST)),
            ),
        ]
        triggers = [
            only_erased("append_only", pgtrigger.Update | pgtrigger.Delete, "an opening stays"),
        ]

    def __str__(self) -> str:
        return f"#{self.evidence_id} {self.get_part_display()}"
