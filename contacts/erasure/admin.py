"""Who was erased, for support to read; and the page on which support erases somebody who asked there."""

from typing import cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import ReadOnlyAdmin
from blu.accounts.models import User
from blu.accounts.refused import Refused
from contacts.erasure.services import erase
from contacts.models import Contact, ErasedConsent, Erasure


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """One row a person who was erased: how much there was of them, and never who they were."""

    list_display = ("at", "business", "by", "actor", "deliveries", "replies", "under_way")
    list_filter = ("by", ("business", AutocompleteSelectFilter))
    list_select_related = ("business", "actor")
    search_fields = ("business__name", "person")
    search_help_text = _("Negócio, ou o resumo do número por inteiro")
    ordering = ("-id",)
    sealed_views = ("erase_view",)

    def takes_forms(self, request: HttpRequest) -> bool:
        """A permission of its own: what is erased can't be brought back."""
        return bool(request.user.has_perm("contacts.erase_people"))

    def get_urls(self) -> list[URLPattern]:
        """Django's, and the one that erases."""
        view = self.admin_site.admin_view(self.erase_view)
        own = path("apagar/<int:contact>/", view, name="contacts_erasure_erase")
        return [own, *super().get_urls()]

    def erase_view(self, request: HttpRequest, contact: int) -> HttpResponse:
        """Says whom, and does it."""
        if not self.takes_forms(request):
            raise PermissionDenied
        row = get_object_or_404(Contact.objects.select_related("business"), pk=contact)
        if request.method == "POST":
            try:
                erase(business=row.business, contact=row, actor=cast(User, request.user))
            except Refused as refusal:
                messages.error(request, str(refusal))
                return redirect("admin:contacts_erasure_erase", contact)
            messages.success(request, gettext("Apagado. Nada mais é enviado a este número."))
            return redirect("admin:contacts_erasure_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Apagar os dados desta pessoa"),
            "opts": self.opts,
            "row": row,
        }
        return TemplateResponse(request, "admin/erase_person.html", context)


@admin.register(ErasedConsent)
class ErasedConsentAdmin(ReadOnlyAdmin):
    """What people who were erased had agreed to, found by the hash of a number that somebody brings."""

    list_display = ("at", "business", "topic", "state", "source")
    list_filter = (("business", AutocompleteSelectFilter),)
    list_select_related = ("business", "topic")
    search_fields = ("person",)
    search_help_text = _("O resumo do número por inteiro")
    ordering = ("-id",)
