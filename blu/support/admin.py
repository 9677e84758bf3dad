"""Tables of the libraries, in the same dress as ours: tasks, e-mail addresses, second factors, groups.

Importing a library's admin registers its own pages, so that they can be taken off again here.
"""

from typing import Any

from allauth.account import admin as account_admin
from allauth.account.models import EmailAddress
from allauth.mfa import admin as mfa_admin
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as auth_admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django_q import admin as tasks_admin
from django_q.models import Failure, OrmQ, Schedule, Success

from blu.accounts.admin_base import Did, ReadOnlyAdmin, SupportAdmin
from blu.accounts.admin_staff import (
    StaffIsForSuperusers,
    SuperusersOnly,
    is_taken,
    notify_access_change,
)
from blu.jobs import queue

# Schedule stays off: nothing in blü runs by it, and a row of it names whatever callable there is.
for model in (EmailAddress, Authenticator, Group, Failure, OrmQ, Schedule, Success):
    admin.site.unregister(model)


# The library gives its table no name, and the pages would say "authenticator".
Authenticator._meta.verbose_name = _("verificação em duas etapas")
Authenticator._meta.verbose_name_plural = _("verificações em duas etapas")


@admin.register(Group)
class GroupAdmin(SuperusersOnly, SupportAdmin, auth_admin.GroupAdmin):  # type: ignore[misc]
    """What each kind of support staff may change."""

    list_filter_submit = False


class AddressForm(forms.ModelForm):  # type: ignore[type-arg]
    """An e-mail address, which belongs to one person only."""

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError for an address with which another person signs in."""
        values = super().clean() or {}
        user = values.get("user") or getattr(self.instance, "user", None)
        if user and is_taken(values.get("email", ""), by_other_than=user.pk):
            self.add_error("email", gettext("Este e-mail já é de outra conta."))
        return values


@admin.register(EmailAddress)
class EmailAddressAdmin(StaffIsForSuperusers, SupportAdmin, account_admin.EmailAddressAdmin):
    """Addresses and whether they were confirmed."""

    form = AddressForm
    list_filter_submit = False
    list_select_related = ("user",)
    ordering = ("-id",)
    search_help_text = _("E-mail")
    autocomplete_fields = ("user",)
    raw_id_fields = ()
    deletable = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """An address doesn't move to another person."""
        return ("user",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and e-mail the user whose address it is."""
        super().save_model(request, obj, form, change)
        now = {"email": obj.email}
        before = form.initial.get("email", "") if change else ""
        notify_access_change(
            obj.user,
            lambda: gettext("O endereço %(email)s da sua conta foi mudado ou incluído.") % now,
            before=before,
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Delete, and e-mail the user whose it was."""
        super().delete_model(request, obj)
        gone = {"email": obj.email}
        notify_access_change(
            obj.user,
            lambda: gettext("O endereço %(email)s foi tirado da sua conta.") % gone,
            before=obj.email,
        )

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[EmailAddress]) -> None:
        """Delete one after the other, so that each user gets an e-mail."""
        for address in queryset.select_related("user"):
            self.delete_model(request, address)

    @admin.action(permissions=["change"], description=_("Marcar como confirmados"))
    def make_verified(self, request: HttpRequest, queryset: QuerySet[EmailAddress]) -> None:
        """Mark as confirmed, for users who can't get the link; each is logged, and its user e-mailed."""
        done = [
            address for address in queryset.select_related("user") if self._verify(request, address)
        ]
        left = queryset.filter(verified=False).count()
        if done:
            names = ", ".join(address.email for address in done)
            self.message_user(request, gettext("Confirmados: %(names)s.") % {"names": names})
        if left:
            said = ngettext(
                "%(n)s endereço não pôde ser confirmado.",
                "%(n)s endereços não puderam ser confirmados.",
                left,
            )
            self.message_user(request, said % {"n": left}, messages.WARNING)

    def _verify(self, request: HttpRequest, address: EmailAddress) -> bool:
        if address.verified or not self.has_change_permission(request, address):
            return False
        if is_taken(address.email, by_other_than=address.user_id):
            return False
        if not address.set_verified():
            return False
        self.log_change(request, address, Did.VERIFIED)
        which = {"email": address.email}
        notify_access_change(
            address.user,
            lambda: gettext("O endereço %(email)s da sua conta foi confirmado.") % which,
        )
        return True


@admin.register(Authenticator)
class AuthenticatorAdmin(StaffIsForSuperusers, ReadOnlyAdmin, mfa_admin.AuthenticatorAdmin):
    """Second factors; a lost one is taken away here, its secret is never shown."""

    list_filter = ("type",)
    list_filter_submit = False
    list_select_related = ("user",)
    search_fields = ("user__email",)
    search_help_text = _("E-mail")
    ordering = ("-id",)
    fields = ("user", "type", "created_at", "last_used_at")
    deletable = True

    def delete_model(self, request: HttpRequest, obj: Authenticator) -> None:
        """Delete, and e-mail the user whose it was."""
        super().delete_model(request, obj)
        notify_access_change(
            obj.user, lambda: gettext("Uma verificação em duas etapas da sua conta foi tirada.")
        )


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
    """Tasks that failed, to read why and to enqueue again."""

    list_display = ("name", "func", "group", "cluster", "started", "attempt_count", "short_result")
    fields = (*Tasks.fields, "result")
    actions = ("resubmit_task",)

    def has_enqueue_permission(self, request: HttpRequest) -> bool:
        """Django's permission to change these rows, which are never changed, stands for this."""
        return request.user.has_perm("django_q.change_failure")

    @admin.action(permissions=["enqueue"], description=_("Chamar de novo"))
    def resubmit_task(self, request: HttpRequest, queryset: QuerySet[Failure]) -> None:
        """Enqueue tasks of ours again; the old failure goes, with a line in the log."""
        known = [task for task in queryset if queue.is_task(task.func)]
        for task in known:
            queue.enqueue(task.func, *(task.args or ()), cluster=task.cluster or queue.JOBS)
            self.log_change(request, task, Did.ENQUEUED_AGAIN)
            task.delete()
        said = ngettext(
            "%(n)s tarefa chamada de novo.", "%(n)s tarefas chamadas de novo.", len(known)
        )
        self.message_user(request, said % {"n": len(known)})


@admin.register(OrmQ)
class QueueAdmin(ReadOnlyAdmin, tasks_admin.QueueAdmin):
    """Tasks that no worker has finished yet."""

    list_display = ("id", "key", "func", "group", "lock")
    list_filter_submit = False
    ordering = ("-id",)
    fields = ("key", "lock", "task_id", "name", "group", "func")
