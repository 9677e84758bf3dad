"""Campaigns and the ledger: what is to be sent, and what became of it.

Delivery's foreign keys go to campaign and contact only, as composite keys with the business
(migration 0002). Triggers (0002) keep the invariants of design.md section 5 against everybody.
"""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from campaigns import triggers
from campaigns.transitions import Reason, Status
from contacts.models import Contact, Segment, Topic
from sessions.models import WhatsAppSession


class Template(models.Model):
    """Reusable message text with variables `{{nome|reserva}}`."""

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("empresa"))
    name = models.CharField(_("nome"), max_length=60)
    body = models.TextField(_("texto"), max_length=4000)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("mudou em"), auto_now=True)

    class Meta:
        verbose_name = _("modelo")
        verbose_name_plural = _("modelos")
        constraints = [
            models.UniqueConstraint("business", Upper("name"), name="template_name_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Campaign(models.Model):
    """One message to one segment of one topic's subscribers, through one named session."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("rascunho")
        LAUNCHING = "launching", _("preparando")
        RUNNING = "running", _("enviando")
        PAUSED = "paused", _("pausada")
        DONE = "done", _("concluída")
        CANCELLED = "cancelled", _("cancelada")

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("empresa"))
    name = models.CharField(_("nome"), max_length=80)
    topic = models.ForeignKey(
        Topic, models.PROTECT, null=True, blank=True, verbose_name=_("assunto")
    )
    segment = models.ForeignKey(
        Segment,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("público"),
        help_text=_("vazio: todos que aceitaram"),
    )
    session = models.ForeignKey(
        WhatsAppSession, models.PROTECT, null=True, blank=True, verbose_name=_("por qual WhatsApp")
    )
    body = models.TextField(_("mensagem"), max_length=4000, blank=True)
    footer = models.CharField(
        _("assinatura"), max_length=200, blank=True, editable=False, help_text="frozen at launch"
    )
    status = models.CharField(_("situação"), max_length=10, choices=Status, default=Status.DRAFT)
    pause_reason = models.CharField(_("motivo da pausa"), max_length=300, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("criada por"),
    )
    launched_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lançada por"),
    )
    created_at = models.DateTimeField(_("criada em"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("mudou em"), auto_now=True)
    launched_at = models.DateTimeField(_("lançada em"), null=True, blank=True)
    ended_at = models.DateTimeField(_("terminou em"), null=True, blank=True)
    recipients = models.PositiveIntegerField(_("pessoas ao lançar"), default=0)

    class Meta:
        verbose_name = _("campanha")
        verbose_name_plural = _("campanhas")
        constraints = [
            models.UniqueConstraint(fields=["id", "business"], name="campaign_business_key"),
            models.CheckConstraint(
                name="campaign_complete_when_launched",
                condition=models.Q(status__in=["draft", "cancelled"])
                | (
                    models.Q(topic__isnull=False)
                    & models.Q(session__isnull=False)
                    & ~models.Q(body="")
                    & models.Q(launched_at__isnull=False)
                ),
            ),
        ]
        indexes = [
            # The list of a business's campaigns, newest first.
            models.Index(fields=["business", "-id"], name="campaign_list"),
            # campaigns.outbox.next: a session's running campaigns.
            models.Index(
                fields=["session", "id"],
                name="campaign_running",
                condition=models.Q(status="running"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LedgerRow(models.Model):
    """What deliveries and notices share: one message, its state, and a time for each step."""

    phone = models.CharField(_("telefone"), max_length=20)
    status = models.CharField(_("situação"), max_length=10, choices=Status, default=Status.QUEUED)
    reason = models.CharField(
        _("motivo"), max_length=16, choices=Reason, default=Reason.NONE, blank=True
    )
    session_id = models.BigIntegerField(_("conexão"))
    fence = models.BigIntegerField(null=True, blank=True, editable=False)
    message_id = models.CharField(_("id no WhatsApp"), max_length=80, blank=True)
    not_before = models.DateTimeField(_("não antes de"), default=timezone.now, db_default=Now())
    attempts = models.PositiveSmallIntegerField(_("tentativas"), default=0, db_default=0)
    queued_at = models.DateTimeField(default=timezone.now, db_default=Now())
    sending_at = models.DateTimeField(null=True, blank=True)
    pressed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(
        null=True, blank=True, help_text="skipped, failed, uncertain or cancelled"
    )
    decision = models.CharField(
        _("decisão de uma pessoa"),
        max_length=300,
        blank=True,
        default="",
        db_default="",
        help_text="who moved an uncertain row, and why",
    )

    class Meta:
        abstract = True
        triggers = [triggers.forward_only()]


class Delivery(LedgerRow):
    """One (campaign, contact), frozen at launch."""

    business_id = models.BigIntegerField()
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="deliveries", db_constraint=False, db_index=False
    )
    contact = models.ForeignKey(
        Contact, models.CASCADE, related_name="deliveries", db_constraint=False
    )
    variables = models.JSONField(_("dados usados"), default=dict)
    warm = models.BooleanField(default=False, db_default=False)
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta(LedgerRow.Meta):
        verbose_name = _("envio")
        verbose_name_plural = _("envios")
        triggers = [triggers.forward_only(), *triggers.consent_now()]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "contact"], name="delivery_once"),
            models.CheckConstraint(
                name="delivery_status", condition=models.Q(status__in=Status.values)
            ),
        ]
        indexes = [
            # campaigns.outbox.next: one queued row of a campaign, warm chats first.
            models.Index(
                "campaign",
                "session_id",
                models.F("warm").desc(),
                "not_before",
                "id",
                name="delivery_claim",
                condition=models.Q(status="queued"),
            ),
            # campaigns.outbox.heard: whose receipt is this.
            models.Index(
                fields=["session_id", "message_id"],
                name="delivery_message",
                condition=~models.Q(message_id=""),
            ),
            # campaigns.outbox.awaiting: whose next tick is still to come.
            models.Index(
                fields=["session_id", "-sent_at"],
                name="delivery_awaiting",
                condition=models.Q(status__in=["sent", "delivered"]),
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
        return f"{self.campaign_id}/{self.contact_id}: {self.status}"


class Notice(LedgerRow):
    """A message outside campaigns; one per event that caused it."""

    class Kind(models.TextChoices):
        STOP_CONFIRMATION = "stop_confirmation", _("confirmação de saída")
        OPTIN_CODE = "optin_code", _("código de aceite")
        SELF_TEST = "self_test", _("teste para mim")

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("empresa"))
    kind = models.CharField(_("tipo"), max_length=20, choices=Kind)
    cause = models.CharField(
        _("causa"), max_length=120, help_text="what it answers: one notice per event"
    )
    text = models.TextField(_("texto"))

    class Meta(LedgerRow.Meta):
        verbose_name = _("aviso")
        verbose_name_plural = _("avisos")
        constraints = [
            models.UniqueConstraint(fields=["session_id", "kind", "cause"], name="notice_once"),
            models.CheckConstraint(
                name="notice_status", condition=models.Q(status__in=Status.values)
            ),
        ]
        indexes = [
            # campaigns.outbox.next: notices go before deliveries.
            models.Index(
                fields=["session_id", "not_before", "id"],
                name="notice_claim",
                condition=models.Q(status="queued"),
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
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.status}"


class Reply(models.Model):
    """An incoming message from a person; unique by (session, WhatsApp's id)."""

    class Kind(models.TextChoices):
        MESSAGE = "message", _("mensagem")
        STOP = "stop", _("pediu para sair")

    business = models.ForeignKey(
        Business, models.CASCADE, verbose_name=_("empresa"), db_index=False
    )
    session = models.ForeignKey(
        WhatsAppSession, models.CASCADE, verbose_name=_("conexão"), db_index=False
    )
    message_id = models.CharField(max_length=80)
    phone = models.CharField(_("telefone"), max_length=20)
    contact = models.ForeignKey(
        Contact,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("contato"),
    )
    delivery = models.ForeignKey(
        Delivery,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="replies",
        verbose_name=_("em resposta a"),
    )
    kind = models.CharField(_("tipo"), max_length=8, choices=Kind, default=Kind.MESSAGE)
    text = models.TextField(_("texto"))
    at = models.DateTimeField(_("quando"))
    handled_at = models.DateTimeField(_("resolvida em"), null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("resolvida por"),
    )

    class Meta:
        verbose_name = _("resposta")
        verbose_name_plural = _("respostas")
        constraints = [
            models.UniqueConstraint(fields=["session", "message_id"], name="reply_once"),
        ]
        indexes = [
            # The replies page, newest first.
            models.Index(fields=["business", "-id"], name="reply_list"),
            # The badge in the menu: what nobody has handled yet.
            models.Index(
                fields=["business", "-id"],
                name="reply_open",
                condition=models.Q(handled_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phone} {self.at:%d/%m %H:%M}"
