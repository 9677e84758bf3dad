"""The limits of a session, as its owner asks for them."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.web.numbers import grouped
from campaigns.limits import pacing, services
from campaigns.models import SessionLimits

LONGEST = 3600  # seconds between messages


def time_input() -> forms.TimeInput:
    """The browser's own control for an hour."""
    return forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": "900"})


class LowerForm(forms.Form):
    """Only downwards; every refusal says how far one may go."""

    interval_seconds = forms.IntegerField(
        label=gettext_lazy("Segundos entre duas mensagens"),
        max_value=LONGEST,
        error_messages={"required": gettext_lazy("Falta dizer quantos segundos.")},
    )
    opens = forms.TimeField(
        label=gettext_lazy("Começa às"),
        widget=time_input(),
        error_messages={"required": gettext_lazy("Falta a hora de começar.")},
    )
    closes = forms.TimeField(
        label=gettext_lazy("Para às"),
        widget=time_input(),
        error_messages={"required": gettext_lazy("Falta a hora de parar.")},
    )
    sundays = forms.BooleanField(label=gettext_lazy("Também aos domingos"), required=False)
    daily = forms.IntegerField(
        label=gettext_lazy("Mensagens por dia"),
        required=False,
        min_value=1,
        max_value=1_000_000,
        help_text=gettext_lazy("Vazio: quantas couberem no horário."),
    )
    new_chats = forms.IntegerField(
        label=gettext_lazy("Conversas novas por dia"), required=False, min_value=0
    )

    def __init__(self, *args: Any, own: SessionLimits, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.most = services.ceilings(own)
        for name in services.FIELDS:
            self.initial.setdefault(name, getattr(own.in_force(), name))
        if not self.most.sundays:
            del self.fields["sundays"]
        self.not_asked: dict[str, Any] = {}
        if pacing.limits_of(own.session_id).by_quota:
            self._leave_out("interval_seconds", "new_chats", own=own.in_force())
            return
        self.fields["interval_seconds"].help_text = _("De %(least)s a %(most)s.") % {
            "least": grouped(self.most.interval_seconds),
            "most": grouped(LONGEST),
        }
        self.fields["new_chats"].help_text = _(
            "Até %(n)s. Vazio: conforme a idade da conexão. Quem já escreveu para vocês não conta."
        ) % {"n": grouped(self.most.new_chats)}

    def _leave_out(self, *names: str, own: SessionLimits) -> None:
        """Leave out fields that hold for phones only, and keep their values."""
        for name in names:
            del self.fields[name]
            self.not_asked[name] = getattr(own, name)

    def clean(self) -> dict[str, Any]:
        """The order of the hours, and the ceilings."""
        values = super().clean() or {}
        values.setdefault("sundays", False)
        values |= self.not_asked
        if self.errors:
            return values
        if values["opens"] >= values["closes"]:
            self.add_error("closes", _("O horário de parar vem depois do de começar."))
            return values
        for name, refusal in services.refusals(values, self.most).items():
            self.add_error(name, str(refusal))
        return values
