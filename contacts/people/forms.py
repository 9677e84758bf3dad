"""The forms of contacts, their consent, and topics."""

import datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.accounts.models import Business
from blu.text.phone import Phone, PhoneError, read_phone
from blu.web import names
from contacts import pages
from contacts.models import Contact, Segment, Source, State, Topic
from contacts.spreadsheets.cells import (
    FIRST_YEAR,
    LONG_TAG,
    MAX_NAME,
    MAX_TAG,
    MAX_TAGS,
    FutureDate,
    InvalidDate,
    read_birth_date,
    read_tags,
    tags_fault,
)
from contacts.spreadsheets.labels import PHONE_HELP, attribute_name

if TYPE_CHECKING:
    TopicModelForm = forms.ModelForm[Topic]
    TopicChoice = forms.ModelChoiceField[Topic]
    SegmentChoice = forms.ModelChoiceField[Segment]
else:
    TopicModelForm = forms.ModelForm
    TopicChoice = SegmentChoice = forms.ModelChoiceField


class ContactFilterForm(forms.Form):
    """Search and filters of the contact list. What isn't valid filters nothing."""

    q = forms.CharField(required=False, max_length=80)
    topic = TopicChoice(
        Topic.objects.none(),
        required=False,
        label=gettext_lazy("Aceita"),
        empty_label=gettext_lazy("Todos os contatos"),
    )
    segment = SegmentChoice(
        Segment.objects.none(),
        required=False,
        label=gettext_lazy("Público"),
        empty_label=gettext_lazy("Todos os públicos"),
    )
    tag = forms.ChoiceField(required=False, label=gettext_lazy("Etiqueta"))

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit(self.fields["topic"], Topic.objects.filter(business=business).order_by("name"))
        _limit(self.fields["segment"], Segment.objects.filter(business=business).order_by("name"))
        tags = list(pages.known_tags(business))
        asked = self.data.get("tag")
        if asked and asked not in tags:
            tags.append(asked[:40])
        choices = [("", _("Todas as etiquetas")), *((tag, tag) for tag in tags)]
        self.fields["tag"] = forms.ChoiceField(choices=choices, required=False, label=_("Etiqueta"))


def _limit(field: forms.Field, queryset: Any) -> None:
    """Limit the choices to rows of the business."""
    field.queryset = queryset  # type: ignore[attr-defined]


def _phone_field(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=40,
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "placeholder": "(11) 90000-0000"}
        ),
        error_messages={"required": gettext_lazy("Falta o telefone.")},
    )


