"""What every admin page shares: support staff sees all, and nothing counts or sorts a whole table.

Staff sees every row by being staff; changing one still takes Django's permission. Tables that grow
with the number of people (contacts, the ledger, evidence) derive from LongList.
"""

from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet, TextChoices
from django.db.models.constants import LOOKUP_SEP
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, TabularInline

from blu.web.paginator import InfinitePaginator

LOOKING = ("GET", "HEAD", "OPTIONS")
# A filter without an index reads at most this many of the newest rows.
WINDOW = 100_000


class Did(TextChoices):
    """What an action did to a row: the code that the log keeps, and its sentence in the reader's language."""

    LOOKED_AGAIN = "looked_again", gettext_lazy("Pediu para olhar de novo.")
    INVITED_TO_MOVE = "invited_to_move", gettext_lazy("Convidou a mudar para a conexão direta.")
    VERIFIED = "verified", gettext_lazy("Marcou como confirmado.")
    ENQUEUED_AGAIN = "enqueued_again", gettext_lazy("Chamou de novo.")


class SeenByStaff:
    """Support staff may look at everything."""

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Being staff is enough to look."""
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """So every app is in the index."""
        return self.has_view_permission(request)


def _is_key(text: str) -> bool:
    """Whether a row may have it; Python refuses to read a number of thousands of digits."""
    return text.isdecimal() and len(text) < 20


class LookedFor(AutocompleteSelect):
    """Django's field of a row that is looked for, which asks the table for whatever was sent, number or not."""

    def optgroups(
        self, name: str, value: Sequence[str], attrs: dict[str, Any] | None = None
    ) -> Any:
        """What is shown as chosen."""
        return super().optgroups(name, [one for one in value if _is_key(str(one))], attrs)


class SeveralLookedFor(LookedFor, AutocompleteSelectMultiple):
    """The same of several rows."""


