"""Tables of the libraries, in the same dress as ours: tasks, e-mail addresses, second factors, groups.

Importing a library's admin registers its own pages, so that they can be taken off again here.
"""

from typing import Any

from allauth.account import admin as account_admin
from allauth.account.models import EmailAddress
from allauth.mfa import admin as mfa_admin
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_q import admin as tasks_admin
from django_q.models import Failure, OrmQ, Schedule, Success

from blu.accounts.admin_base import ReadOnlyAdmin, SupportAdmin

for model in (EmailAddress, Authenticator, Group, Failure, OrmQ, Schedule, Success):
    admin.site.unregister(model)


# The library gives its table no name, and the pages would say "authenticator".
Authenticator._meta.verbose_name = _("verificação em duas etapas")
Authenticator._meta.verbose_name_plural = _("verificações em duas etapas")


@admin.register(Group)
class GroupAdmin(SupportAdmin, auth_admin.GroupAdmin):
    """What each kind of support staff may change."""

    list_filter_submit = False
    deletable = True


@admin.register(EmailAddress)
class EmailAddressAdmin(SupportAdmin, account_admin.EmailAddressAdmin):
    """Addresses and whether they were confirmed."""

    list_filter_submit = False
    list_select_related = ("user",)
    ordering = ("-id",)
    search_help_text = _("E-mail")
    autocomplete_fields = ("user",)
    raw_id_fields = ()
    deletable = True


@admin.register(Authenticator)
class AuthenticatorAdmin(ReadOnlyAdmin, mfa_admin.AuthenticatorAdmin):
    """Second factors; a lost one is taken away here, its secret is never shown."""

    list_filter = ("type",)
    list_filter_submit = False
    list_select_related = ("user",)
    search_fields = ("user__email",)
    search_help_text = _("E-mail")
    ordering = ("-id",)
    fields = ("user", "type", "created_at", "last_used_at")
    deletable = True


class Tasks(ReadOnlyAdmin):
    """What the two lists of tasks share; the packed arguments stay packed."""

    list_display: Any = ("name", "func", "group", "cluster", "started", "stopped", "time_taken")
    list_filter = ("group", "cluster")
    ordering = ("-started",)
    search_fields = ("name", "func", "group")
    search_help_text = _("Nome ou função")
    fields: tuple[str, ...] = (
        "id",
        "name",
        "func",
        "group",
        "cluster",
        "started",
        "stopped",
        "attempt_count",
    )

    @admin.display(description=_("duração"))
    def time_taken(self, task: Any) -> str:
        """Seconds from start to end."""
        return f"{task.time_taken():.1f} s"


@admin.register(Success)
class SuccessAdmin(Tasks, tasks_admin.TaskAdmin):
    """Tasks that ended well."""

    actions: Any = None


@admin.register(Failure)
class FailureAdmin(Tasks, tasks_admin.FailAdmin):
    """Tasks that failed, to read why and to ring again."""

    list_display = ("name", "func", "group", "cluster", "started", "attempt_count", "short_result")
    fields = (*Tasks.fields, "result")
    actions = (tasks_admin.resubmit_task,)


@admin.register(OrmQ)
class QueueAdmin(ReadOnlyAdmin, tasks_admin.QueueAdmin):
    """Rings that nobody has answered yet."""

    list_display = ("id", "key", "func", "group", "lock")
    list_filter_submit = False
    ordering = ("-id",)
    fields = ("key", "lock", "task_id", "name", "group", "func")


@admin.register(Schedule)
class ScheduleAdmin(SupportAdmin, tasks_admin.ScheduleAdmin):
    """What runs by the clock."""

    list_filter = ("schedule_type", "cluster")
    ordering = ("next_run",)
    deletable = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Schedule]:
        """As django-q2's, with the last run of each."""
        rows: QuerySet[Schedule] = super().get_queryset(request)
        return rows
