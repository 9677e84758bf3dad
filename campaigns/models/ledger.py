"""The ledger: what is to be sent, and what became of it.

Delivery's foreign keys go to campaign and contact only, as composite keys with the business
(its first migration). Triggers keep the invariants of docs/ARCHITECTURE.md against everybody.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models.functions import Length, Now
from django.db.models.lookups import LessThanOrEqual
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from campaigns.models import consent_gate, erased_people, receipts, triggers
from campaigns.models.campaign import Campaign
from campaigns.models.ledger_states import Reason, Status
from campaigns.models.notice_rules import CODES, NOTICE_MOST, Kind
from contacts.models import Contact

# A retry of a notice waits an hour at the most; longer waits only who would open a new chat.
A_WHILE = timedelta(hours=1, minutes=1)


class LedgerRow(models.Model):
    """What deliveries and notices share: one message, its state, and a time for each step."""

    phone = models.CharField(_("telefone"), max_length=20)
    status = models.CharField(_("situação"), max_length=10, choices=Status, default=Status.QUEUED)
    reason = models.CharField(
        _("motivo"), max_length=16, choices=Reason, default=Reason.NONE, blank=True
    )
    session_id = models.BigIntegerField(_("conexão"))
    fence = models.BigIntegerField(
        null=True, blank=True, editable=False, verbose_name=_("nº do direito de uso")
    )
    message_id = models.CharField(_("id no WhatsApp"), max_length=80, blank=True)
    not_before = models.DateTimeField(_("não antes de"), db_default=Now())
    attempts = models.PositiveSmallIntegerField(_("tentativas"), default=0, db_default=0)
    # How often a fine page didn't take the text, and when last: campaigns.ledger.sql.SETTLE_TEXT.
    text_tries = models.PositiveSmallIntegerField(
        _("vezes que o texto não foi aceito"), default=0, db_default=0
    )
    text_tried_at = models.DateTimeField(
        null=True, blank=True, verbose_name=_("texto não aceito em")
    )
    queued_at = models.DateTimeField(db_default=Now(), verbose_name=_("na fila desde"))
    sending_at = models.DateTimeField(null=True, blank=True, verbose_name=_("saindo em"))
    pressed_at = models.DateTimeField(null=True, blank=True, verbose_name=_("digitado em"))
    sent_at = models.DateTimeField(null=True, blank=True, verbose_name=_("enviado em"))
    delivered_at = models.DateTimeField(null=True, blank=True, verbose_name=_("entregue em"))
    read_at = models.DateTimeField(null=True, blank=True, verbose_name=_("lido em"))
    ended_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text=_("pulado, falhou, incerto ou cancelado"),
        verbose_name=_("encerrado em"),
    )

    class Meta:
        abstract = True


class Delivery(LedgerRow):
    """One (campaign, contact), frozen at launch."""

    business_id = models.BigIntegerField(verbose_name=_("negócio"))
    campaign = models.ForeignKey(
        Campaign,
        models.CASCADE,
        related_name="deliveries",
        db_constraint=False,
        db_index=False,
        verbose_name=_("campanha"),
    )
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="deliveries",
        db_constraint=False,
        verbose_name=_("contato"),
        help_text=_("vazio: a pessoa foi apagada"),
    )
    variables = models.JSONField(_("dados usados"), default=dict)
    warm = models.BooleanField(
        default=False, db_default=False, verbose_name=_("já escreveu para nós")
    )
    replied_at = models.DateTimeField(null=True, blank=True, verbose_name=_("respondeu em"))
    # Of a row that was in doubt: the person's decision under which it moved (models.Decision).
    decision_id = models.BigIntegerField(
        null=True, blank=True, editable=False, verbose_name=_("decisão de uma pessoa")
    )

    class Meta(LedgerRow.Meta):
        verbose_name = _("envio")
        verbose_name_plural = _("envios")
        triggers = [
            *triggers.forward_only(triggers.DECIDED),
            receipts.taken_with_the_id(),
            consent_gate.consent_now(),
            erased_people.without_a_person(),
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "contact"], name="delivery_once"),
            models.CheckConstraint(
                name="delivery_status", condition=models.Q(status__in=Status.values)
            ),
        ]
        indexes = [
            # campaigns.ledger.outbox.next: one queued row of a campaign, warm chats first.
            models.Index(
                "campaign",
                "session_id",
                models.F("warm").desc(),
                "not_before",
                "id",
                name="delivery_claim",
                condition=models.Q(status="queued"),
            ),
            # campaigns.ledger.outbox.record_event: whose receipt is this.
            models.Index(
                fields=["session_id", "message_id"],
                name="delivery_message",
                condition=~models.Q(message_id=""),
            ),
            # campaigns.ledger.outbox.awaiting_receipts: whose next tick is still to come. campaigns.limits.pacing.sent_today:
            # how many left today. campaigns.limits.circuit_breaker: the last 50.
            models.Index(
                fields=["session_id", "-sent_at"],
                name="delivery_sent",
                condition=models.Q(sent_at__isnull=False),
            ),
            # campaigns.replies.incoming.contacts_of: who was written to under this number. Only of rows that were
            # claimed, so that a launch's million inserts don't pay for it.
            models.Index(
                fields=["business_id", "phone"],
                name="delivery_written",
                condition=models.Q(sending_at__isnull=False),
            ),
            # campaigns.limits.circuit_breaker: the last numbers that have no WhatsApp.
            models.Index(
                fields=["campaign", "-ended_at"],
                name="delivery_no_whatsapp",
                condition=models.Q(status="failed", reason="not_on_whatsapp"),
            ),
            # What a new holder must reconcile, and what a person must decide.
            models.Index(
                fields=["session_id", "id"],
                name="delivery_in_doubt",
                condition=models.Q(status__in=["sending", "uncertain"]),
            ),
            # The recipients' list filtered by what needs a person; rare states, so small.
            models.Index(
                fields=["campaign", "status", "id"],
                name="delivery_ended",
                condition=models.Q(status__in=["skipped", "failed", "uncertain"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phone}: {self.get_status_display()}"

    @property
    def person(self) -> Contact:
        """Its contact: who was erased is on no page of one person."""
        assert self.contact is not None
        return self.contact


class Notice(LedgerRow):
    """A message outside campaigns; one per event that caused it, by the rule of its kind."""

    Kind = Kind

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("negócio"))
    kind = models.CharField(_("tipo"), max_length=20, choices=Kind)
    cause = models.CharField(
        _("causa"), max_length=120, help_text=_("o que respondeu: um aviso por acontecimento")
    )
    text = models.TextField(_("texto"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("pedido por"),
    )

    class Meta(LedgerRow.Meta):
        verbose_name = _("aviso")
        verbose_name_plural = _("avisos")
        triggers = [
            *triggers.forward_only(),
            receipts.taken_with_the_id(),
            *triggers.notice_rules(),
        ]
        constraints = [
            models.CheckConstraint(
                name="notice_text_is_short",
                condition=models.Q(kind=Kind.SELF_TEST)
                | models.Q(LessThanOrEqual(Length("text"), NOTICE_MOST)),
            ),
            # It goes to a number that may be a stranger's: one plain line, without an address.
            models.CheckConstraint(
                name="notice_code_is_plain",
                condition=~models.Q(kind__in=CODES)
                | ~models.Q(text__regex=r"[[:cntrl:]/@]|\.[a-zA-Z]"),
            ),
            models.UniqueConstraint(fields=["session_id", "kind", "cause"], name="notice_once"),
            models.CheckConstraint(
                name="notice_status", condition=models.Q(status__in=Status.values)
            ),
        ]
        indexes = [
            # campaigns.ledger.outbox.next: notices go before deliveries.
            models.Index(
                fields=["session_id", "not_before", "id"],
                name="notice_claim",
                condition=models.Q(status="queued"),
            ),
            # campaigns.limits.pacing.sent_today: how many left today.
            models.Index(
                fields=["session_id", "-sent_at"],
                name="notice_sent",
                condition=models.Q(sent_at__isnull=False),
            ),
            # campaigns.models.triggers.notice_rules: how many a person asked for today.
            models.Index(
                fields=["asked_by", "kind", "queued_at"],
                name="notice_asked",
                condition=models.Q(asked_by__isnull=False),
            ),
            # The same: how many codes went to a number, and through a session, today.
            models.Index(
                fields=["phone", "queued_at"],
                name="notice_code_to",
                condition=models.Q(kind__in=CODES),
            ),
            models.Index(
                fields=["session_id", "queued_at"],
                name="notice_code_through",
                condition=models.Q(kind__in=CODES),
            ),
            models.Index(
                fields=["session_id", "message_id"],
                name="notice_message",
                condition=~models.Q(message_id=""),
            ),
            models.Index(
                fields=["session_id", "id"],
                name="notice_in_doubt",
                condition=models.Q(status__in=["sending", "uncertain"]),
            ),
            # contacts.retention.nightly: words that nobody needs after some days.
            models.Index(
                fields=["business", "queued_at"],
                name="notice_words",
                condition=models.Q(kind__in=[Kind.SELF_TEST, *CODES]) & ~models.Q(text=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.get_status_display()}"

    @property
    def waits_until(self) -> datetime | None:
        """When it goes, where today's new chats are used up; None where it goes as soon as it can."""
        return self.not_before if self.not_before > timezone.now() + A_WHILE else None
