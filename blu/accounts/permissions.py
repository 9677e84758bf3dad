"""Who may open a page.

Two decorators, and no third way: every view of a business carries one of them.

    @member_required                    # anyone who belongs to the business
    def contact_list(request: BusinessRequest) -> HttpResponse: ...

    @roles(*WRITERS)                    # those who may change contacts
    def contact_edit(request: BusinessRequest, pk: int) -> HttpResponse: ...

`request.business` and `request.membership` come from `blu.accounts.tenancy`. Rows are always
looked up inside `request.business`, so that somebody else's row is a 404 and never a 403: a page
must not tell that it exists.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from allauth.account.decorators import reauthentication_required
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url
from django.utils.translation import gettext as _

from blu.accounts.models import Business, Membership, Role, User
from blu.accounts.tenancy import KEY, enter
from blu.web import safe_redirects

P = ParamSpec("P")


class BusinessRequest(HttpRequest):
    """A request whose user was proven to belong to `business`. Only a type: none is created."""

    user: User
    business: Business
    membership: Membership


View = Callable[Concatenate[BusinessRequest, P], HttpResponseBase]
RawView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def member_required(view: View[P]) -> RawView[P]:
    """Open the view to any member of the business in the address.

    Someone signed out goes to the sign-in page. For who doesn't belong to the business there is nothing here, as
    there is for everybody where no business has that slug.
    """

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        if slug := kwargs.pop(KEY, None):
            # Called with what was kept while somebody said again who they are: the request's own
            # address was that of the confirmation.
            enter(request, str(slug), getattr(request, "memberships", ()))
        if getattr(request, "membership", None) is None:
            raise Http404
        return view(cast(BusinessRequest, request), *args, **kwargs)

    return guarded


def fresh_confirmation_required(view: View[P]) -> View[P]:
    """Let the view's POSTs pass only after a fresh confirmation; a POST without one is sent again after it."""
    guarded: View[P] = reauthentication_required(view, allow_get=True)
    return guarded


def confirmation_required(view: View[P]) -> View[P]:
    """The same of what a GET gives away: nothing of it goes to whoever sits before a session that is open still."""
    guarded: View[P] = reauthentication_required(view)
    return guarded


def roles(*allowed: Role) -> Callable[[View[P]], RawView[P]]:
    """Open the view only to members who have one of these roles; others get the 403 page."""

    def decorate(view: View[P]) -> RawView[P]:
        @member_required
        @wraps(view)
        def guarded(
            request: BusinessRequest, /, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponseBase:
            if request.membership.role not in allowed:
                raise PermissionDenied(refusal(allowed))
            return view(request, *args, **kwargs)

        vars(guarded)["roles"] = allowed
        return guarded

    return decorate


def may(request: HttpRequest, *allowed: Role) -> bool:
    """Whether this request's member has one of these roles (to show or hide an action)."""
    membership = getattr(request, "membership", None)
    return membership is not None and membership.role in allowed


def refusal(allowed: tuple[Role, ...]) -> str:
    """The sentence of the 403 page: who may do it, so that the reader knows whom to ask."""
    if Role.RECEPTIONIST in allowed:
        return _(
            "Quem só acompanha não altera nada. Peça a alguém da recepção ou a quem cuida da conta."
        )
    return _(
        "Só quem cuida da conta faz isso. Peça a essa pessoa, ou peça que ela mude o seu acesso."
    )


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page, and from there back to the page that the person was on.

    htmx would put the sign-in page inside a fragment, so it is told to leave the page.
    """
    sign_in = resolve_url(settings.LOGIN_URL)
    if not request.headers.get("HX-Request"):
        return redirect_to_login(safe_redirects.page_of(request), sign_in)
    page = safe_redirects.own_path(request, request.headers.get("HX-Current-URL", ""))
    address = redirect_to_login(page, sign_in).url if page else sign_in
    return HttpResponse(headers={"HX-Redirect": address})
