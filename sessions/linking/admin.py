"""Attempts to link a device, for support to look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from blu.accounts.admin_base import (
    ReadOnlyAdmin,
)
from sessions.driving.admin import NAME_OR_PHONE
from sessions.models import (
    Pairing,
)


@admin.register(Pairing)
class PairingAdmin(ReadOnlyAdmin):
    """Attempts to link; the code itself is never shown here."""

    list_display = ("link", "status", "phone", "requested_by", "requested_at", "explanation")
    list_filter = ("status",)
    list_select_related = ("link__session", "requested_by")
    search_fields = ("link__session__name", "phone", "link__session__business__name")
    search_help_text = NAME_OR_PHONE
    ordering = ("-id",)

    @admin.display(description=_("detalhe"))
    def explanation(self, row: Pairing) -> str:
        """In the language of who reads."""
        return row.explanation
