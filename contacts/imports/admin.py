"""Imports and the rows they left out, for support to look at."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import LongList, ReadOnlyAdmin
from contacts.models import (
    Import,
    ImportProblem,
)
from contacts.spreadsheets.labels import FIELDS, REASONS


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
