"""Support changes who works where, by the same rules as owners do: no business is left without one."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from blu.accounts.members import remove, with_an_owner
from blu.accounts.models import Business, Membership
from blu.accounts.refused import Refused


class RefusesInWords:
    """An admin whose saving and deleting may raise Refused: nothing is changed, and the page says why."""

    opts: Any

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> Any:
        """Change a row; a refusal is shown on its page."""
        act = super().changeform_view  # type: ignore[misc]
        return _or_refusal(request, request.get_full_path(), act, object_id, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """The list, and what is done to the ticked rows: all of it or nothing."""
        act = super().changelist_view  # type: ignore[misc]
        return _or_refusal(request, request.get_full_path(), act, *args, **kwargs)

    def delete_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> Any:
        """Delete a row; a refusal is shown on the page that changes it."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
        act = super().delete_view  # type: ignore[misc]
        return _or_refusal(
            request, reverse(name, args=[object_id]), act, object_id, *args, **kwargs
        )


class KeepsOwnersInline(RefusesInWords):
    """The admin of a business, which has its members below."""

    def save_related(self, request: HttpRequest, form: Any, *args: Any) -> None:
        """The members, among whom an owner stays."""
        with with_an_owner(form.instance):
            super().save_related(request, form, *args)  # type: ignore[misc]


class KeepsOwners(RefusesInWords):
    """The admin of memberships."""

    def save_model(self, request: HttpRequest, obj: Membership, *args: Any, **kwargs: Any) -> None:
        """Save a membership; the business that it belonged to must keep an owner."""
        before = Business.objects.filter(memberships=obj.pk).first() or obj.business
        with with_an_owner(before):
            super().save_model(request, obj, *args, **kwargs)  # type: ignore[misc]

    def delete_model(self, request: HttpRequest, obj: Membership) -> None:
        """As an owner takes access away."""
        remove(business=obj.business, pk=obj.pk)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Membership]) -> None:
        """Delete one after the other, so that the last owner among them is noticed."""
        for membership in queryset.select_related("business").order_by("business", "pk"):
            remove(business=membership.business, pk=membership.pk)


def _or_refusal(
    request: HttpRequest, back: str, act: Callable[..., HttpResponse], *args: Any, **kwargs: Any
) -> HttpResponse:
    """Return `act`'s response, or redirect to `back` with the sentence of its refusal."""
    try:
        with transaction.atomic():
            return act(request, *args, **kwargs)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(back)
