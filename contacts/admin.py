"""Contacts, consents and imports, for support to find and look at."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import LongList, ReadOnlyAdmin, ReadOnlyInline, SupportAdmin
from contacts import search
from contacts.admin_lists import PHONE_OR_NAME, OfContact
from contacts.models import (
    Consent,
    ConsentWording,
    Contact,
    Import,
    ImportProblem,
    Segment,
    Subscription,
    Topic,
)
from contacts.spreadsheets.labels import FIELDS, REASONS


class ConsentsOfContact(ReadOnlyInline):
    """The evidence, newest first."""

    model = Consent
    fields = ("at", "topic", "state", "source", "evidence_words", "actor")
    readonly_fields = ("evidence_words",)
    ordering = ("-id",)
    per_page = 20

    @admin.display(description=_("prova"))
    def evidence_words(self, row: Consent) -> str:
        """In the language of who reads."""
        return row.evidence_words


class SubscriptionsOfContact(ReadOnlyInline):
    """What this person receives now."""

    model = Subscription
    fields = ("topic", "state", "by_contact", "since")


@admin.register(Contact)
class ContactAdmin(LongList, SupportAdmin):
    """Everybody's contacts; the number stays as it is, since consents and sendings stand on it."""

    quick = ("q", "business__id__exact")
    list_display = ("__str__", "phone", "business", "tags", "updated_at")
    list_filter = (("business", AutocompleteSelectFilter),)
    list_select_related = ("business",)
    search_fields = ("phone",)
    search_help_text = PHONE_OR_NAME
    fields = (
        "business",
        "phone",
        "replaced_by",
        "name",
        "birth_date",
        "tags",
        "attributes",
        "flags",
        "created_at",
    )
    readonly_fields = ("business", "phone", "replaced_by", "attributes", "flags", "created_at")
    inlines = (SubscriptionsOfContact, ConsentsOfContact)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        """Without the search words, which nobody reads."""
        return super().get_queryset(request).defer("search")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By phone or name through the index of search words, in one business or in all."""
        if not search_term.strip():
            return queryset, False
        business = request.GET.get("business__id__exact", "")
        only = [int(business)] if business.isdigit() else None
        return queryset.filter(pk__in=search.ids(search_term, only)), False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Contacts come by the pages and by imports, where consent is asked for."""
        return False


@admin.register(Topic)
class TopicAdmin(SupportAdmin):
    """What one may agree to receive."""

    list_display = ("name", "business", "description", "created_at")
    list_filter = (("business", AutocompleteSelectFilter),)
    list_select_related = ("business",)
    search_fields = ("name", "business__name")
    search_help_text = _("Assunto ou negócio")
    fields = ("business", "name", "description", "created_at")
    readonly_fields = ("business", "created_at")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Businesses make their own."""
        return False


@admin.register(Segment)
class SegmentAdmin(SupportAdmin):
    """Saved filters."""

    list_display = ("name", "business", "filter", "created_at")
    list_filter = (("business", AutocompleteSelectFilter),)
    list_select_related = ("business",)
    search_fields = ("name", "business__name")
    search_help_text = _("Público ou negócio")
    fields = ("business", "name", "filter", "created_at")
    readonly_fields = ("business", "filter", "created_at")
    ordering = ("-id",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Businesses make their own."""
        return False


@admin.register(ConsentWording)
class ConsentWordingAdmin(ReadOnlyAdmin):
    """The words under which people agreed."""

    list_display = ("__str__", "business", "created_at")
    list_filter = (("business", AutocompleteSelectFilter),)
    list_select_related = ("business",)
    search_fields = ("text", "business__name")
    ordering = ("-id",)


@admin.register(Consent)
class ConsentAdmin(OfContact, ReadOnlyAdmin):
    """Append-only evidence."""

    list_display = ("at", "contact", "topic", "state", "source", "business", "actor")
    list_filter = ("state", "source")
    list_select_related = ("contact", "topic", "business", "actor", "source_import")
    exclude = ("evidence_ref",)
    readonly_fields = ("evidence_words",)

    @admin.display(description=_("onde está a prova"))
    def evidence_words(self, row: Consent) -> str:
        """In the language of who reads."""
        return row.evidence_words


@admin.register(Subscription)
class SubscriptionAdmin(OfContact, ReadOnlyAdmin):
    """What people receive now."""

    list_display = ("contact", "topic", "state", "by_contact", "since", "business")
    list_filter = ("state", "by_contact")
    list_select_related = ("contact", "topic", "business")


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    """Spreadsheets and what came of them."""

    list_display = (
        "file_name",
        "business",
        "status",
        "rows_total",
        "imported",
        "updated",
        "errors",
        "created_by",
        "created_at",
    )
    list_filter = ("status", ("business", AutocompleteSelectFilter))
    list_select_related = ("business", "created_by")
    search_fields = ("file_name", "business__name")
    search_help_text = _("Arquivo ou negócio")
    ordering = ("-id",)


class WhyFilter(admin.SimpleListFilter):
    """The reasons in the words of the pages, without asking the table which ones it has."""

    title = _("motivo")
    parameter_name = "reason"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, Any]]:
        """All reasons there are."""
        return REASONS.items()

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the chosen one."""
        return queryset.filter(reason=self.value()) if self.value() else queryset


@admin.register(ImportProblem)
class ImportProblemAdmin(LongList, ReadOnlyAdmin):
    """Rows that did not come in, and why."""

    quick = ("source__id__exact",)
    list_display = fields = ("source", "row", "what", "why", "written")
    list_filter = (("source", AutocompleteSelectFilter), WhyFilter)
    list_select_related = ("source",)

    @admin.display(description=_("campo"))
    def what(self, problem: ImportProblem) -> str:
        """The field left empty, as the pages call it; none where the whole row is out."""
        return str(FIELDS.get(problem.field, problem.field))  # type: ignore[call-overload]

    @admin.display(description=_("motivo"))
    def why(self, problem: ImportProblem) -> str:
        """The reason in the words of the pages."""
        return str(REASONS.get(problem.reason, problem.reason))

    @admin.display(description=_("valores"))
    def written(self, problem: ImportProblem) -> str:
        """The row as it was, cell by cell."""
        return " · ".join(str(value) for value in problem.values if value)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Within an import by row, which is its index."""
        return ("row",) if request.GET.get("source__id__exact") else ("-id",)
