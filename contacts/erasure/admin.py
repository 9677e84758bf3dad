"""Who was erased, for support to read; contacts.people.admin has the page on which support erases somebody."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import ReadOnlyAdmin
from contacts.models import ErasedConsent, Erasure


@admin.register(Erasure)
class ErasureAdmin(ReadOnlyAdmin):
    """One row a person who was erased: how much there was of them, and never who they were."""

    list_display = ("at", "business", "by", "actor", "deliveries", "replies", "under_way")
    list_filter = ("by", ("business", AutocompleteSelectFilter))
    list_select_related = ("business", "actor")
    search_fields = ("business__name", "person")
    search_help_text = _("Negócio, ou o resumo do número por inteiro")
    ordering = ("-id",)


@admin.register(ErasedConsent)
class ErasedConsentAdmin(ReadOnlyAdmin):
    """What people who were erased had agreed to, found by the hash of a number that somebody brings."""

    list_display = ("at", "business", "topic", "state", "source")
    list_filter = (("business", AutocompleteSelectFilter),)
    list_select_related = ("business", "topic")
    search_fields = ("person",)
    search_help_text = _("O resumo do número por inteiro")
    ordering = ("-id",)
