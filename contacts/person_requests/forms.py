"""A person's request as the team writes it down, and how it was answered."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.accounts.models import Business
from blu.text.phone import PhoneError, read_phone
from blu.web import names
from contacts.models import PersonRequest
from contacts.spreadsheets.labels import PHONE_HELP


class PersonRequestForm(forms.Form):
    """Who asks, and for what."""

    phone = forms.CharField(
        label=gettext_lazy("Telefone de quem pediu, com DDD"),
        max_length=40,
        widget=forms.TextInput(
            attrs={"type": "tel", "inputmode": "tel", "placeholder": "(11) 90000-0000"}
        ),
    )
    kind = forms.ChoiceField(label=gettext_lazy("O que pediu"), choices=PersonRequest.Kind.choices)
    note = forms.CharField(
        label=gettext_lazy("Observação"),
        max_length=300,
        required=False,
        validators=[names.refuse_unless_a_name],
    )

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business

    def clean_phone(self) -> str:
        """The number as it is kept."""
        try:
            return read_phone(self.cleaned_data["phone"], self.business.default_area_code).e164
        except PhoneError as error:
            raise forms.ValidationError(str(PHONE_HELP[error.reason])) from error


class AnswerForm(forms.Form):
    """How a request was answered; a refusal says why."""

    state = forms.ChoiceField(choices=PersonRequest.State.choices[1:])
    answer = forms.CharField(max_length=300, required=False)

    def clean(self) -> dict[str, Any]:
        """A refusal without a reason is none."""
        data: dict[str, Any] = super().clean() or {}
        if data.get("state") == PersonRequest.State.REFUSED and not data.get("answer"):
            raise forms.ValidationError(_("Diga por que o pedido não foi atendido."))
        return data
