"""Campaigns and the ledger, to look at: every arrow of a row is the product's or the campaign page's."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import HistoryAdmin, LongList, ReadOnlyAdmin, SupportAdmin
from campaigns.limits.admin import RaiseForm
from campaigns.models import (
    Campaign,
    Decision,
    Delivery,
    EarlyReceipt,
    Notice,
    NumberProof,
    Reply,
    SessionAlert,
    SessionLimits,
    Template,
)
from contacts.admin_lists import OfContact
from sessions.driving import care


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


@admin.register(Delivery)
class DeliveryAdmin(OfContact, ReadOnlyAdmin):
    """The ledger: why somebody got a message, or didn't."""

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
        """Without the contacts' search words."""
        return super().get_queryset(request).defer("contact__search")

    def get_ordering(self, request: HttpRequest) -> Any:
        """Within a campaign by contact: that is its index, while the newest first would read all."""
        if request.GET.get("campaign__id__exact") and not request.GET.get("q"):
            return ("-contact_id",)
        return super().get_ordering(request)


@admin.register(Notice)
class NoticeAdmin(LongList, ReadOnlyAdmin):
    """Messages outside campaigns."""

    quick = ("session_id",)
    list_display = ("kind", "phone", "business", "status", "reason", "queued_at", "sent_at")
    list_filter = ("kind", "status")
    list_select_related = ("business",)
    exclude = ("text",)
    readonly_fields = ("words",)

    @admin.display(description=_("texto"))
    def words(self, notice: Notice) -> str:
        """But of no code: whoever reads it could prove another's number."""
        return "–" if notice.kind == Notice.Kind.NUMBER_CODE else notice.text


@admin.register(NumberProof)
class NumberProofAdmin(ReadOnlyAdmin):
    """Whose number is whose; it can be taken away, and goes with the membership."""

    list_display = ("membership", "phone", "how", "asked_at", "proven_at", "tries")
    list_filter = ("how",)
    list_select_related = ("membership__user", "membership__business")
    search_fields = ("phone", "membership__user__email")
    search_help_text = _("Telefone ou e-mail")
    ordering = ("-id",)
    deletable = True

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Also whoever may take the membership away, which takes this along."""
        return super().has_delete_permission(request, obj) or bool(
            request.user.has_perm("accounts.delete_membership")
        )


@admin.register(Reply)
class ReplyAdmin(OfContact, ReadOnlyAdmin):
    """What people wrote back."""

    quick: ClassVar[tuple[str, ...]] = ("q", "business__id__exact", "contact__id__exact")
    list_display = (
        "at",
        "person",
        "contact",
        "business",
        "kind",
        "text",
        "edited_at",
        "handled_at",
    )
    list_filter = (("business", AutocompleteSelectFilter), "kind")
    list_select_related = ("contact", "business")


@admin.register(EarlyReceipt)
class EarlyReceiptAdmin(ReadOnlyAdmin):
    """Receipts that wait for the row they are for."""

    list_display = ("kept_at", "session_id", "message_id", "step", "at")
    list_filter = ("step",)
    ordering = ("-id",)


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
    search_help_text = _("Nome da conexão, telefone ou negócio")
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

    @admin.display(description=_("negócio"))
    def business(self, limits: SessionLimits) -> str:
        """Whose session it is."""
        return str(limits.session.business)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Limits don't move to another session."""
        return ("raised_by", "session") if obj else ("raised_by",)

    def save_model(self, request: HttpRequest, obj: SessionLimits, form: Any, change: bool) -> None:
        """Whoever raises is written beside the reason, and the session looks again at once."""
        obj.raised_by = request.user if obj.raised_reason else None  # type: ignore[assignment]
        if "raised_reason" in form.changed_data:
            obj.raised_at = timezone.now()
        obj._change_reason = obj.raised_reason[:100]  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)
        transaction.on_commit(lambda: care.wake(obj.session_id))


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


@admin.register(Decision)
class DecisionAdmin(LongList, ReadOnlyAdmin):
    """What people decided about messages in doubt."""

    quick = ("delivery__id__exact",)
    list_display = ("at", "delivery", "arrived", "reason", "actor")
    list_filter = ("arrived",)
    list_select_related = ("delivery", "actor")
