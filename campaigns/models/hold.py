"""A doubtful answer: nothing goes to whoever gave it until a person has decided."""

from datetime import datetime

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.db.erasing import only_erased
from campaigns.models.hold_rules import SETTLES_AFTER, WAITS
from campaigns.models.reply import Reply
from contacts.models.stops import claims_lock


class Hold(models.Model):
    """(business, key) waits for a person's decision; the key is as contacts.models.Stop has it."""

    class Decision(models.TextChoices):
        STOP = "stop", _("pediu para sair")
        GO_ON = "go_on", _("pode continuar")
        OTHER_PERSON = "other_person", _("número de outra pessoa")

    business = models.ForeignKey(
        Business, models.CASCADE, db_index=False, verbose_name=_("negócio")
    )
    key = models.CharField(_("número ou identidade"), max_length=100)
    # The newest doubtful answer.
    reply = models.ForeignKey(
        Reply, models.CASCADE, related_name="holds", verbose_name=_("resposta")
    )
    at = models.DateTimeField(_("desde"), db_default=Now())
    decision = models.CharField(_("decisão"), max_length=12, choices=Decision, blank=True)
    decided_at = models.DateTimeField(_("decidido em"), null=True, blank=True)
    # Nobody where the person themselves wrote something clear.
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("decidido por"),
    )
    done_at = models.DateTimeField(_("valeu em"), null=True, blank=True)

    class Meta:
        verbose_name = _("resposta a decidir")
        verbose_name_plural = _("respostas a decidir")
        triggers = [
            only_erased("never_deleted", pgtrigger.Delete, "a hold is never deleted"),
            # As contacts.models.Stop: a claim waits, or comes before.
            pgtrigger.Trigger(
                name="hold_before_claims",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    PERFORM pg_advisory_xact_lock({claims_lock("NEW.business_id", "NEW.key")});
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="hold_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.done_at IS NOT NULL OR (OLD.business_id, OLD.key, OLD.at)"
                    " IS DISTINCT FROM (NEW.business_id, NEW.key, NEW.at)"
                ),
                func="RAISE EXCEPTION 'a hold stays as it is' USING ERRCODE = 'check_violation';",
            ),
        ]
        constraints = [
            # Asked at every claim.
            models.UniqueConstraint(
                fields=["business", "key"], name="hold_once", condition=Q(done_at=None)
            ),
            models.CheckConstraint(
                name="hold_ends_by_a_decision",
                condition=Q(decided_at=None, done_at=None, decision="")
                | (Q(decided_at__isnull=False) & ~Q(decision="")),
            ),
        ]
        indexes = [
            # campaigns.replies.holds: what waits, of all businesses and of one.
            models.Index(
                fields=["business", "-id"], name="hold_open", condition=Q(done_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} · {timezone.localtime(self.at):%d/%m/%Y}"

    @property
    def settles_at(self) -> datetime | None:
        """When the decision counts; None while there is none."""
        return self.decided_at + SETTLES_AFTER if self.decided_at else None

    @property
    def waits_until(self) -> datetime:
        """When what is queued is skipped, where nobody decides."""
        return self.at + WAITS
