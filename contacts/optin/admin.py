"""Public pages and what was asked on them, to look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from blu.accounts.admin_base import LongList, ReadOnlyAdmin
from contacts.models import OptIn, OptInText


@admin.register(OptInText)
class OptInTextAdmin(ReadOnlyAdmin):
    """What the pages said, and when."""

    list_display = ("topic", "code", "business", "created_at", "closed_at")
    list_select_related = ("topic", "business")
    search_fields = ("code", "business__name")
    search_help_text = _("Código ou negócio")
    ordering = ("-id",)


@admin.register(OptIn)
class OptInAdmin(LongList, ReadOnlyAdmin):
    """Who asked, and whether the number confirmed it."""

    list_display = ("phone", "name", "business", "asked_at", "code_asked_at", "confirmed_at")
    list_select_related = ("business",)
    search_fields = ("phone",)
    search_help_text = _("Telefone, com +55")
    exclude = ("origin",)
