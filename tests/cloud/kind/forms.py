"""By what an account at the API is linked."""

from django import forms
from django.utils.translation import gettext_lazy


class KeyForm(forms.Form):
    """The key that the API gave out for one number; what was typed is never written back into the page."""

    key = forms.CharField(
        label=gettext_lazy("Chave"),
        max_length=500,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Falta a chave.")},
    )
