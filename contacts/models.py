"""Contacts, what they agreed to, and the imports that brought them.

Rows that belong to two parents of one business carry `business_id`, and composite foreign keys
(migration 0002) make the database refuse a pair from two businesses (design.md section 5).
"""

from typing import Any

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Now, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.lib import search


class Contact(models.Model):
    """A person with a number; unique (business, phone)."""

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("empresa"))
    phone = models.CharField(_("telefone"), max_length=20, help_text=_("com +55 e DDD"))
    name = models.CharField(_("nome"), max_length=200, blank=True)
    # Folded words and digits, each prefixed with the business (blu.lib.search.vector): one GIN
    # index serves every business without reading another's entries.
    search = SearchVectorField(editable=False, default="", verbose_name=_("palavras para busca"))
    birth_date = models.DateField(_("nascimento"), null=True, blank=True)
    attributes = models.JSONField(_("outros dados"), default=dict, blank=True)
    tags = ArrayField(
        models.CharField(max_length=40), verbose_name=_("etiquetas"), default=list, blank=True
    )
    flags = ArrayField(
        models.CharField(max_length=20),
        default=list,
        blank=True,
        editable=False,
        verbose_name=_("observações do telefone"),
    )
    created_at = models.DateTimeField(_("criado em"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("mudou em"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("contato")
        verbose_name_plural = _("contatos")
        constraints = [
            models.UniqueConstraint(fields=["business", "phone"], name="contact_phone_once"),
            # What composite foreign keys point at.
            models.UniqueConstraint(fields=["id", "business"], name="contact_business_key"),
            models.CheckConstraint(
                condition=models.Q(phone__regex=r"^\+[1-9][0-9]{6,14}$"), name="contact_phone_e164"
            ),
        ]
        indexes = [
            # The contact list, newest first, by keyset.
            models.Index(fields=["business", "-id"], name="contact_list"),
            # Search by the beginning of any word of a name or of a number.
            GinIndex(fields=["search"], name="contact_search"),
            # Segments by tag and by attribute.
            GinIndex(fields=["tags"], name="contact_tags"),
            GinIndex(
                fields=["attributes"], name="contact_attributes", opclasses=["jsonb_path_ops"]
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.phone

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the search words beside what they are made of."""
        self.search = search.vector(self.business_id, self.name, self.phone)
        if kwargs.get("update_fields"):
            kwargs["update_fields"] = {*kwargs["update_fields"], "search"}
        super().save(*args, **kwargs)


class Topic(models.Model):
    """What one may agree to receive ("Promoções", "Lembretes")."""

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("empresa"))
    name = models.CharField(_("nome"), max_length=60)
    description = models.CharField(
        _("o que a pessoa recebe"),
        max_length=200,
        blank=True,
        help_text=_("Em uma frase, com a frequência."),
    )
    created_at = models.DateTimeField(
        default=timezone.now, editable=False, verbose_name=_("criado em")
    )

    class Meta:
        verbose_name = _("assunto")
        verbose_name_plural = _("assuntos")
        constraints = [
            models.UniqueConstraint("business", Upper("name"), name="topic_name_once"),
            models.UniqueConstraint(fields=["id", "business"], name="topic_business_key"),
        ]

    def __str__(self) -> str:
        return self.name


class ConsentWording(models.Model):
    """The words under which people agreed, kept once however many rows point at them."""

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("empresa"))
    text = models.TextField(_("texto mostrado"))
    created_at = models.DateTimeField(
        default=timezone.now, editable=False, verbose_name=_("guardado em")
    )

    class Meta:
        verbose_name = _("texto de consentimento")
        verbose_name_plural = _("textos de consentimento")
        constraints = [
            models.UniqueConstraint(fields=["business", "text"], name="wording_once"),
        ]

    def __str__(self) -> str:
        return self.text[:60]


class Source(models.TextChoices):
    """Through which channel a consent came."""

    PAPER = "paper", _("ficha em papel")
    FORM = "form", _("formulário na internet")
    COUNTER = "counter", _("no balcão, por escrito")
    WHATSAPP = "whatsapp", _("mensagem no WhatsApp")
    PHONE = "phone", _("ligação gravada")
    CONTRACT = "contract", _("contrato ou cadastro")
    MEMBER = "member", _("anotado pela equipe")


class State(models.TextChoices):
    """Granted or revoked: the only two things a consent can say."""

    GRANTED = "granted", _("aceitou")
    REVOKED = "revoked", _("pediu para sair")


class Import(models.Model):
    """One spreadsheet on its way in.

    `rows_done` is the last sheet row whose chunk was committed: where a killed worker's successor
    goes on. It and the counts move with each chunk.
    """

    class Status(models.TextChoices):
        READING = "reading", _("lendo")
        UPLOADED = "uploaded", _("aguardando conferência")
        QUEUED = "queued", _("na fila")
        RUNNING = "running", _("importando")
        DONE = "done", _("pronta")
        REFUSED = "refused", _("recusada")
        FAILED = "failed", _("parou")

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("empresa"))
    file_name = models.CharField(_("arquivo"), max_length=200)
    stored_as = models.CharField(
        max_length=200,
        editable=False,
        help_text=_("dentro da pasta de arquivos enviados"),
        verbose_name=_("guardada como"),
    )
    status = models.CharField(_("situação"), max_length=10, choices=Status, default=Status.UPLOADED)
    refusal = models.TextField(_("motivo"), blank=True)
    sheet = models.CharField(_("aba"), max_length=120, blank=True)
    header_row = models.PositiveIntegerField(_("linha do cabeçalho"), null=True, blank=True)
    # {"columns": [{index, title, field, key}], "sheets": [..]}: contacts.services.layouts.
    columns = models.JSONField(_("colunas"), default=dict, blank=True)
    area_code = models.CharField(
        _("DDD de quem veio sem"), max_length=2, blank=True, help_text=_("vazio: o da empresa")
    )
    # What reading the whole file found, before anything is written: contacts.services.findings.
    findings = models.JSONField(
        default=dict, blank=True, editable=False, verbose_name=_("o que foi encontrado")
    )
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, verbose_name=_("assunto")
    )
    source = models.CharField(_("origem"), max_length=10, choices=Source, blank=True)
    wording = models.ForeignKey(
        ConsentWording, models.SET_NULL, null=True, blank=True, verbose_name=_("texto mostrado")
    )
    tag = models.CharField(_("etiqueta"), max_length=40, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name=_("quem enviou"),
    )
    created_at = models.DateTimeField(_("enviada em"), default=timezone.now, editable=False)
    # When its task was last rung for, or a chunk last committed (blu.rounds).
    rung_at = models.DateTimeField(
        default=timezone.now, editable=False, verbose_name=_("chamada em")
    )
    started_at = models.DateTimeField(
        null=True, blank=True, editable=False, verbose_name=_("começou em")
    )
    finished_at = models.DateTimeField(_("terminou em"), null=True, blank=True, editable=False)
    rows_total = models.PositiveIntegerField(_("linhas"), null=True, blank=True)
    rows_done = models.PositiveIntegerField(_("linhas lidas"), default=0)
    imported = models.PositiveIntegerField(_("novos"), default=0)
    updated = models.PositiveIntegerField(_("atualizados"), default=0)
    unchanged = models.PositiveIntegerField(_("iguais"), default=0)
    duplicates = models.PositiveIntegerField(_("repetidas"), default=0)
    errors = models.PositiveIntegerField(_("com problema"), default=0)
    granted = models.PositiveIntegerField(_("aceites gravados"), default=0)

    class Meta:
        verbose_name = _("importação")
        verbose_name_plural = _("importações")
        indexes = [
            # The list of a business's imports, newest first.
            models.Index(fields=["business", "-id"], name="import_list"),
            # Imports under way, whose task may have got lost (blu.rounds).
            models.Index(
                fields=["rung_at"],
                name="import_under_way",
                condition=models.Q(status__in=["reading", "queued", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def people(self) -> int:
        """The contacts its rows stand for, new or not."""
        return self.imported + self.updated + self.unchanged


class ImportProblem(models.Model):
    """A row that was not imported, or a field left empty, with its reason and the row as it was."""

    source = models.ForeignKey(
        Import, models.CASCADE, related_name="problems", verbose_name=_("importação")
    )
    row = models.PositiveIntegerField(_("linha"))
    field = models.CharField(
        max_length=20,
        blank=True,
        help_text=_("vazio: a linha inteira ficou de fora"),
        verbose_name=_("campo"),
    )
    reason = models.CharField(_("motivo"), max_length=40)
    values = models.JSONField(_("valores"), default=list)

    class Meta:
        verbose_name = _("linha com problema")
        verbose_name_plural = _("linhas com problema")
        constraints = [
            models.UniqueConstraint(fields=["source", "row", "field"], name="problem_once"),
        ]

    def __str__(self) -> str:
        return f"{self.row}: {self.reason}"


class Consent(models.Model):
    """Append-only evidence: granted or revoked, by whom, how, when, under which wording."""

    business = models.ForeignKey(
        Business, models.CASCADE, verbose_name=_("empresa"), db_index=False
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
    evidence = models.CharField(_("prova"), max_length=300, blank=True)
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
    at = models.DateTimeField(_("quando"), default=timezone.now, db_default=Now())

    class Meta:
        verbose_name = _("consentimento")
        verbose_name_plural = _("consentimentos")
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} · {self.at:%d/%m/%Y}"


class Subscription(models.Model):
    """The current state per (contact, topic), derived from Consent and written beside it."""

    business = models.ForeignKey(
        Business, models.CASCADE, db_index=False, verbose_name=_("empresa")
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
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}"


class Segment(models.Model):
    """A saved filter over contacts; holds no people.

    `filter` is {"tags": [..], "attributes": {name: value}}: all must hold (contacts.segments).
    """

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("empresa"))
    name = models.CharField(_("nome"), max_length=60)
    filter = models.JSONField(_("filtro"), default=dict)
    created_at = models.DateTimeField(
        default=timezone.now, editable=False, verbose_name=_("criado em")
    )

    class Meta:
        verbose_name = _("público")
        verbose_name_plural = _("públicos")
        constraints = [
            models.UniqueConstraint("business", Upper("name"), name="segment_name_once"),
            models.UniqueConstraint(fields=["id", "business"], name="segment_business_key"),
        ]

    def __str__(self) -> str:
        return self.name
