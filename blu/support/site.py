"""The admin: for support staff, behind the same sign-in as everything else.

Someone signed out is led to the sign-in page; someone signed in who isn't staff gets a 404, as from
every page that isn't theirs. Staff passes blu.support.entry. Nothing is written by a GET, and nobody may
send a form to a table on which they may change nothing: whatever a library's page forgets to ask, that
is asked here. Unfold draws with Alpine, which evaluates attributes, so the Content
Security Policy is looser here, and here only.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from csp.decorators import csp_update
from django.conf import settings
from django.contrib.auth import logout as sign_out
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.sites import UnfoldAdminSite

from blu.accounts.admin_base import LOOKING
from blu.support import entry, search

POLICY = {
    "script-src": [SELF, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}


class SupportSite(UnfoldAdminSite):
    """Unfold's site with blü's rules on who enters."""

    index_title = gettext_lazy("Suporte")

    def admin_view(
        self, view: Callable[..., HttpResponseBase], cacheable: bool = False
    ) -> Callable[..., HttpResponseBase]:
        """Decide who enters, then hand over to Django's own checks."""
        inner = csp_update(POLICY)(super().admin_view(view, cacheable))

        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path(), str(settings.LOGIN_URL))
            if not self.has_permission(request):
                raise Http404
            if view == self.logout:
                return inner(request, *args, **kwargs)
            if request.method not in LOOKING and not self._takes_forms(request, view):
                raise PermissionDenied
            return entry.step_before(request, view) or inner(request, *args, **kwargs)

        return update_wrapper(guarded, view)

    def _takes_forms(self, request: HttpRequest, view: Callable[..., HttpResponseBase]) -> bool:
        """Only tables do, from who may change something there."""
        page = entry.page_of(view)
        return page is not None and entry.may_write(request, page)

    def get_urls(self) -> list[URLPattern]:
        """Django's and Unfold's, and the search over everything."""
        own = path("busca/", self.admin_view(self.support_search), name="support_search")
        return [own, *super().get_urls()]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """There is one sign-in page, and it isn't here."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next", "/admin/"), str(settings.LOGIN_URL))
        if not self.has_permission(request):
            raise Http404
        return redirect("admin:index")

    def logout(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Leave, and see the sign-in page."""
        if request.method == "POST":
            sign_out(request)
        return redirect(settings.LOGIN_URL)

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Passwords are changed where everybody changes theirs."""
        return redirect("account_change_password")

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        """What waits for a person, above the list of tables."""
        waiting = {
            "sessions_waiting": search.sessions_waiting(),
            "campaigns_under_way": search.campaigns_under_way(),
        }
        page: TemplateResponse = super().index(request, {**waiting, **(extra_context or {})})
        return page

    def search(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The tables that the words typed in the menu name; Unfold's own keeps each word in the cache of limits."""
        words = request.GET.get("s", "").strip().lower()
        found = self._search_apps(self.get_app_list(request), words) if words else []
        page = "unfold/helpers/search_results.html"
        return TemplateResponse(request, page, {"results": found}, headers={"HX-Trigger": "search"})

    def support_search(self, request: HttpRequest) -> TemplateResponse:
        """Everything that a phone, a name or a business finds."""
        text = request.GET.get("q", "")
        context = {
            **self.each_context(request),
            "title": _("Busca"),
            "q": text,
            "found": search.search(text),
        }
        return TemplateResponse(request, "admin/support_search.html", context)
