"""The limits of a session: what its owner asks for, and what support allows."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.lib import clock
from campaigns import lowering, pacing
from campaigns.models import SessionLimits

if TYPE_CHECKING:
    LimitsModelForm = forms.ModelForm[SessionLimits]
else:
    LimitsModelForm = forms.ModelForm

LONGEST = 3600  # seconds between messages


def time_input() -> forms.TimeInput:
    """The browser's own control for an hour."""
    return forms.TimeInput(format="%H:%M", attrs={"type": "time", "step": "900"})


class LowerForm(forms.Form):
    """Only downwards; every refusal says how far one may go."""

    interval_seconds = forms.IntegerField(
        label=gettext_lazy("Segundos entre duas mensagens"), max_value=LONGEST
    )
    opens = forms.TimeField(label=gettext_lazy("Começa às"), widget=time_input())
    closes = forms.TimeField(label=gettext_lazy("Para às"), widget=time_input())
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
        self.most = lowering.ceilings(own)
        for name in lowering.FIELDS:
            self.initial.setdefault(name, getattr(own, name))
        if not self.most.sundays:
            del self.fields["sundays"]
        self.fields["interval_seconds"].help_text = _("De %(least)s a %(most)s.") % {
            "least": self.most.interval_seconds,
            "most": LONGEST,
        }
        self.fields["new_chats"].help_text = _(
            "Até %(n)s. Vazio: conforme a idade da conexão. Quem já escreveu para vocês não conta."
        ) % {"n": self.most.new_chats}

    def clean(self) -> dict[str, Any]:
        """The order of the hours, and the ceilings."""
        values = super().clean() or {}
        values.setdefault("sundays", False)
        if self.errors:
            return values
        if values["opens"] >= values["closes"]:
            self.add_error("closes", _("O horário de parar vem depois do de começar."))
        for name, words in lowering.problems(values, self.most).items():
            self.add_error(name, words)
        return values


class RaiseForm(LimitsModelForm):
    """Support's: whatever passes the ceilings, or the age of the link, takes a reason in writing."""

    class Meta:
        model = SessionLimits
        fields = ("session", *lowering.FIELDS, "raised_reason")

    def clean(self) -> dict[str, Any]:
        """A reason for every raise, written anew each time."""
        values = super().clean() or {}
        if self.errors or not self._passes(values):
            return values
        if not values["raised_reason"].strip():
            self.add_error("raised_reason", _("Acima dos limites padrão só com um motivo escrito."))
        elif self.has_changed() and "raised_reason" not in self.changed_data:
            self.add_error("raised_reason", _("Escreva o motivo desta mudança."))
        return values

    def _passes(self, values: dict[str, Any]) -> bool:
        if lowering.problems(values, lowering.Ceilings()):
            return True
        session = values.get("session") or self.instance.session
        limits = pacing.limits_of(session.pk)
        chats = values.get("new_chats")
        return chats is not None and chats > pacing.by_age(limits, now=clock.now())
