"""Campaigns, for support to find and look at."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import ReadOnlyAdmin
from campaigns.models import (
    Campaign,
)


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    """State of every campaign."""

    list_display = (
        "name",
        "business",
        "status",
        "why_paused",
        "recipients",
        "session",
        "launched_at",
        "ended_at",
        "deliveries_link",
    )
    list_filter = ("status", ("business", AutocompleteSelectFilter))
    list_select_related = ("business", "session", "paused_by")
    search_fields = ("name", "business__name")
    search_help_text = _("Campanha ou negócio")
    ordering = ("-id",)

    @admin.display(description=_("motivo da pausa"))
    def why_paused(self, campaign: Campaign) -> str:
        """In the language of who reads."""
        return campaign.why_paused

    @admin.display(description=_("envios"))
    def deliveries_link(self, campaign: Campaign) -> SafeString:
        """The ledger of this campaign."""
        address = (
            f"{reverse('admin:campaigns_delivery_changelist')}?campaign__id__exact={campaign.pk}"
        )
        return format_html('<a href="{}">{}</a>', address, _("ver envios"))
