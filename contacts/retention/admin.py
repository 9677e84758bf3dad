"""How long businesses keep things, and what each night forgot, for support to read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import ReadOnlyAdmin
from contacts.models import Retention, RetentionRun


@admin.register(RetentionRun)
class RetentionRunAdmin(ReadOnlyAdmin):
    """One row a night and business."""

    list_display = ("day", "business", "ended_at", "replies", "deliveries", "import_rows", "erased")
    list_filter = (("business", AutocompleteSelectFilter),)
    list_select_related = ("business",)
    search_fields = ("business__name",)
    search_help_text = _("Negócio")
    ordering = ("-id",)


@admin.register(Retention)
class RetentionAdmin(ReadOnlyAdmin):
    """What was chosen."""

    list_display = ("business", "replies_days", "variables_days", "import_rows_days")
    list_select_related = ("business",)
    search_fields = ("business__name",)
    search_help_text = _("Negócio")
    ordering = ("-id",)
