"""Replies, for support to find and look at."""

from typing import ClassVar

from django.contrib import admin
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import LongList, ReadOnlyAdmin
from campaigns.models import Hold, Reply
from campaigns.replies import identity
from contacts.admin_lists import OfContact
from contacts.erasure.admin_page import ErasesPeople


@admin.register(Reply)
class ReplyAdmin(ErasesPeople, OfContact, ReadOnlyAdmin):
    """What people wrote back; who hides their number is erased from here."""

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
    readonly_fields = ("erase_link",)

    def key_of(self, row: Reply) -> str:
        """The number, or what else they are known by."""
        return identity.key_to_erase(row)


@admin.register(Hold)
class HoldAdmin(LongList, ReadOnlyAdmin):
    """Doubtful answers: a person of the business decides, support reads."""

    quick: ClassVar[tuple[str, ...]] = ("q", "business__id__exact")
    list_display = ("key", "business", "at", "decision", "decided_at", "decided_by", "done_at")
    list_filter = (("business", AutocompleteSelectFilter), "decision")
    list_select_related = ("business", "decided_by")
    exclude = ("reply",)
