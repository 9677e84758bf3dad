"""What people asked of businesses, for support to read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import ReadOnlyAdmin
from contacts.models import PersonRequest


@admin.register(PersonRequest)
class PersonRequestAdmin(ReadOnlyAdmin):
    """Each with its day."""

    list_display = ("asked_at", "business", "kind", "state", "due_at", "closed_at")
    list_filter = ("state", "kind", ("business", AutocompleteSelectFilter))
    list_select_related = ("business",)
    search_fields = ("business__name",)
    search_help_text = _("Negócio")
    ordering = ("-id",)
