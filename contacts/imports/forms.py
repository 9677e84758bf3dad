"""What the pages of an import ask: the file, its columns, and where consent comes from."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import TextChoices
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.accounts.models import Business
from blu.text.phone import is_area_code
from blu.web import names
from blu.web.phone_display import readable
from contacts.imports import column_mapping
from contacts.imports.declarations import Declaration
from contacts.models import Import, Source, Topic
from contacts.spreadsheets import limits
from contacts.spreadsheets.header import Field
from contacts.spreadsheets.labels import FIELDS
from contacts.spreadsheets.refusals import Refusal

if TYPE_CHECKING:
    TopicChoice = forms.ModelChoiceField[Topic]
else:
    TopicChoice = forms.ModelChoiceField


class Way(TextChoices):
    """What happened with a list that has no column which says who agreed."""

    ALL = "all", gettext_lazy("Todas concordaram")
    SOME = "some", gettext_lazy("Algumas concordaram")
    NONE = "none", gettext_lazy("Nenhuma concordou ainda")


# Chosen in the place of a number.
LEAVE_OUT = "leave out"
# Letters of a value by which a column without a title is told.
EXAMPLE = 30


class UploadForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=gettext_lazy("Planilha"),
        help_text=gettext_lazy("Excel (.xlsx ou .xls), LibreOffice (.ods) ou .csv, até 150 MB."),
        allow_empty_file=True,
        error_messages={"required": gettext_lazy("Falta escolher a planilha.")},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.ods,.csv,.txt,.xlsm"}),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        """Too big is said before anything is read."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > limits.MAX_BYTES:
            raise forms.ValidationError(str(Refusal.TOO_BIG.label))
        return file


class AreaCodeForm(forms.Form):
    """The area code of the numbers that have none; nothing takes back the one that was chosen."""

    area_code = forms.CharField(label=gettext_lazy("DDD"), max_length=3, required=False)

    def clean_area_code(self) -> str:
        """An area code that exists, with or without the 0 before it."""
        code = str(self.cleaned_data["area_code"]).strip().lstrip("0")
        if code and not is_area_code(code):
            raise forms.ValidationError(_("Este DDD não existe."))
        return code


class ColumnsForm(forms.Form):
    """Sheet, header row and what each column is."""

    header_row = forms.IntegerField(
        label=gettext_lazy("Linha dos títulos"),
        min_value=0,
        max_value=limits.HEADER_SEARCH_ROWS,
        help_text=gettext_lazy(
            "A linha com “Nome”, “Telefone”… Ponha 0 se a planilha não tem títulos."
        ),
    )

    def __init__(
        self, *args: Any, upload: Import, examples: Mapping[int, str], **kwargs: Any
    ) -> None:
        """`examples`: the first value of each column without a title, by which it is told."""
        super().__init__(*args, **kwargs)
        self.upload, self.examples = upload, examples
        self.fields["header_row"].initial = upload.header_row
        sheets = column_mapping.sheets_of(upload)
        if len(sheets) > 1:
            self.fields["sheet"] = forms.ChoiceField(
                label=_("Aba"), choices=[(name, name) for name in sheets], initial=upload.sheet
            )
        for column in column_mapping.header_of(upload).columns:
            self.fields[f"column{column.index}"] = forms.ChoiceField(
                label=column.title or self._untitled(column.index),
                choices=[(f.value, name) for f, name in FIELDS.items()],
                initial=column.field,
            )

    def _untitled(self, index: int) -> str:
        """A column without a title, told by its first value."""
        value = Truncator(self.examples.get(index, "")).chars(EXAMPLE)
        number = {"number": index + 1, "value": value}
        if not value:
            return _("Coluna %(number)s, sem título") % number
        return _("Coluna %(number)s, sem título: %(value)s") % number

    @property
    def columns(self) -> list[forms.BoundField]:
        """The fields of the columns, from left to right."""
        return [self[name] for name in self.fields if name.startswith("column")]

    @property
    def offers_phone(self) -> bool:
        """Whether one of the columns looks like that of the phone."""
        return any(
            column.field == Field.PHONE for column in column_mapping.header_of(self.upload).columns
        )

    def chosen(self) -> dict[int, Field]:
        """The meaning of each column by its place."""
        return {
            int(name.removeprefix("column")): Field(value)
            for name, value in self.cleaned_data.items()
            if name.startswith("column")
        }

    def clean(self) -> dict[str, Any]:
        """Under the same sheet and header there must be a phone column."""
        cleaned = self.cleaned_data
        cleaned.setdefault("sheet", self.upload.sheet)
        if cleaned["sheet"] != self.upload.sheet and "header_row" not in self.changed_data:
            # The number is that of the sheet before: the titles of this one are looked for.
            cleaned["header_row"] = None
        self.same = (cleaned["sheet"], cleaned.get("header_row")) == (
            self.upload.sheet,
            self.upload.header_row,
        )
        if self.same and Field.PHONE not in self.chosen().values():
            raise forms.ValidationError(_("Falta dizer qual coluna é a do telefone."))
        return cleaned


