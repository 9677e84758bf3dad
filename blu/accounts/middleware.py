"""What waits for a confirmation; which business a request is about, and its time zone."""

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from blu.accounts.models import Membership, User
from blu.accounts.tenancy import KEY, enter


class KeptRequestMiddleware:
    """What was sent and waits for a confirmation is given up by who opens any other page meanwhile.

    allauth keeps it in the web session for as long as that lasts, and carries it out at the next confirmation: a
    stranger at an open session would leave it there for its owner to confirm, who sees another page (0023).
    """

    CONFIRMATIONS = frozenset(
        {"account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"}
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pages ask for their fragments by themselves, browsers for icons, also in another tab: that gives up nothing."""
        if STATE_SESSION_KEY in request.session and self._is_another_page(request):
            del request.session[STATE_SESSION_KEY]
        return self.get_response(request)

    def _is_another_page(self, request: HttpRequest) -> bool:
        is_part = request.headers.get("HX-Request")
        if is_part or request.headers.get("Sec-Fetch-Dest", "document") != "document":
            return False
        try:
            return resolve(request.path_info).url_name not in self.CONFIRMATIONS
        except Resolver404:
            return False


class BusinessMiddleware:
    """Sets `request.business`, `request.membership` and `request.memberships`, and the time zone.

    The business is the one that stands in the address, for who belongs to it. The first two are None for everybody
    else, and at addresses of no business; the decorators of blu.accounts.permissions decide what that means
    for a page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Adds no query: the memberships come with the user (blu.accounts.backends)."""
        memberships = request.user.known_memberships if isinstance(request.user, User) else []
        membership = enter(request, _slug_in(request.path_info), memberships)
        with timezone.override(_zone(membership, memberships)):
            return self.get_response(request)

    def process_view(
        self, _request: HttpRequest, _view: object, _args: object, kwargs: dict[str, Any]
    ) -> None:
        """Take the slug out of a view's arguments: views use `request.business`."""
        kwargs.pop(KEY, None)


def _slug_in(path: str) -> str:
    """The slug that stands in an address; "" in one of no business, or of nothing."""
    try:
        return str(resolve(path).kwargs.get(KEY, ""))
    except Resolver404:
        return ""


def _zone(membership: Membership | None, memberships: Sequence[Membership]) -> ZoneInfo:
    """The business's time zone; on pages of no business that of the user's oldest one."""
    if membership or memberships:
        return (membership or memberships[0]).business.zone
    return ZoneInfo(settings.TIME_ZONE)
