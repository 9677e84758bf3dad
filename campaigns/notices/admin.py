"""Messages outside campaigns and the numbers proven for them, to look at."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from blu.accounts.admin_base import LongList, ReadOnlyAdmin
from campaigns.models import (
    Notice,
    NumberProof,
)
from campaigns.models.notice_rules import CODES


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
        """The notice's text, except a code, with which a reader could prove another's number."""
        return "–" if notice.kind in CODES else notice.text


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
