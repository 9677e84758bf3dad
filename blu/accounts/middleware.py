"""Which business a request is about, and its time zone."""

from collections.abc import Callable, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from blu.accounts.models import Membership, User
from blu.accounts.tenancy import KEY, enter


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
