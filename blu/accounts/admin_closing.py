"""Support closes a business, its name typed, after saying again who they are."""

from collections.abc import Collection
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext

from blu.accounts import closing
from blu.accounts.models import User
from blu.accounts.refused import Refused


class ClosesBusinesses:
    """The page of a business has one more, that deletes all of it."""

    sealed_views: ClassVar[Collection[str]] = ("close_view",)
    admin_site: Any
    opts: Any

    def takes_forms(self, request: HttpRequest) -> bool:
        """A permission of its own: what is deleted can't be brought back."""
        return bool(request.user.has_perm("accounts.close_business"))

    def get_urls(self) -> list[URLPattern]:
        """Django's, and the one that closes."""
        view = self.admin_site.admin_view(self.close_view)
        own = path("<path:object_id>/encerrar/", view, name="accounts_business_close")
        return [own, *super().get_urls()]  # type: ignore[misc]

    def close_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Says what goes, and does it."""
        if not self.takes_forms(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if row is None:
            raise Http404
        if request.method == "POST":
            typed = str(request.POST.get("typed", ""))[:80]
            try:
                closing.ask(business=row, actor=cast(User, request.user), typed=typed)
            except Refused as refusal:
                messages.error(request, str(refusal))
                return redirect("admin:accounts_business_close", row.pk)
            said = gettext("Negócio encerrado. Tudo dele está sendo apagado.")
            messages.success(request, said)
            return redirect("admin:accounts_businessclosing_changelist")
        title = gettext("Encerrar o negócio")
        context = {
            **self.admin_site.each_context(request), "title": title, "opts": self.opts, "row": row,
        }  # fmt: skip
        return TemplateResponse(request, "admin/close_business.html", context)
