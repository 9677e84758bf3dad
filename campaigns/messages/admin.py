"""Templates, for support to look at and to name anew."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import SupportAdmin
from campaigns.models import (
    Template,
)


@admin.register(Template)
class TemplateAdmin(SupportAdmin):
    """Reusable texts; the words are the business's own."""

    list_display = ("name", "business", "updated_at")
    list_filter = (("business", AutocompleteSelectFilter),)
    list_select_related = ("business",)
    search_fields = ("name", "business__name")
    search_help_text = _("Modelo ou negócio")
    fields = ("business", "name", "body", "created_at", "updated_at")
    readonly_fields = ("business", "body", "created_at", "updated_at")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Businesses write their own."""
        return False
