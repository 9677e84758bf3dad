"""The text of a message as a person writes it, and a template to use it again."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy

from blu.accounts.models import Business
from blu.accounts.refused import Refused
from campaigns.messages import content, templates
from campaigns.models import Template
from campaigns.models.campaign import BODY_MOST

if TYPE_CHECKING:
    TemplateModelForm = forms.ModelForm[Template]
else:
    TemplateModelForm = forms.ModelForm


class BodyForm(forms.Form):
    """The text of a message, refused with the place of whatever is wrong in it."""

    business: Business
    most = BODY_MOST

    def clean_body(self) -> str:
        """The text with plain line ends, every variable known and every brace closed."""
        try:
            return content.sendable(self.business, str(self.cleaned_data["body"]))
        except content.FaultyText as refusal:
            raise forms.ValidationError(
                [forms.ValidationError(str(one), one.fault) for one in refusal.problems]
            ) from None


class TemplateForm(BodyForm, TemplateModelForm):
    """A reusable text."""

    class Meta:
        model = Template
        fields = ("name", "body")
        labels = {"name": gettext_lazy("Nome do modelo"), "body": gettext_lazy("Texto")}
        help_texts = {"name": gettext_lazy("Para achar depois: Lembrete de consulta, Aniversário.")}
        error_messages = {
            "name": {"required": gettext_lazy("Falta dar um nome ao modelo.")},
            "body": {"required": gettext_lazy("Falta o texto do modelo.")},
        }

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business
        as_typed(self.fields["body"])

    def clean_name(self) -> str:
        """The name, unless another template of the business has it."""
        name = str(self.cleaned_data["name"]).strip()
        try:
            templates.refuse_taken_name(
                business=self.business, name=name, but=self.instance.pk or 0
            )
        except Refused as refusal:
            raise forms.ValidationError(str(refusal), refusal.code) from None
        return name


def as_typed(field: forms.Field) -> None:
    """Leave the text alone until `clean_body`: people count blank lines, and no line end twice."""
    field.strip = False  # type: ignore[attr-defined]  # CharField's
    field.validators = [one for one in field.validators if not isinstance(one, MaxLengthValidator)]
