"""Whose number is whose: asked for by a member, then proven."""

from datetime import datetime, timedelta

from django.core.validators import MinLengthValidator
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business, Membership, User
from blu.db.encrypted_fields import EncryptedTextField
from campaigns.models import triggers
from campaigns.models.notice_rules import VALID_MINUTES
from sessions.models import WhatsAppSession

VALID = timedelta(minutes=VALID_MINUTES)
TRIES = 5


class NumberProof(models.Model):
    """A member's way of showing that a number is theirs; tests to oneself go to a proven one only.

    `code` is what is typed back, or the word that is written to the session. It ends with the
    membership. Several people may prove the same number, each for themselves.
    """

    class How(models.TextChoices):
        CODE = "code", _("digitou o código enviado ao número")
        WROTE = "wrote", _("escreveu do número")

    membership = models.ForeignKey(
        Membership,
        models.CASCADE,
        related_name="number_proofs",
        db_index=False,
        verbose_name=_("participação"),
    )
    session = models.ForeignKey(
        WhatsAppSession, models.CASCADE, db_index=False, verbose_name=_("conexão")
    )
    how = models.CharField(_("como"), max_length=5, choices=How)
    phone = models.CharField(
        _("telefone"), max_length=20, blank=True, help_text=_("vazio até a pessoa escrever")
    )
    code = EncryptedTextField(
        editable=False, validators=[MinLengthValidator(1)], verbose_name=_("código")
    )
    tries = models.PositiveSmallIntegerField(_("tentativas"), default=0, db_default=0)
    asked_at = models.DateTimeField(_("pedido em"), db_default=Now())
    proven_at = models.DateTimeField(_("confirmado em"), null=True, blank=True)

    class Meta:
        verbose_name = _("número próprio")
        verbose_name_plural = _("números próprios")
        triggers = triggers.proven_by_evidence()
        constraints = [
            # The newest stands: whoever proves another number has that one.
            models.UniqueConstraint(
                fields=["membership"],
                name="proof_one_number",
                condition=models.Q(proven_at__isnull=False),
            ),
            models.CheckConstraint(
                name="proof_has_a_number",
                condition=models.Q(how="wrote", proven_at__isnull=True) | ~models.Q(phone=""),
            ),
            models.CheckConstraint(name="proof_few_tries", condition=models.Q(tries__lte=TRIES)),
        ]
        indexes = [
            # campaigns.notices.own_number: a member's attempt and their proven number.
            models.Index(fields=["membership", "-id"], name="proof_of_member"),
            # campaigns.notices.own_number.hear and blu.dispatch.dispatcher: words that a session waits for.
            models.Index(fields=["session", "asked_at"], name="proof_awaited"),
            # campaigns.notices.own_number.hear: a number that asks to stop.
            models.Index(
                fields=["phone"],
                name="proof_number",
                condition=models.Q(proven_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.phone or str(self.membership)

    @classmethod
    def number_of(cls, *, business: Business, user: User) -> str:
        """The number that a user has proven to hold in a business; "" without one."""
        proven = cls.objects.filter(
            membership__business=business, membership__user=user, proven_at__isnull=False
        )
        return proven.values_list("phone", flat=True).first() or ""

    @property
    def ends_at(self) -> datetime:
        """Until when the code may be typed, or the word written."""
        return self.asked_at + VALID

    @property
    def is_open(self) -> bool:
        """It may still be proven."""
        return self.proven_at is None and self.tries < TRIES and timezone.now() < self.ends_at
