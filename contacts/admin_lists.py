"""Admin lists whose rows each belong to a contact: they are searched by finding the contact first."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from blu.accounts.admin_base import LongList
from contacts import search

PHONE_OR_NAME = _("Telefone ou nome, com ou sem acento")
# Newest first, in a way that PostgreSQL can't read off the primary key: among ten million rows it
# would walk along that key for seconds instead of asking for the few contacts.
NEWEST = (F("id") + 0).desc()


class OfContact(LongList):
    """Rows of one contact: searching means finding the contact first, through its index."""

    quick: ClassVar[tuple[str, ...]] = ("q", "contact__id__exact")
    search_fields: Sequence[str] = ("contact__phone",)
    search_help_text = PHONE_OR_NAME

    def get_ordering(self, request: HttpRequest) -> Any:
        """Newest first; what is known to be few is sorted, not walked to."""
        few = request.GET.get("q") or request.GET.get("contact__id__exact")
        return [NEWEST] if few else self.ordering

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows of the contacts that a phone or a name finds, in any business."""
        if not search_term.strip():
            return queryset, False
        return queryset.filter(contact_id__in=search.ids(search_term)), False
