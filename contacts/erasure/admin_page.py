"""The page on which support erases the person of a row: of a contact, or of an answer."""

from collections.abc import Collection
from typing import Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from blu.accounts.models import User
from blu.accounts.refused import Refused
from contacts.erasure.services import erase_known_by


class ErasesPeople:
    """Gives an admin of rows with a business the page, and the way to it, `erase_link`."""

    sealed_views: ClassVar[Collection[str]] = ("erase_view",)

    def key_of(self, row: Any) -> str:
        """By what the person of a row is known, as contacts.erasure.services asks it; "" where by nothing."""
        raise NotImplementedError

    def takes_forms(self, request: HttpRequest) -> bool:
        """A permission of its own: what is erased can't be brought back."""
        return bool(request.user.has_perm("contacts.erase_people"))

    def get_urls(self) -> list[URLPattern]:
        """Django's, and the one that erases."""
        view = self.admin_site.admin_view(self.erase_view)  # type: ignore[attr-defined]
        own = path("<path:object_id>/apagar/", view, name=self._name)
        return [own, *super().get_urls()]  # type: ignore[misc]

    def erase_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Says whom, and does it."""
        if not self.takes_forms(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)  # type: ignore[attr-defined]
        if row is None or not self.key_of(row):
            raise Http404
        if request.method == "POST":
            try:
                actor = cast(User, request.user)
                erase_known_by(business=row.business, key=self.key_of(row), actor=actor)
            except Refused as refusal:
                messages.error(request, str(refusal))
                return redirect(f"admin:{self._name}", row.pk)
            messages.success(request, gettext("Apagado. Nada mais é enviado a esta pessoa."))
            return redirect("admin:contacts_erasure_changelist")
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": gettext("Apagar os dados desta pessoa"),
            "opts": self.opts,  # type: ignore[attr-defined]
            "row": row,
            "key": self.key_of(row),
        }
        return TemplateResponse(request, "admin/erase_person.html", context)

    @admin.display(description=_("pedido da pessoa"))
    def erase_link(self, row: Any) -> SafeString | str:
        """The way to erase them."""
        if not self.key_of(row):
            return "–"
        address = reverse(f"admin:{self._name}", args=(row.pk,))
        said = _("Apagar os dados (pede confirmação)")
        return format_html('<a class="text-primary-600 underline" href="{}">{}</a>', address, said)

    @property
    def _name(self) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_erase"  # type: ignore[attr-defined]
