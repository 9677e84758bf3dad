"""What the WhatsApp pages ask: a name, a yes to the terms, and a number for the code. The form of a key is its kind's."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.accounts.models import Business
from blu.text import phone as phones
from sessions.models import WhatsAppSession

if TYPE_CHECKING:
    SessionModelForm = forms.ModelForm[WhatsAppSession]
else:
    SessionModelForm = forms.ModelForm


class TermsForm(forms.Form):
    """One box: the owner has read what WhatsApp thinks of this."""

    terms = forms.BooleanField(
        label=gettext_lazy("Li o aviso e quero conectar este WhatsApp."),
        error_messages={"required": gettext_lazy("Falta marcar que você leu o aviso.")},
    )


class NewSessionForm(SessionModelForm):
    """Name and terms together, so that linking starts with one page."""

    terms = TermsForm.base_fields["terms"]

    class Meta:
        model = WhatsAppSession
        fields = ("name",)
        labels = {"name": gettext_lazy("Como chamar este WhatsApp")}
        help_texts = {"name": gettext_lazy("Para você reconhecer: Recepção, Clínica, Vendas.")}
        error_messages = {"name": {"required": gettext_lazy("Falta dar um nome a este WhatsApp.")}}

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = self.instance.business = business

    def clean_name(self) -> str:
        """The name, unless another WhatsApp of the business has it."""
        name = str(self.cleaned_data["name"]).strip()
        if WhatsAppSession.objects.filter(business=self.business, name__iexact=name).exists():
            raise forms.ValidationError(_("Já existe um WhatsApp com este nome. Escolha outro."))
        return name


PHONE_WORDS = {
    phones.NO_PHONE: gettext_lazy("Falta o número do celular que tem o WhatsApp."),
    phones.MISSING_AREA_CODE: gettext_lazy("Falta o DDD, como em (11) 91234-5678."),
    phones.LOST_DIGITS: gettext_lazy(
        "Faltou um número? Escreva o telefone inteiro, com DDD e sem letras."
    ),
}


class PairingForm(forms.Form):
    """How to link: by the QR code, or by a code for one number."""

    QR, CODE = "qr", "code"

    kind = forms.ChoiceField(
        choices=[(QR, gettext_lazy("QR code")), (CODE, gettext_lazy("código"))],
        widget=forms.HiddenInput,
    )
    phone = forms.CharField(
        label=gettext_lazy("Número do celular que tem o WhatsApp"),
        help_text=gettext_lazy("Com DDD. O código só serve para este número."),
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, business: Business, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.business = business

    def clean(self) -> dict[str, Any]:
        """E.164 in `phone` for a code; nothing for a QR code."""
        cleaned = self.cleaned_data
        if cleaned.get("kind") != self.CODE:
            return {**cleaned, "phone": ""}
        try:
            read = phones.read_phone(cleaned.get("phone", ""), self.business.default_area_code)
        except phones.PhoneError as error:
            unclear = _("Não entendi esse número. Escreva o DDD e o número, como (11) 91234-5678.")
            self.add_error("phone", PHONE_WORDS.get(error.reason, unclear))
            return cleaned
        return {**cleaned, "phone": read.e164}
