"""People, businesses and who works where."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from blu.accounts import email_take_back
from blu.accounts.admin_base import (
    HistoryAdmin,
    ReadOnlyAdmin,
    ReadOnlyInline,
    SeenByStaff,
    SupportAdmin,
)
from blu.accounts.admin_closing import ClosesBusinesses
from blu.accounts.admin_owners import KeepsOwners, KeepsOwnersInline
from blu.accounts.admin_staff import StaffIsForSuperusers, is_taken, notify_access_change
from blu.accounts.models import (
    Business,
    BusinessClosing,
    EmailChange,
    Invitation,
    Membership,
    SecondStepLock,
    User,
)

if TYPE_CHECKING:
    AdminOfUsers = DjangoUserAdmin[User]
else:
    AdminOfUsers = DjangoUserAdmin


class OwnAddress:
    """A form of a user whose e-mail address must not be another user's, in any case of letters."""

    cleaned_data: dict[str, Any]
    instance: User

    def clean_email(self) -> str:
        """Returns the address in small letters, as people sign in. Raises ValidationError for another person's."""
        email: str = self.cleaned_data["email"].lower()
        if is_taken(email, by_other_than=self.instance.pk):
            raise forms.ValidationError(gettext("Este e-mail já é de outra conta."))
        return email


class NewUserForm(OwnAddress, UserCreationForm):
    """A person by e-mail address."""

    class Meta:
        model = User
        fields = ("email", "name")


class UserForm(OwnAddress, UserChangeForm):
    """A person as support may change them."""

    class Meta:
        model = User
        fields = "__all__"


class PasswordForm(AdminPasswordChangeForm):
    """A new password; the user gets an e-mail about it."""

    def save(self, commit: bool = True) -> User:
        """Save as Django does, also where the password is disabled, and e-mail the user."""
        person: User = super().save(commit)
        email_take_back.forget_unconfirmed(person)
        notify_access_change(person, lambda: gettext("A senha da sua conta foi trocada."))
        return person


class MembershipsOfUser(ReadOnlyInline):
    """Where this person works."""

    model = Membership
    fields = ("business", "role")


class MembersOfBusiness(SeenByStaff, TabularInline):
    """Who works here, and as what."""

    model = Membership
    extra = 0
    fields = ("user", "role")
    autocomplete_fields = ("user",)


@admin.register(User)
class UserAdmin(StaffIsForSuperusers, SupportAdmin, AdminOfUsers):
    """The users; support staff, and what makes a user staff, are for superusers only."""

    form = UserForm
    add_form = NewUserForm
    change_password_form = PasswordForm
    list_display = ("email", "name", "is_active", "is_staff", "last_login", "date_joined")
    list_filter = ("is_staff", "is_active")
    list_filter_submit = False
    search_fields = ("email", "name")
    search_help_text = _("E-mail ou nome")
    ordering = ("-id",)
    inlines = (MembershipsOfUser,)
    readonly_fields = ("last_login", "date_joined")
    filter_horizontal = ()
    autocomplete_fields = ("groups",)
    fieldsets = (
        (None, {"fields": ("email", "name", "password")}),
        (_("Acesso"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Datas"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Only superusers may give the rights of staff."""
        fields = tuple(super().get_readonly_fields(request, obj))
        if getattr(request.user, "is_superuser", False):
            return fields
        return (*fields, "is_staff", "is_superuser", "groups")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save, and e-mail the user about a new address, at the old one too."""
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            new = {"email": obj.email}
            notify_access_change(
                obj,
                lambda: gettext("O e-mail da sua conta agora é %(email)s.") % new,
                before=form.initial["email"],
            )


@admin.register(Business)
class BusinessAdmin(ClosesBusinesses, KeepsOwnersInline, HistoryAdmin):
    """The tenants."""

    list_display = ("name", "slug", "time_zone", "default_area_code", "created_at")
    list_filter = ("time_zone",)
    list_filter_submit = False
    search_fields = ("name", "slug")
    search_help_text = _("Nome do negócio")
    ordering = ("name",)
    fields = ("name", "slug", "time_zone", "default_area_code", "created_at")
    readonly_fields = ("created_at",)
    inlines = (MembersOfBusiness,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Mails and bookmarks hold the slug: it is given once."""
        fields = tuple(super().get_readonly_fields(request, obj))
        return (*fields, "slug") if obj else fields


@admin.register(Membership)
class MembershipAdmin(KeepsOwners, HistoryAdmin):
    """Who works where."""

    list_display = ("user", "business", "role", "created_at")
    list_filter = ("role", ("business", AutocompleteSelectFilter))
    list_select_related = ("user", "business")
    search_fields = ("user__email", "user__name", "business__name")
    search_help_text = _("Pessoa ou negócio")
    autocomplete_fields = ("user", "business")
    fields = ("user", "business", "role", "created_at")
    readonly_fields = ("created_at",)
    deletable = True


@admin.register(Invitation)
class InvitationAdmin(HistoryAdmin, ReadOnlyAdmin):
    """Who was invited, by whom, and what became of it; owners invite and cancel."""

    list_display = (
        "email",
        "business",
        "role",
        "invited_by",
        "sent_at",
        "accepted_at",
        "cancelled_at",
    )
    list_filter = (
        "role",
        ("accepted_at", admin.EmptyFieldListFilter),
        ("cancelled_at", admin.EmptyFieldListFilter),
        ("business", AutocompleteSelectFilter),
    )
    list_select_related = ("business", "invited_by")
    search_fields = ("email", "business__name")
    search_help_text = _("E-mail ou negócio")
    ordering = ("-id",)


@admin.register(SecondStepLock)
class SecondStepLockAdmin(ReadOnlyAdmin):
    """Whose codes failed lately, and until when none is taken; it opens by itself."""

    list_display = ("user", "failures", "locked_until")
    list_select_related = ("user",)
    search_fields = ("user__email", "user__name")
    search_help_text = _("E-mail ou nome")
    ordering = ("-failures",)


@admin.register(EmailChange)
class EmailChangeAdmin(ReadOnlyAdmin):
    """Which addresses were replaced, and whether that was taken back."""

    list_display = ("user", "from_email", "to_email", "changed_at", "closed_at")
    list_select_related = ("user",)
    search_fields = ("user__email", "from_email", "to_email")
    search_help_text = _("E-mail")
    ordering = ("-id",)


@admin.register(BusinessClosing)
class BusinessClosingAdmin(ReadOnlyAdmin):
    """Businesses that were deleted, and who asked for it; never what they were called."""

    list_display = ("business_id", "asked_at", "actor", "by_support", "rows", "ended_at")
    list_select_related = ("actor",)
    list_filter = ("by_support",)
    ordering = ("-id",)
