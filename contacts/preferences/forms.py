"""What the page of a person asks before it erases them."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact

DIGITS = 4


class EraseForm(forms.Form):
    """The end of the number, so that nobody erases another by a link that was passed on."""

    end = forms.CharField(
        label=gettext_lazy("Os 4 últimos números do seu WhatsApp"),
        max_length=DIGITS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        help_text=gettext_lazy("Para que ninguém apague por você com um link encaminhado."),
        error_messages={"required": gettext_lazy("Faltam os 4 últimos números.")},
    )

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact

    def clean_end(self) -> str:
        """Those of this number."""
        end = str(self.cleaned_data["end"])
        if end != self.contact.phone[-DIGITS:]:
            raise forms.ValidationError(_("Não são os últimos números deste WhatsApp. Nada mudou."))
        return end
