"""Contacts and what they agreed to, for support to find and look at."""

from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from blu.accounts.admin_base import LongList, ReadOnlyAdmin, ReadOnlyInline, SupportAdmin
from blu.text.phone import PhoneError, read_phone
from blu.web.keys import key_in
from contacts import search
from contacts.admin_lists import NEWEST, PHONE_OR_NAME, OfContact
from contacts.erasure.admin_page import ErasesPeople
from contacts.models import (
    Consent,
    ConsentWording,
    Contact,
    Segment,
    Stop,
    Subscription,
    Topic,
)


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
class ContactAdmin(ErasesPeople, LongList, SupportAdmin):
    """Everybody's contacts; the number stays as it is, since consents and sendings stand on it."""

    quick = ("q", "business__id__exact")
    list_display = ("__str__", "phone", "business", "tags", "updated_at")
    list_filter = (("business", AutocompleteSelectFilter),)
    list_select_related = ("business",)
    search_fields = ("phone",)
    search_help_text = PHONE_OR_NAME
    fields = (
        "erase_link",
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
    readonly_fields = (
        "erase_link",
        "business",
        "phone",
        "replaced_by",
        "attributes",
        "flags",
        "created_at",
    )
    inlines = (SubscriptionsOfContact, ConsentsOfContact)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Contact]:
        """Without the search words, which no page shows."""
        return super().get_queryset(request).defer("search")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By phone or name through the index of search words, in one business or in all."""
        if not search_term.strip():
            return queryset, False
        business = key_in(request, "business__id__exact")
        only = [business] if business else None
        return queryset.filter(pk__in=search.ids(search_term, only)), False

    def key_of(self, row: Contact) -> str:
        """Their number."""
        return row.phone

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
    fields = ("business", "name", "kind", "description", "created_at")
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


@admin.register(Stop)
class StopAdmin(LongList, ReadOnlyAdmin):
    """Who asked to receive nothing: support reads it, and only the person lifts it."""

    list_display = ("key", "business", "why", "source", "at", "until", "lifted_at", "actor")
    list_filter = ("why",)
    list_select_related = ("business", "actor")
    search_fields = ("key",)
    search_help_text = _("Número, lid:… ou @nome, por inteiro")

    def get_ordering(self, request: HttpRequest) -> Any:
        """Newest first; the few of one person are sorted, not walked to."""
        return [NEWEST] if request.GET.get("q") else self.ordering

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """By a whole key, a number as anybody writes it."""
        asked = search_term.strip()
        if not asked:
            return queryset, False
        with suppress(PhoneError):
            asked = read_phone(asked).e164
        return queryset.filter(key=asked), False
