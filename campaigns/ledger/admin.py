"""The ledger, read-only: rows change by the product or on the campaign's page."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import LongList, ReadOnlyAdmin
from campaigns.models import (
    Decision,
    Delivery,
    EarlyReceipt,
)
from contacts.admin_lists import OfContact


@admin.register(Delivery)
class DeliveryAdmin(OfContact, ReadOnlyAdmin):
    """The ledger: why a person got a message, or didn't."""

    quick: ClassVar[tuple[str, ...]] = ("q", "campaign__id__exact", "contact__id__exact")
    list_display = (
        "contact",
        "phone",
        "campaign",
        "business",
        "status",
        "reason",
        "sent_at",
        "delivered_at",
        "read_at",
    )
    list_filter = (("campaign", AutocompleteSelectFilter), "status", "reason")
    list_select_related = ("contact", "campaign__business")
    fieldsets = (
        (None, {"fields": ("contact", "campaign", "business", "phone", "status", "reason")}),
        (
            _("O que houve"),
            {
                "fields": (
                    *(f"{step}_at" for step in ("queued", "sending", "pressed", "sent")),
                    *(f"{step}_at" for step in ("delivered", "read", "replied", "ended")),
                    "decided",
                )
            },
        ),
        (
            _("Detalhes"),
            {"fields": ("session_id", "message_id", "not_before", "attempts", "warm", "variables")},
        ),
    )
    readonly_fields = ("business", "decided")

    @admin.display(description=_("decisão de uma pessoa"))
    def decided(self, delivery: Delivery) -> str:
        """Who decided a row in doubt, and why."""
        decision = (
            Decision.objects.filter(pk=delivery.decision_id or 0).select_related("actor").first()
        )
        return f"{decision.actor or '–'}: {decision}" if decision else "–"

    @admin.display(description=_("negócio"))
    def business(self, delivery: Delivery) -> str:
        """Whose campaign it is."""
        return str(delivery.campaign.business)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Delivery]:
        """The rows, without the contacts' search words."""
        return super().get_queryset(request).defer("contact__search")

    def get_ordering(self, request: HttpRequest) -> Any:
        """Within a campaign by contact: that is its index, while the newest first would read all."""
        if request.GET.get("campaign__id__exact") and not request.GET.get("q"):
            return ("-contact_id",)
        return super().get_ordering(request)


@admin.register(EarlyReceipt)
class EarlyReceiptAdmin(ReadOnlyAdmin):
    """Receipts that wait for the row they are for."""

    list_display = ("kept_at", "session_id", "message_id", "step", "at")
    list_filter = ("step",)
    ordering = ("-id",)


@admin.register(Decision)
class DecisionAdmin(LongList, ReadOnlyAdmin):
    """What people decided about messages in doubt."""

    quick = ("delivery__id__exact",)
    list_display = ("at", "delivery", "arrived", "reason", "actor")
    list_filter = ("arrived",)
    list_select_related = ("delivery", "actor")
