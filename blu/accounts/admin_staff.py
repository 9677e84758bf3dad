"""Who may change what signs people in: support for customers, superusers also for support staff.

Whoever may set a password, an address or a second factor of somebody more than themselves becomes that
person. And a customer is told by e-mail of whatever support did to the access of their account.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.core.mail import send_mail
from django.db import models, transaction
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _

from blu.accounts import languages
from blu.accounts.models import User


def of_staff(row: Any) -> bool:
    """Returns whether a row is a member of the support staff or belongs to one; their businesses don't matter."""
    person = row if isinstance(row, User) else row.user
    return bool(person.is_staff or person.is_superuser)


def may_touch(request: HttpRequest, row: Any) -> bool:
    """Whether the signed-in member of the support may change how this person signs in."""
    return bool(getattr(request.user, "is_superuser", False)) or not of_staff(row)


class StaffIsForSuperusers:
    """An admin of people, or of what signs them in: the rows of the support are for superusers only."""

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """By Django's permission, and for this very row."""
        allowed = super().has_change_permission(request, obj)  # type: ignore[misc]
        return bool(allowed) and (obj is None or may_touch(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Likewise."""
        allowed = super().has_delete_permission(request, obj)  # type: ignore[misc]
        return bool(allowed) and (obj is None or may_touch(request, obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Refuse it also for new rows, and for rows that would become those of support staff."""
        if not may_touch(request, obj):
            raise PermissionDenied
        super().save_model(request, obj, form, change)  # type: ignore[misc]


class SuperusersOnly:
    """An admin that everybody of the support reads and only superusers write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """For superusers only, whatever the permissions."""
        return bool(getattr(request.user, "is_superuser", False))

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Likewise."""
        return bool(getattr(request.user, "is_superuser", False))

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Likewise."""
        return bool(getattr(request.user, "is_superuser", False))


def is_taken(email: str, *, by_other_than: int | None) -> bool:
    """Returns whether an address, however it is spelt, is another person's (`None`: any person's)."""
    own = by_other_than or 0
    others = User.objects.filter(email__iexact=email).exclude(pk=own)
    held = EmailAddress.objects.filter(email__iexact=email).exclude(user_id=own)
    return others.exists() or held.exists()


def notify_access_change(person: User, done: Callable[[], str], *, before: str = "") -> None:
    """E-mail a person what support did to their access, at every confirmed address and the one before.

    `done` says it, and is asked in their language. `before` is an address that was theirs until now. Sent once the change is committed; a mail server
    that is away undoes nothing.
    """
    known = EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)
    to = {address.lower() for address in (person.email, before, *known) if address}
    with languages.of_reader(person):
        context = {"done": done(), "at": timezone.now()}
        text = render_to_string("accounts/email/access_touched.txt", context)
        subject = _("O suporte mexeu no acesso da sua conta")

    def send() -> None:
        for address in sorted(to):
            send_mail(subject, text, None, [address])

    transaction.on_commit(send, robust=True)
