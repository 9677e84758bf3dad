"""What people ask of a business about their own data, and by when it must be answered."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from contacts.models.people import Contact

ANSWERED_WITHIN = timedelta(days=15)  # LGPD, art. 19


class PersonRequest(models.Model):
    """One request of a person, by their own page or written down by the team, until it is answered."""

    class Kind(models.TextChoices):
        ACCESS = "access", _("ver os dados")
        CORRECTION = "correction", _("corrigir os dados")
        ERASURE = "erasure", _("apagar os dados")
        STOP = "stop", _("parar de receber")

    class State(models.TextChoices):
        OPEN = "open", _("a responder")
        DONE = "done", _("atendido")
        REFUSED = "refused", _("não atendido")

    business = models.ForeignKey(
        Business, models.CASCADE, db_index=False, verbose_name=_("negócio")
    )
    kind = models.CharField(_("o que pediu"), max_length=10, choices=Kind)
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="requests",
        db_constraint=False,
        verbose_name=_("contato"),
    )
    # Of who is nobody's contact: the number (E.164).
    phone = models.CharField(_("telefone"), max_length=20, blank=True)
    note = models.CharField(_("observação"), max_length=300, blank=True)
    asked_at = models.DateTimeField(_("pedido em"), db_default=Now())
    due_at = models.DateTimeField(_("responder até"))
    # Nobody where the person asked on their own page.
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("anotado por"),
    )
    state = models.CharField(_("situação"), max_length=8, choices=State, default=State.OPEN)
    answer = models.CharField(_("resposta"), max_length=300, blank=True)
    closed_at = models.DateTimeField(_("respondido em"), null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("respondido por"),
    )

    class Meta:
        verbose_name = _("pedido de uma pessoa")
        verbose_name_plural = _("pedidos de pessoas")
        constraints = [
            models.CheckConstraint(
                name="person_request_ends_once",
                condition=Q(state="open", closed_at=None)
                | (~Q(state="open") & Q(closed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="person_request_refused_says_why",
                condition=~Q(state="refused") | ~Q(answer=""),
            ),
        ]
        indexes = [
            # What a business has to answer, the most pressing first.
            models.Index(
                fields=["business", "due_at"], name="person_request_open", condition=Q(state="open")
            ),
            # What was answered, the newest first.
            models.Index(fields=["business", "-id"], name="person_request_list"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_kind_display()}"

    @property
    def is_late(self) -> bool:
        """It should have been answered."""
        return self.state == self.State.OPEN and self.due_at < timezone.now()

    @property
    def days_left(self) -> int:
        """Whole days until it must be answered; 0 on the last, and later."""
        return max(0, (self.due_at - timezone.now()).days)
