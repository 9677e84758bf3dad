"""Spreadsheets on their way in, and their rows that have to be mended."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from contacts.models.topics import ConsentWording, Source, Topic
from contacts.spreadsheets.labels import REASONS
from contacts.spreadsheets.refusals import Refusal


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
        DISCARDED = "discarded", _("descartada")

    business = models.ForeignKey(Business, models.CASCADE, verbose_name=_("negócio"))
    file_name = models.CharField(_("arquivo"), max_length=200)
    stored_as = models.CharField(
        max_length=200,
        editable=False,
        help_text=_("dentro da pasta de arquivos enviados"),
        verbose_name=_("guardada como"),
    )
    status = models.CharField(_("situação"), max_length=10, choices=Status, default=Status.UPLOADED)
    refusal = models.CharField(_("motivo"), max_length=20, choices=Refusal, blank=True)
    sheet = models.CharField(_("aba"), max_length=120, blank=True)
    header_row = models.PositiveIntegerField(_("linha do cabeçalho"), null=True, blank=True)
    # {"columns": [{index, title, field, key}], "sheets": [..], "choices": {row: phone}}:
    # contacts.imports.column_mapping.
    columns = models.JSONField(_("colunas"), default=dict, blank=True)
    area_code = models.CharField(
        _("DDD de quem veio sem"), max_length=2, blank=True, help_text=_("vazio: o do negócio")
    )
    # What reading the whole file found, before anything is written: contacts.imports.preview.
    findings = models.JSONField(
        default=dict, blank=True, editable=False, verbose_name=_("o que foi encontrado")
    )
    # What was typed of the declaration and kept for later, by field: contacts.imports.declaration_drafts.
    draft = models.JSONField(_("rascunho"), default=dict, db_default={}, blank=True, editable=False)
    topic = models.ForeignKey(
        Topic, models.SET_NULL, null=True, blank=True, verbose_name=_("assunto")
    )
    source = models.CharField(_("origem"), max_length=10, choices=Source, blank=True)
    wording = models.ForeignKey(
        ConsentWording, models.SET_NULL, null=True, blank=True, verbose_name=_("texto mostrado")
    )
    # Declared of the whole list, which has no column that says who agreed; else of the rows with a yes.
    of_everyone = models.BooleanField(
        _("declarado de todas as linhas"), default=False, db_default=False
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
    # When its task was last enqueued, or a chunk last committed (blu.dispatch.dispatcher).
    enqueued_at = models.DateTimeField(
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
            # Imports under way, whose task may have got lost (blu.dispatch.dispatcher).
            models.Index(
                fields=["enqueued_at"],
                name="import_under_way",
                condition=models.Q(status__in=["reading", "queued", "running"]),
            ),
            # Uploads that nobody came back to (contacts.imports.retention).
            models.Index(
                fields=["enqueued_at"],
                name="import_waiting",
                condition=models.Q(status="uploaded"),
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def people(self) -> int:
        """The contacts its rows stand for, new or not."""
        return self.imported + self.updated + self.unchanged


class ImportProblem(models.Model):
    """A row that was not imported, or a field left empty, with its reason and what may be kept of the row.

    Nothing of columns that are left out (contacts.spreadsheets.rows); none a month after the import.
    """

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
        return f"{self.row}: {REASONS.get(self.reason, self.reason)}"
