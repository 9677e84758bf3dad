"""What people changed on their own pages, to look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from blu.accounts.admin_base import LongList, ReadOnlyAdmin
from contacts.models import PreferenceChange


@admin.register(PreferenceChange)
class PreferenceChangeAdmin(LongList, ReadOnlyAdmin):
    """Topics on and off, all off, back again; and how the link had come."""

    list_display = ("contact", "business", "what", "topic", "link_from", "at")
    list_select_related = ("contact", "business", "topic")
    search_fields = ("contact__phone",)
    search_help_text = _("Telefone, com +55")
