"""Who asked to receive nothing: a row of its own, which outlives the contact."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.db.erasing import only_erased
from contacts.evidence import EvidenceKind
from contacts.models.topics import Source

_CLAIMS = 0x53544F50  # "STOP"


def number_key(phone: str) -> str:
    """The key of a number, in SQL: with Brazil's ninth digit, as blu.text.phone.with_ninth_digit.

    Without a regular expression, since every claim asks.
    """
    short = f"left({phone}, 3) = '+55' AND length({phone}) = 13 AND substr({phone}, 6, 1) IN ('6', '7', '8', '9')"
    return (
        f"(CASE WHEN {short} THEN left({phone}, 5) || '9' || substr({phone}, 6) ELSE {phone} END)"
    )


def claims_lock(business: str, key: str) -> str:
    """The arguments, in SQL, of the advisory lock that a stop or hold of a key takes, and a claim for it shares.

    One of 1,024 for all of them: a transaction that keeps many stops must not need a lock for each.
    """
    return f"{_CLAIMS}, hashtext({business} || ':' || {key}) & 1023"


def standing(business: str, keys: str, more: str = "") -> str:
    """The condition, in SQL, that a stop stands now for one of `keys`, an array of text.

    `more` narrows it, over the row `stop`.
    """
    return f"""EXISTS (
        SELECT 1 FROM public.contacts_stop stop
         WHERE stop.business_id = {business} AND stop.key = ANY({keys}) AND stop.lifted_at IS NULL
           AND (stop.until IS NULL OR stop.until > statement_timestamp()){more})"""


class Stop(models.Model):
    """(business, key) receives nothing. Never deleted; lifted by the person, or over at its date.

    The key is the number with its ninth digit, or `lid:…`, or `@name`; of who was erased `hash:…`
    (contacts.stops.hashed).
    """

    class Why(models.TextChoices):
        ASKED = "asked", _("pediu para não receber")
        OTHER_PERSON = "other_person", _("número de outra pessoa")
        ERASED = "erased", _("pediu para apagar os dados")

    business = models.ForeignKey(
        Business, models.CASCADE, db_index=False, verbose_name=_("negócio")
    )
    key = models.CharField(_("número ou identidade"), max_length=100)
    why = models.CharField(_("por quê"), max_length=12, choices=Why, default=Why.ASKED)
    source = models.CharField(_("por onde"), max_length=10, choices=Source)
    evidence_kind = models.CharField(
        _("tipo de prova"),
        max_length=8,
        choices=EvidenceKind,
        default=EvidenceKind.NONE,
        blank=True,
    )
    evidence_ref = models.CharField(_("onde está a prova"), max_length=300, blank=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("quem registrou"),
        help_text=_("vazio: a própria pessoa"),
    )
    at = models.DateTimeField(_("quando"), db_default=Now())
    until = models.DateTimeField(
        _("até"), null=True, blank=True, help_text=_("vazio: até a pessoa voltar")
    )
    lifted_at = models.DateTimeField(_("a pessoa voltou em"), null=True, blank=True)
    # WhatsApp's id of the message in which they came back, or the change on their own page.
    lifted_ref = models.CharField(
        _("onde disse que voltou"), max_length=300, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = _("pedido para não receber")
        verbose_name_plural = _("pedidos para não receber")
        triggers = [
            only_erased("never_deleted", pgtrigger.Delete, "a stop is never deleted"),
            pgtrigger.Trigger(
                name="stop_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.lifted_at IS NOT NULL"
                    " OR (NEW.lifted_at IS NULL) <> (NEW.lifted_ref = '')"
                    " OR NEW.until IS NOT NULL AND (OLD.until IS NULL OR NEW.until < OLD.until)"
                    " OR (OLD.business_id, OLD.key, OLD.why, OLD.source, OLD.evidence_kind,"
                    " OLD.evidence_ref, OLD.actor_id, OLD.at) IS DISTINCT FROM (NEW.business_id,"
                    " NEW.key, NEW.why, NEW.source, NEW.evidence_kind, NEW.evidence_ref,"
                    " NEW.actor_id, NEW.at)"
                ),
                func="RAISE EXCEPTION 'a stop stays as it is' USING ERRCODE = 'check_violation';",
            ),
            # A claim for this number waits until the stop is committed, or comes before it: the other side
            # of this lock is in campaigns.models.consent_gate.
            pgtrigger.Trigger(
                name="stop_before_claims",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    PERFORM pg_advisory_xact_lock({claims_lock("NEW.business_id", "NEW.key")});
                    IF NEW.lifted_at IS NOT NULL OR NEW.lifted_ref <> '' THEN
                        RAISE EXCEPTION 'a stop begins as one' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]
        constraints = [
            # Asked at every claim, grant and import.
            models.UniqueConstraint(
                fields=["business", "key"], name="stop_once", condition=Q(lifted_at=None)
            ),
            models.CheckConstraint(
                name="stop_key",
                condition=Q(key__regex=r"^(\+[0-9]{1,19}|lid:.+|@.+|hash:[0-9a-f]{64})$")
                & ~Q(key__regex=r"^\+55[0-9]{2}[6-9][0-9]{7}$"),
            ),
        ]
        indexes = [
            # What a person asked, in any business, for support: contacts.people.admin.
            models.Index(fields=["key", "-id"], name="stop_history"),
            # Whether anybody of a business was erased: contacts.stops.erased, asked before anything is hashed.
            models.Index(
                fields=["business"],
                name="stop_of_erased",
                condition=Q(why="erased", lifted_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} · {timezone.localtime(self.at):%d/%m/%Y}"
