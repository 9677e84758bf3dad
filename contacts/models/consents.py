"""What a contact agreed to: the evidence, and the state that it leads to."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.db.erasing import only_erased
from blu.web.phone_display import readable
from contacts.evidence import EvidenceKind
from contacts.models import triggers
from contacts.models.imports import Import
from contacts.models.people import Contact
from contacts.models.topics import ConsentWording, Source, State, Topic


class Consent(models.Model):
    """Append-only evidence: granted or revoked, by whom, how, when, under which wording."""

    business = models.ForeignKey(
        Business, models.CASCADE, verbose_name=_("negócio"), db_index=False
    )
    contact = models.ForeignKey(
        Contact,
        models.CASCADE,
        related_name="consents",
        verbose_name=_("contato"),
        db_constraint=False,
    )
    topic = models.ForeignKey(
        Topic, models.CASCADE, verbose_name=_("assunto"), db_index=False, db_constraint=False
    )
    state = models.CharField(_("o quê"), max_length=8, choices=State)
    source = models.CharField(_("por onde"), max_length=10, choices=Source)
    wording = models.ForeignKey(
        ConsentWording,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("texto mostrado"),
        db_index=False,
    )
    evidence_kind = models.CharField(
        _("tipo de prova"),
        max_length=8,
        choices=EvidenceKind,
        default=EvidenceKind.NONE,
        blank=True,
    )
    evidence_ref = models.CharField(_("onde está a prova"), max_length=300, blank=True)
    source_import = models.ForeignKey(
        Import, models.PROTECT, null=True, blank=True, verbose_name=_("importação"), db_index=False
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("quem registrou"),
        db_index=False,
        help_text=_("vazio: a própria pessoa"),
    )
    at = models.DateTimeField(_("quando"), db_default=Now())

    class Meta:
        verbose_name = _("consentimento")
        verbose_name_plural = _("consentimentos")
        triggers = [
            only_erased("append_only", pgtrigger.Update | pgtrigger.Delete, "a consent stays"),
        ]
        constraints = [
            models.CheckConstraint(
                name="consent_evidence_kind",
                condition=models.Q(evidence_kind__in=EvidenceKind.values)
                & (models.Q(evidence_ref="") | ~models.Q(evidence_kind="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} · {timezone.localtime(self.at):%d/%m/%Y}"

    @property
    def is_by_contact(self) -> bool:
        """Given or taken back by the person, not by a team member nor by a spreadsheet."""
        return self.actor_id is None and self.source_import_id is None

    @property
    def is_by_message(self) -> bool:
        """Given or taken back in a message of the person's own: the evidence is WhatsApp's id of it."""
        return self.evidence_kind == EvidenceKind.MESSAGE

    @property
    def is_by_page(self) -> bool:
        """Given or taken back on the person's own page: the evidence is a contacts.PreferenceChange."""
        return self.evidence_kind == EvidenceKind.PAGE

    @property
    def evidence_words(self) -> str:
        """Where the proof is, in the language of who reads; "" where there is none."""
        if self.evidence_kind == EvidenceKind.IMPORT and self.source_import:
            where = {"row": self.evidence_ref, "file": self.source_import.file_name}
            if self.source_import.of_everyone and self.state == State.GRANTED:
                return gettext("linha %(row)s de %(file)s, declarada com a lista inteira") % where
            return gettext("linha %(row)s de %(file)s") % where
        if self.evidence_kind == EvidenceKind.NUMBER:
            return readable(self.evidence_ref)
        if self.evidence_kind == EvidenceKind.MESSAGE:
            return gettext("Mensagem da pessoa")
        if self.evidence_kind == EvidenceKind.CODE:
            return gettext("Código enviado ao número e digitado na página")
        if self.is_by_page:
            return gettext("Mudança na página da própria pessoa")
        return self.evidence_ref


class Subscription(models.Model):
    """The current state per (contact, topic), derived from Consent and written beside it."""

    business = models.ForeignKey(
        Business, models.CASCADE, db_index=False, verbose_name=_("negócio")
    )
    contact = models.ForeignKey(
        Contact,
        models.CASCADE,
        related_name="subscriptions",
        db_index=False,
        db_constraint=False,
        verbose_name=_("contato"),
    )
    topic = models.ForeignKey(
        Topic,
        models.CASCADE,
        related_name="subscriptions",
        db_index=False,
        db_constraint=False,
        verbose_name=_("assunto"),
    )
    state = models.CharField(_("situação"), max_length=8, choices=State)
    # True when the person revoked it themselves (SAIR, preference page): an import never grants it
    # again, only the person does.
    by_contact = models.BooleanField(_("pela própria pessoa"), default=False)
    since = models.DateTimeField(_("desde"), default=timezone.now)

    class Meta:
        verbose_name = _("inscrição")
        verbose_name_plural = _("inscrições")
        triggers = [triggers.nothing_granted_to_replaced(), *triggers.granted_by_consent()]
        constraints = [
            models.UniqueConstraint(fields=["contact", "topic"], name="subscription_once"),
        ]
        indexes = [
            # A topic's subscribers, for segments, counts and the launch's INSERT … SELECT.
            models.Index(
                fields=["topic", "contact"],
                name="subscription_granted",
                condition=models.Q(state="granted"),
            ),
            # Those who asked to leave a topic, counted before a launch (campaigns.compose.audience.reach).
            models.Index(
                fields=["topic", "contact"],
                name="subscription_revoked",
                condition=models.Q(state="revoked"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}"
