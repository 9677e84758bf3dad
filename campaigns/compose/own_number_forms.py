"""What is asked about a member's own number."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.accounts.models import Business
from blu.text import phone as phones

PHONE_WORDS = {
    phones.NO_PHONE: gettext_lazy("Falta o número do seu celular."),
    phones.MISSING_AREA_CODE: gettext_lazy("Falta o DDD, como em (11) 91234-5678."),
    phones.LOST_DIGITS: gettext_lazy(
        "Faltou um número? Escreva o telefone inteiro, com DDD e sem letras."
    ),
}


class OwnNumberForm(forms.Form):
    """The number that a code is sent to, to show that it is the person's own."""

    phone = forms.CharField(
        label=gettext_lazy("Seu WhatsApp"),
        help_text=gettext_lazy("Com DDD. Só os testes vão para ele."),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business

    def clean_phone(self) -> str:
        """The number in E.164; an error in plain words when it can't be read for certain."""
        written = str(self.cleaned_data["phone"])
        try:
            phone = phones.read_phone(written, self.business.default_area_code)
        except phones.PhoneError as error:
            unknown = _("Este número não existe. Confira o DDD e os 9 números.")
            raise forms.ValidationError(str(PHONE_WORDS.get(error.reason, unknown))) from error
        if not phone.is_mobile:
            raise forms.ValidationError(
                _("Este número é de telefone fixo. Escreva o do seu celular.")
            )
        return phone.e164


class CodeForm(forms.Form):
    """The code that came to the number."""

    code = forms.CharField(
        label=gettext_lazy("Código que chegou"),
        max_length=20,
        error_messages={"required": gettext_lazy("Falta o código: são 6 números.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