class NumberForm(forms.Form):
    """A number that no other contact of the business has; `holder` is the one that has it."""

    phone = _phone_field(gettext_lazy("Número certo, com DDD"))
    business: Business
    contact: Contact | None
    holder: Contact | None = None

    def __init__(
        self, *args: Any, business: Business, contact: Contact | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.business, self.contact = business, contact

    def clean_phone(self) -> Phone:
        """The number as it is kept; who has it is asked when it is written."""
        try:
            read = read_phone(self.cleaned_data["phone"], self.business.default_area_code)
        except PhoneError as error:
            raise forms.ValidationError(str(PHONE_HELP[error.reason])) from error
        if self.contact and self.contact.phone == read.e164:
            raise forms.ValidationError(_("Este já é o número deste contato."))
        return read

    def taken(self, holder: Contact) -> None:
        """Add the error that another contact has the number; the page links to it."""
        self.holder = holder
        self.add_error("phone", _("Outro contato já tem este telefone."))

    def erased(self) -> None:
        """Say that the number's person was erased and comes back only by themselves."""
        said = _(
            "Quem tem este número pediu para não receber e para apagar os dados. Só volta se a própria pessoa se inscrever."
        )
        self.add_error("phone", said)


class BirthDateField(forms.DateField):
    """A day as people write it, also with a year of two digits, as in a spreadsheet."""

    def to_python(self, value: Any) -> datetime.date | None:
        """The day; None for none."""
        try:
            return super().to_python(value)
        except forms.ValidationError:
            try:
                return read_birth_date(str(value), timezone.localdate())
            except (InvalidDate, FutureDate):
                pass
            raise


class ContactForm(NumberForm):
    """One contact, typed by hand; its number only while it is new."""

    name = forms.CharField(label=gettext_lazy("Nome"), max_length=MAX_NAME, required=False)
    phone = _phone_field(gettext_lazy("Telefone com DDD"))
    birth_date = BirthDateField(
        label=gettext_lazy("Nascimento"),
        required=False,
        widget=forms.DateInput(
            format="%d/%m/%Y", attrs={"placeholder": "31/12/1980", "inputmode": "numeric"}
        ),
        input_formats=["%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("Esta data não existe. Escreva como 31/12/1980.")},
    )
    tags = forms.CharField(
        label=gettext_lazy("Etiquetas"),
        required=False,
        max_length=2 * MAX_TAGS * MAX_TAG,
        help_text=gettext_lazy("Separadas por vírgula."),
        validators=[names.refuse_unless_a_name],
    )
    field_order = ("name", "phone")

    def __init__(
        self, *args: Any, business: Business, contact: Contact | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, business=business, contact=contact, **kwargs)
        if contact:
            del self.fields["phone"]
        for key, value in (contact.attributes if contact else {}).items():
            self.fields[f"attribute-{key}"] = forms.CharField(
                label=attribute_name(key),
                required=False,
                max_length=500,
                initial=value,
            )

    def clean_name(self) -> str:
        """The name on one line, without runs of spaces."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        names.refuse_unseen(name)
        return name

    def clean_tags(self) -> list[str]:
        """Each tag once; none is cut in silence."""
        tags = read_tags(self.cleaned_data["tags"])
        fault = tags_fault(tags)
        if fault == LONG_TAG:
            raise forms.ValidationError(_("Uma etiqueta tem até 40 letras. Escreva menos."))
        if fault:
            raise forms.ValidationError(_("Um contato tem até 20 etiquetas. Tire algumas."))
        return tags

    def clean_birth_date(self) -> datetime.date | None:
        """A day that has come already."""
        date: datetime.date | None = self.cleaned_data["birth_date"]
        if date and date > timezone.localdate(timezone=self.business.zone):
            raise forms.ValidationError(_("Esta data ainda não chegou. Confira o ano."))
        if date and date.year < FIRST_YEAR:
            raise forms.ValidationError(_("Faz tempo demais. Confira o ano."))
        return date

    def attributes(self) -> dict[str, str]:
        """The other data, without those emptied; what came since the page was drawn stays as it is."""
        known = self.contact.attributes if self.contact else {}
        shown = {key: f"attribute-{key}" for key in known}
        return {
            key: self.cleaned_data[name] if name in self.data else known[key]
            for key, name in shown.items()
            if name not in self.data or self.cleaned_data.get(name)
        }


class ConsentForm(forms.Form):
    """What a person told the team about one topic."""

    topic = TopicChoice(Topic.objects.none(), label=gettext_lazy("Assunto"), empty_label=None)
    state = forms.ChoiceField(choices=State.choices)
    source = forms.ChoiceField(
        choices=Source.declared, label=gettext_lazy("Como a pessoa disse"), required=False
    )
    evidence = forms.CharField(
        label=gettext_lazy("Onde está a prova"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Por exemplo: ficha assinada em 24/11, na pasta azul."),
    )

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _limit(self.fields["topic"], Topic.objects.filter(business=business).order_by("name"))

    def clean(self) -> dict[str, Any]:
        """A yes needs its proof; a no is obeyed without one."""
        cleaned = self.cleaned_data
        cleaned["source"] = cleaned.get("source") or Source.MEMBER
        unproven = not cleaned.get("evidence") and "evidence" not in self.errors
        if cleaned.get("state") == State.GRANTED and unproven:
            self.add_error(
                "evidence", _("Falta dizer onde está a prova: a lei pede que você a tenha.")
            )
        return cleaned


class StopForm(forms.Form):
    """How somebody told the team that they want nothing any more."""

    said = forms.CharField(
        label=gettext_lazy("Como a pessoa disse"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Por exemplo: por telefone, em 24/11."),
    )


class TopicForm(TopicModelForm):
    """A topic's name, what one receives, and what kind of thing that is."""

    class Meta:
        model = Topic
        fields = ("name", "description", "kind")
        help_texts = {
            "kind": gettext_lazy(
                "Em resposta a um lembrete, CANCELAR é a consulta; nos outros assuntos, é sair."
            )
        }

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business
        self.fields["kind"].required = False  # who says nothing keeps what it is

    def clean_name(self) -> str:
        """A name that no other topic of the business has."""
        name = " ".join(str(self.cleaned_data["name"]).split())
        same = Topic.objects.filter(business=self.business, name__iexact=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Já existe um assunto com este nome."))
        return name