class SupportAdmin(SeenByStaff, ModelAdmin):
    """An editable list that stays quick: no COUNT(*), no way to delete rows that others refer to."""

    show_full_result_count = False
    paginator: Any = InfinitePaginator
    list_per_page = 50
    list_filter_submit = True
    list_fullwidth = True
    warn_unsaved_form = True
    deletable = False
    # Names of its views that open sealed data: they ask for a fresh confirmation.
    sealed_views: ClassVar[Collection[str]] = ()

    def takes_forms(self, request: HttpRequest) -> bool:
        """Returns whether this person may post the forms of `sealed_views`."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Only where nothing hangs on the row; people and evidence leave by erasure."""
        return self.deletable and bool(super().has_delete_permission(request, obj))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Refuse filters over fields that aren't shown: asked letter by letter, a filter would reveal them."""
        asked = lookup.split(LOOKUP_SEP, maxsplit=1)[0]
        fields = {field.name for field in self.model._meta.fields if not field.primary_key}
        if request is not None and asked in fields - self.shown(request):
            return False
        return bool(super().lookup_allowed(lookup, value, request))

    def shown(self, request: HttpRequest) -> set[Any]:
        """The names of what the list, its filters and the page of a row show."""
        filters = [
            one[0] if isinstance(one, tuple) else getattr(one, "parameter_name", one)
            for one in self.get_list_filter(request)
        ]
        on_page = flatten_fieldsets(self.get_fieldsets(request))
        return {*on_page, *self.get_list_display(request), *filters}

    def get_paginator(self, request: HttpRequest, queryset: Any, *sizes: Any, **more: Any) -> Any:
        """Count the history of one row, which is short; no other list is counted."""
        pages = Paginator if queryset.model is LogEntry else self.paginator
        return pages(queryset, *sizes, **more)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **given: Any) -> Any:
        """One row that is looked for; what was sent and names none is refused in words."""
        if db_field.name in self.get_autocomplete_fields(request):
            given.setdefault("widget", LookedFor(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **given)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **given: Any) -> Any:
        """The same of several rows."""
        if db_field.name in self.get_autocomplete_fields(request):
            given.setdefault("widget", SeveralLookedFor(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **given)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """What was done to a row, in words."""
        page: HttpResponse = super().history_view(request, object_id, extra_context)
        for entry in getattr(page, "context_data", {}).get("action_list", ()):
            if getattr(entry, "change_message", "") in Did.values:
                entry.change_message = Did(entry.change_message).label
        return page

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Leave out actions that name no permission: Django would run them for everyone who sees the list."""
        offered: dict[str, Any] = super().get_actions(request)
        return {name: one for name, one in offered.items() if names_permission(one[0])}


def names_permission(action: Any) -> bool:
    """Whether an action says which permission it takes."""
    return bool(getattr(action, "allowed_permissions", None))


def _refuse_unless_keys(*given: str) -> None:
    if not all(map(_is_key, given)):
        raise Http404


class HistoryAdmin(SimpleHistoryAdmin, SupportAdmin):
    """A table whose history is kept and shown, and never written to or gone back to."""

    def history_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """All versions of a row; 404 where the key is none."""
        _refuse_unless_keys(object_id)
        return super().history_view(request, object_id, *args, **kwargs)

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, *args: Any, **kwargs: Any
    ) -> Any:
        """Shows an earlier version, read-only; the library would let every reader save it."""
        if request.method not in LOOKING:
            raise PermissionDenied
        _refuse_unless_keys(object_id, version_id)
        return super().history_form_view(request, object_id, version_id, *args, **kwargs)

    def revert_disabled(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """So the pages offer no way back either."""
        return True

    def set_history_delta_changes(
        self, request: HttpRequest, historical_records: Any, *args: Any, **kwargs: Any
    ) -> None:
        """What changed; a change without a reason says nothing there, instead of "None"."""
        super().set_history_delta_changes(request, historical_records, *args, **kwargs)
        for record in historical_records:
            record.history_change_reason = record.history_change_reason or ""


class ReadOnlyAdmin(SupportAdmin):
    """A list to look at: its rows are written by the product only."""

    actions: Any = None

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No rows are added by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No rows are changed by hand."""
        return False


class LongList:
    """A list of millions: newest first, found through an index, never sorted by a column.

    `quick` names the parameters of the address that an index answers. With any other filter the
    list looks at the newest WINDOW rows, and says so.
    """

    ordering = ("-id",)
    sortable_by: ClassVar[Collection[str]] = ()
    list_before_template = "admin/long_list.html"
    quick: ClassVar[tuple[str, ...]] = ("q",)
    unfiltered = ("q", "p", "o", "e", "all", "_popup", "_to_field", "_changelist_filters")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows, or the newest of them where a filter would otherwise read the whole table."""
        rows: QuerySet[Any] = super().get_queryset(request)  # type: ignore[misc]
        if not self.is_windowed(request):
            return rows
        newest = rows.model._default_manager.order_by("-id").values_list("id", flat=True).first()
        return rows.filter(id__gt=(newest or 0) - WINDOW)

    def is_windowed(self, request: HttpRequest) -> bool:
        """A filter is on, and none that an index answers."""
        match = request.resolver_match
        if match is None or not str(match.url_name).endswith("_changelist"):
            return False
        given = {name for name, value in request.GET.items() if value}
        return bool(given - set(self.unfiltered)) and not given & set(self.quick)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Tell the page whether it shows a window only."""
        said = _("Com este filtro a lista olha só os %(n)s registros mais novos.")
        window = said % {"n": f"{WINDOW:,}".replace(",", ".")} if self.is_windowed(request) else ""
        return super().changelist_view(  # type: ignore[misc]
            request, {"window": window, **(extra_context or {})}
        )


class ReadOnlyInline(SeenByStaff, TabularInline):
    """Rows of another table, to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No rows are added by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No rows are changed by hand."""
        return False
