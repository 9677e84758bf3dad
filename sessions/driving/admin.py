"""Nodes, runners, their leases and archives, for support to look at."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from blu.accounts.admin_base import (
    ReadOnlyAdmin,
    ReadOnlyInline,
)
from sessions.models import (
    HomeArchive,
    Lease,
    Node,
    Runner,
)

NAME_OR_PHONE = _("Nome da conexão, telefone ou negócio")


class LeasesOfSession(ReadOnlyInline):
    """Who drives them now."""

    model = Lease
    fields = ("link", "fence", "runner", "node", "expires_at")


@admin.register(Lease)
class LeaseAdmin(ReadOnlyAdmin):
    """The exclusive rights."""

    list_display = ("session", "link", "business", "fence", "runner", "node", "expires_at")
    list_filter = ("node",)
    list_select_related = ("session__business", "link__session", "runner")
    search_fields = ("session__name", "session__phone", "session__business__name")
    search_help_text = NAME_OR_PHONE
    ordering = ("-link_id",)

    @admin.display(description=_("negócio"))
    def business(self, lease: Lease) -> str:
        """Whose session it is."""
        return str(lease.session.business)


@admin.register(Node)
class NodeAdmin(ReadOnlyAdmin):
    """The machines that run visits."""

    list_display = ("name", "host", "slots", "stopped", "started_at", "seen_at")
    search_fields = ("name", "host")
    search_help_text = _("Nome ou endereço da máquina")
    ordering = ("name",)


@admin.register(Runner)
class RunnerAdmin(ReadOnlyAdmin):
    """The processes that hold leases now."""

    list_display = ("node", "host", "pid", "capacity", "heartbeat")
    list_filter = ("node",)
    search_fields = ("node", "host")
    search_help_text = _("Nome ou endereço da máquina")
    ordering = ("-heartbeat",)


@admin.register(HomeArchive)
class HomeArchiveAdmin(ReadOnlyAdmin):
    """The copies that another machine can go on with."""

    list_display = ("link", "fence", "size", "made_at")
    list_select_related = ("link__session",)
    search_fields = ("link__session__name", "link__session__phone", "link__session__business__name")
    search_help_text = NAME_OR_PHONE
    ordering = ("-link_id",)
