"""One message to many people."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.db.state_machine import only_births, only_moves
from blu.web import names
from campaigns.models.campaign_states import MOVES, CampaignStatus, PauseReason, pause_in_words
from contacts.models import Segment, Topic
from sessions.models import WhatsAppSession

# Characters of a text as it is written: the limit of WhatsApp's own API (docs/decisions/0017).
BODY_MOST = 4_096
# Characters of the name that an open page gives to each of its savings.
SAVING_MOST = 32


class Campaign(models.Model):
    """One message to one segment of one topic's subscribers, through one named session."""

    Status = CampaignStatus

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("negócio"))
    name = names.NameField(_("nome"), max_length=80)
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
    body = models.TextField(_("mensagem"), max_length=BODY_MOST, blank=True)
    # What a draft said before a template's text took its place, until it is brought back.
    previous_body = models.TextField(
        _("texto de antes do modelo"), blank=True, default="", db_default="", editable=False
    )
    footer = models.CharField(
        _("assinatura"),
        max_length=200,
        blank=True,
        editable=False,
        help_text=_("fica fixa ao lançar"),
    )
    status = models.CharField(
        _("situação"), max_length=10, choices=CampaignStatus, default=CampaignStatus.DRAFT
    )
    # Of the circuit breaker: a code, and what it counted.
    pause_reason = models.CharField(
        _("motivo da pausa"),
        max_length=20,
        choices=PauseReason,
        default=PauseReason.NONE,
        blank=True,
    )
    pause_counts = models.JSONField(_("números da pausa"), default=dict, blank=True)
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
    # How often the draft was written: nobody overwrites unseen what another page wrote (campaigns.compose.drafts).
    version = models.PositiveIntegerField(_("versão"), default=0, db_default=0, editable=False)
    # Which saving of an open page wrote it: the page may be left before it hears the version.
    saved_as = models.CharField(
        _("gravação"), max_length=SAVING_MOST, default="", db_default="", editable=False
    )
    launched_at = models.DateTimeField(_("lançada em"), null=True, blank=True)
    # Nobody where the circuit breaker paused it.
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("pausada por"),
    )
    paused_at = models.DateTimeField(_("pausada em"), null=True, blank=True)
    # The circuit breaker counts from here: the person who resumed has seen what came before.
    resumed_at = models.DateTimeField(_("retomada em"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("terminou em"), null=True, blank=True)
    recipients = models.PositiveIntegerField(_("pessoas ao lançar"), default=0)
    # Since when it isn't known any more what each person's message said (contacts.retention).
    variables_forgotten_at = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=_("textos apagados em")
    )
    # Whose answers are gone since they were erased: how many of them had left, and come back (campaigns.reports.funnel).
    erased_left = models.PositiveIntegerField(
        _("saíram e foram apagadas"), default=0, db_default=0, editable=False
    )
    erased_returned = models.PositiveIntegerField(
        _("voltaram e foram apagadas"), default=0, db_default=0, editable=False
    )

    class Meta:
        verbose_name = _("campanha")
        verbose_name_plural = _("campanhas")
        constraints = [
            names.in_one_line("campaign_name_in_one_line"),
            models.UniqueConstraint(fields=["id", "business"], name="campaign_business_key"),
            models.CheckConstraint(
                name="campaign_complete_when_launched",
                condition=models.Q(status__in=["draft", "cancelled"])
                | (
                    models.Q(topic__isnull=False)
                    & models.Q(session__isnull=False)
                    & ~models.Q(body="")
                    & (models.Q(status="scheduled") | models.Q(launched_at__isnull=False))
                ),
            ),
            models.CheckConstraint(
                name="campaign_status", condition=models.Q(status__in=CampaignStatus.values)
            ),
            models.CheckConstraint(
                name="campaign_reason_of_a_pause",
                condition=models.Q(pause_reason="") | models.Q(status=CampaignStatus.PAUSED),
            ),
        ]
        triggers = [only_births("status", MOVES), only_moves("status", MOVES)]
        indexes = [
            # The list of a business's campaigns, newest first.
            models.Index(fields=["business", "-id"], name="campaign_list"),
            # campaigns.ledger.outbox.next: a session's running campaigns.
            models.Index(
                fields=["session", "id"],
                name="campaign_running",
                condition=models.Q(status="running"),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def why_paused(self) -> str:
        """The reason it was paused with, or else who did it; "" while it isn't."""
        if self.pause_reason:
            return pause_in_words(self.pause_reason, self.pause_counts)
        if self.status != self.Status.PAUSED or self.paused_by is None:
            return ""
        return gettext("Pausada por %(person)s.") % {"person": self.paused_by}