def declared_sources() -> list[tuple[str, Any]]:
    """The channels to choose from; none is chosen beforehand."""
    return [("", _("Escolha como")), *Source.declared()]


class StartForm(forms.Form):
    """Where consent comes from. Nothing is ticked beforehand; without the tick no consent is recorded."""

    topic = TopicChoice(
        Topic.objects.none(),
        required=False,
        label=gettext_lazy("O que elas aceitaram receber"),
        empty_label=gettext_lazy("Escolha um assunto"),
    )
    new_topic = forms.CharField(
        required=False,
        max_length=60,
        label=gettext_lazy("O que elas aceitaram receber"),
        help_text=gettext_lazy("Dê um nome ao assunto: Agenda e avisos, Promoções…"),
        validators=[names.refuse_unless_a_name],
    )
    source = forms.ChoiceField(
        required=False, choices=declared_sources, label=gettext_lazy("Como concordaram")
    )
    wording = forms.CharField(
        required=False,
        max_length=2000,
        label=gettext_lazy("O que a pessoa leu ao concordar"),
        help_text=gettext_lazy("Copie da ficha, palavra por palavra."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    declared = forms.BooleanField(required=False)
    way = forms.ChoiceField(
        choices=Way,
        label="",
        widget=forms.HiddenInput,
        error_messages={"required": gettext_lazy("Falta escolher um dos três caminhos.")},
    )
    tag = forms.CharField(
        required=False,
        max_length=40,
        label=gettext_lazy("Etiqueta para todas estas pessoas"),
        help_text=gettext_lazy("Ajuda a encontrar depois quem veio desta planilha."),
        validators=[names.refuse_unless_a_name],
    )

    def __init__(
        self,
        *args: Any,
        business: Business,
        findings: Mapping[str, Any],
        without: bool = False,
        **kwargs: Any,
    ) -> None:
        """`findings`: of the file; its problems with options become fields, and without any answer there
        are three ways. `without`: the person chose to import without consent.
        """
        super().__init__(*args, **kwargs)
        self.business = business
        if without or not says_nobody(findings):
            self.fields.pop("way")
        self.granting = bool(findings.get("yes")) and not without
        for problem in findings.get("problems", ()):
            if problem.get("options"):
                self.fields[f"phone{problem['row']}"] = _which_phone(problem["options"])
        topics = Topic.objects.filter(business=business).order_by("id")
        self.fields["topic"].queryset = topics  # type: ignore[attr-defined]
        self.fields.pop("new_topic" if topics.exists() else "topic")

    def clean(self) -> dict[str, Any]:
        """A grant needs all of it."""
        cleaned = self.cleaned_data
        if cleaned.get("way") == Way.SOME:
            self.add_error("way", _("Nada é importado até a planilha preenchida voltar."))
        if not self.granting and cleaned.get("way") != Way.ALL:
            return cleaned
        if not cleaned.get("topic") and not cleaned.get("new_topic", "").strip():
            name = "topic" if "topic" in self.fields else "new_topic"
            self.add_error(name, _("Falta dizer o que elas aceitaram receber."))
        if not cleaned.get("source"):
            self.add_error("source", _("Falta dizer como elas concordaram."))
        if not cleaned.get("wording", "").strip():
            self.add_error("wording", _("Falta o texto que a pessoa leu ao concordar."))
        if not cleaned.get("declared"):
            self.add_error("declared", _("Falta marcar a declaração de consentimento."))
        return cleaned

    def typed(self) -> dict[str, str]:
        """What stands in its fields, right or wrong, by their names."""
        return {name: str(self.data[name]) for name in self.fields if name in self.data}

    def choices(self) -> dict[int, str]:
        """The number chosen for each row with several, "" for a row to leave out."""
        return {
            int(name.removeprefix("phone")): "" if value == LEAVE_OUT else value
            for name, value in self.cleaned_data.items()
            if name.startswith("phone") and value
        }

    def declaration(self) -> Declaration | None:
        """What was declared; a topic named here is created with it."""
        everyone = self.cleaned_data.get("way") == Way.ALL
        if not self.granting and not everyone:
            return None
        topic = self.cleaned_data.get("topic") or Topic.objects.create(
            business=self.business, name=self.cleaned_data["new_topic"].strip()
        )
        source, wording = self.cleaned_data["source"], self.cleaned_data["wording"]
        return Declaration(topic, source, wording, everyone)


def says_nobody(findings: Mapping[str, Any]) -> bool:
    """Whether a file doesn't say of anybody whether they agreed: no such column, or an empty one."""
    return not any(findings.get(answer) for answer in ("yes", "no", "unclear"))


def _which_phone(options: Sequence[str]) -> forms.ChoiceField:
    """The question which of a cell's numbers is meant; it stands outside of the form's element."""
    choices = [
        ("", _("Escolha um")),
        *((phone, readable(phone)) for phone in options),
        (LEAVE_OUT, _("Deixar a linha de fora")),
    ]
    widget = forms.Select(attrs={"form": "importar"})
    return forms.ChoiceField(choices=choices, required=False, label=_("Telefone"), widget=widget)
