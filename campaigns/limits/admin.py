"""The limits of a session, as support raises them."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext as _

from blu.db import clock
from campaigns.limits import pacing, services
from campaigns.models import SessionLimits

if TYPE_CHECKING:
    LimitsModelForm = forms.ModelForm[SessionLimits]
else:
    LimitsModelForm = forms.ModelForm


class RaiseForm(LimitsModelForm):
    """Support's: whatever passes the ceilings, or the age of the link, takes a reason in writing."""

    class Meta:
        model = SessionLimits
        fields = ("session", *services.FIELDS, "raised_reason")

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
        if services.problems(values, services.Ceilings()):
            return True
        session = values.get("session") or self.instance.session
        limits = pacing.limits_of(session.pk)
        chats = values.get("new_chats")
        return chats is not None and chats > pacing.by_age(limits, now=clock.now())
