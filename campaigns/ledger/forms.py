"""What is asked about a message in doubt."""

from django import forms
from django.utils.translation import gettext_lazy

from campaigns.ledger import decisions


class DecisionForm(forms.Form):
    """What a person saw in the chat of a message in doubt; the answer is which button was pressed."""

    reason = forms.CharField(
        label=gettext_lazy("O que você viu na conversa?"),
        max_length=decisions.MOST,
        error_messages={"required": gettext_lazy("Falta dizer o que você viu na conversa.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    arrived = forms.TypedChoiceField(
        choices=(("sim", ""), ("nao", "")),
        coerce=lambda said: said == "sim",
        error_messages={"required": gettext_lazy("Falta dizer se chegou: toque em um dos botões.")},
    )
