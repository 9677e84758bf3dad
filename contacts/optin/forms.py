"""What a public page asks: three fields."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import Business
from blu.text.phone import PhoneError, read_phone
from blu.web import names
from contacts.models.opt_ins import OptInText
from contacts.optin.texts import WORDING_MOST
from contacts.spreadsheets.cells import MAX_NAME
from contacts.spreadsheets.labels import PHONE_HELP


class OptInForm(forms.Form):
    """A name, a number, and the agreement to the words that stand beside its box."""

    name = forms.CharField(
        label=_("Como podemos te chamar?"),
        max_length=MAX_NAME,
        validators=[names.refuse_unless_a_name],
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
        error_messages={"required": _("Falta o nome.")},
    )
    phone = forms.CharField(
        label=_("Seu WhatsApp, com DDD"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "type": "tel",
                "inputmode": "tel",
                "autocomplete": "tel-national",
                "placeholder": "(11) 90000-0000",
            }
        ),
        error_messages={"required": _("Falta o número.")},
    )
    agree = forms.BooleanField(error_messages={"required": _("Falta marcar que concorda.")})

    def __init__(self, *args: Any, text: OptInText, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business: Business = text.business
        self.fields["agree"].label = text.wording.text
        # The box says which words stood beside it; one without that is of a form copied long ago.
        self._code = text.code
        self.fields["agree"].widget.attrs["value"] = text.code

    @property
    def is_of_these_words(self) -> bool:
        """Whether the box that was ticked stood beside the words of now."""
        return self.data.get("agree") in (self._code, "on")

    def clean_phone(self) -> str:
        """The number as E.164, read or refused as everywhere."""
        try:
            read = read_phone(self.cleaned_data["phone"], self.business.default_area_code)
        except PhoneError as error:
            raise forms.ValidationError(str(PHONE_HELP[error.reason])) from error
        return read.e164


class CodeForm(forms.Form):
    """The code that we sent, typed back."""

    code = forms.CharField(
        label=_("Código que chegou no WhatsApp"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "one-time-code"}),
        error_messages={"required": _("Falta o código.")},
    )


class WordingForm(forms.Form):
    """The words of a page, as its owner wants them."""

    words = forms.CharField(
        label=_("O que a pessoa aceita, nas palavras dela"),
        max_length=WORDING_MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Falta o texto.")},
        help_text=_("Diga quem escreve, sobre o quê, com que frequência e como sair."),
    )
