"""What owners were warned of, for support to look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from blu.accounts.admin_base import ReadOnlyAdmin
from campaigns.models import (
    SessionAlert,
)


@admin.register(SessionAlert)
class SessionAlertAdmin(ReadOnlyAdmin):
    """What owners were warned of."""

    list_display = ("session", "business", "kind", "since", "opened_at", "mailed_at", "ended_at")
    list_filter = ("kind",)
    list_select_related = ("session__business",)
    search_fields = ("session__name", "session__phone", "session__business__name")
    search_help_text = _("Nome da conexão, telefone ou negócio")
    ordering = ("-id",)

    @admin.display(description=_("negócio"))
    def business(self, alert: SessionAlert) -> str:
        """Whose session it is."""
        return str(alert.session.business)
