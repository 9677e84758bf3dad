"""The limits of a session, as support raises them."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blu.accounts.admin_base import HistoryAdmin
from campaigns.limits import pacing, services
from campaigns.models import SessionLimits
from sessions.driving import link_updates

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
        if services.refusals(values, services.Ceilings()):
            return True
        session = values.get("session") or self.instance.session
        limits = pacing.limits_of(session.pk)
        chats = values.get("new_chats")
        return chats is not None and chats > pacing.by_age(limits, now=timezone.now())


@admin.register(SessionLimits)
class SessionLimitsAdmin(HistoryAdmin):
    """How fast a session may send; above the ceilings only with a reason, and all is kept."""

    form = RaiseForm
    list_display = (
        "session",
        "business",
        "interval_seconds",
        "opens",
        "closes",
        "sundays",
        "daily",
        "new_chats",
        "raised_reason",
        "raised_by",
    )
    list_select_related = ("session__business", "raised_by")
    search_fields = ("session__name", "session__phone", "session__business__name")
    search_help_text = gettext_lazy("Nome da conexão, telefone ou negócio")
    ordering = ("-id",)
    autocomplete_fields = ("session",)
    readonly_fields = ("raised_by",)
    history_list_display = (
        "interval_seconds",
        "opens",
        "closes",
        "sundays",
        "daily",
        "new_chats",
        "raised_reason",
    )

    @admin.display(description=gettext_lazy("negócio"))
    def business(self, limits: SessionLimits) -> str:
        """Whose session it is."""
        return str(limits.session.business)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Limits don't move to another session."""
        return ("raised_by", "session") if obj else ("raised_by",)

    def save_model(self, request: HttpRequest, obj: SessionLimits, form: Any, change: bool) -> None:
        """Save who raised the limits beside the reason, and wake the session."""
        obj.raised_by = request.user if obj.raised_reason else None  # type: ignore[assignment]
        if "raised_reason" in form.changed_data:
            obj.raised_at = timezone.now()
        obj._change_reason = obj.raised_reason[:100]  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: link_updates.wake(obj.session_id))
