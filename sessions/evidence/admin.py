"""Pages that the driver didn't know: listed for everybody of the support, opened by who may, with a reason."""

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import ReadOnlyAdmin, ReadOnlyInline
from blu.accounts.models import User
from sessions.evidence import store
from sessions.evidence.labels import in_words
from sessions.models import EvidenceOpening, PageEvidence
from sessions.models.evidence import KEPT, REASON_LEAST

Part = EvidenceOpening.Part
# A page that somebody else wrote: looked at it runs nothing and loads nothing. No view of the admin is cached.
HARMLESS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class EvidenceOfLink(ReadOnlyInline):
    """What a link's driver didn't understand this month."""

    model = PageEvidence
    fields = readonly_fields = ("at", "stopped_at", "screen_shown", "build", "node")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PageEvidence]:
        """Without what is sealed."""
        return cast("QuerySet[PageEvidence]", super().get_queryset(request).plain())

    @admin.display(description=_("em que parou"))
    def stopped_at(self, row: PageEvidence) -> str:
        """In words, and its code."""
        return in_words(row.kind)

    @admin.display(description=_("tela"))
    def screen_shown(self, row: PageEvidence) -> str:
        """In words, and its code."""
        return in_words(row.screen)


class OpeningsOfEvidence(ReadOnlyInline):
    """Who saw it, when and why."""

    model = EvidenceOpening
    fields = ("at", "who", "part", "reason")
    ordering = ("-id",)
    show_change_link = False


class CodeFilter(admin.AllValuesFieldListFilter):
    """The codes that there are, in words."""

    def choices(self, changelist: ChangeList) -> Iterator[Any]:
        """As Django's, with what each code means before it."""
        for choice in super().choices(changelist):
            yield {**choice, "display": in_words(str(choice["display"]))}


class OpeningForm(forms.Form):
    """Which part, and why."""

    reason = forms.CharField(label=_("Motivo"), min_length=REASON_LEAST, max_length=200)
    part = forms.ChoiceField(choices=Part.choices)


@admin.register(PageEvidence)
class PageEvidenceAdmin(ReadOnlyAdmin):
    """What stopped a link. Its picture shows people's chats: each opening is a form, and a row."""

    list_display = ("at", "link", "business", "stopped_at", "screen_shown", "build", "node", "seen")
    list_filter = (
        ("link__session", AutocompleteSelectFilter),
        ("kind", CodeFilter),
        ("screen", CodeFilter),
        "node",
    )
    list_select_related = ("link__session__business",)
    search_fields = ("link__session__name", "link__session__phone", "link__session__business__name")
    search_help_text = _("Nome da conexão, telefone ou negócio")
    ordering = ("-id",)
    fields = ("open_link", "at", "link", "stopped_at", "screen_shown", "build", "node", "matched")
    readonly_fields = ("open_link", "stopped_at", "screen_shown")
    inlines = (OpeningsOfEvidence,)
    sealed_views = ("open_view",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PageEvidence]:
        """What is no older than a month, and of what is sealed the size only."""
        rows = PageEvidence.objects.fresh().plain().order_by(*self.ordering)
        return rows.annotate(
            picture_size=Length("picture"), document_size=Length("document")
        ).prefetch_related("openings")

    @admin.display(description=_("negócio"))
    def business(self, row: PageEvidence) -> str:
        """Whose session it was."""
        return str(row.link.session.business)

    @admin.display(description=_("em que parou"), ordering="kind")
    def stopped_at(self, row: PageEvidence) -> str:
        """In words, and its code."""
        return in_words(row.kind)

    @admin.display(description=_("tela"), ordering="screen")
    def screen_shown(self, row: PageEvidence) -> str:
        """In words, and its code."""
        return in_words(row.screen)

    @admin.display(description=_("vezes aberta"))
    def seen(self, row: PageEvidence) -> int:
        """How often it was opened."""
        return len(row.openings.all())

    @admin.display(description=_("conteúdo"))
    def open_link(self, row: PageEvidence) -> SafeString:
        """The way to its picture."""
        address = reverse("admin:wa_sessions_pageevidence_open", args=(row.pk,))
        said = _("Abrir (pede confirmação e motivo, e fica registrado)")
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, said)

    def takes_forms(self, request: HttpRequest) -> bool:
        """A permission of its own: to see every customer's rows is not to read their people's chats."""
        return bool(request.user.has_perm("wa_sessions.open_pageevidence"))

    def get_urls(self) -> list[URLPattern]:
        """Django's, and the one that opens."""
        name = "wa_sessions_pageevidence_open"
        own = path("<path:object_id>/abrir/", self.admin_site.admin_view(self.open_view), name=name)
        return [own, *super().get_urls()]

    def open_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The form; what it opens is the answer to it and has no address, so that each look is a row."""
        if not self.takes_forms(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        form = OpeningForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            return self._opened(request, row, form.cleaned_data)
        days = ngettext("%(n)s dia", "%(n)s dias", KEPT.days) % {"n": KEPT.days}
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Abrir tela não entendida"),
            "opts": self.opts,
            "row": row,
            "stopped_at": in_words(row.kind),
            "shown": in_words(row.screen),
            "form": form,
            "kept": days,
        }
        return TemplateResponse(request, "admin/open_evidence.html", context)

    def _opened(
        self, request: HttpRequest, row: PageEvidence, said: dict[str, Any]
    ) -> HttpResponse:
        part, who = Part(said["part"]), cast(User, request.user)
        try:
            content = store.opened(pk=row.pk, part=part, who=who, reason=said["reason"])
        except PageEvidence.DoesNotExist:
            raise Http404 from None
        except store.Unopenable:
            messages.error(request, gettext("Esta parte não foi guardada, ou não pode ser aberta."))
            return redirect("admin:wa_sessions_pageevidence_change", row.pk)
        picture = part is Part.PICTURE
        answer = HttpResponse(
            content,
            content_type="image/jpeg" if picture else "text/plain; charset=utf-8",
            headers=HARMLESS,
        )
        name = f"tela-{row.pk}.{'jpg' if picture else 'txt'}"
        shown = "inline" if picture else "attachment"
        answer["Content-Disposition"] = f'{shown}; filename="{name}"'
        return answer


@admin.register(EvidenceOpening)
class EvidenceOpeningAdmin(ReadOnlyAdmin):
    """Every look at a page, also after the page is gone."""

    list_display = ("at", "who", "about", "part", "reason", "evidence_id")
    list_filter = ("part", ("who", AutocompleteSelectFilter))
    list_select_related = ("who",)
    search_fields = ("about", "who__email", "reason")
    search_help_text = _("Negócio, conexão, e-mail ou motivo")
    fields = ("at", "who", "about", "part", "reason", "number")
    readonly_fields = ("number",)
    ordering = ("-id",)

    @admin.display(description=_("nº da tela"))
    def number(self, row: EvidenceOpening) -> int:
        """It may be gone."""
        return row.evidence_id
