"""Which business a request is about, and in which time zone its hours are told."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from blu.accounts.models import Business, Membership, User

# The chosen business, in the web session of people who belong to several.
CHOSEN = "business"
# For which business a page was drawn: a field of its forms, a header of its fragments.
FIELD, HEADER = "negocio", "X-Business"
READING = ("GET", "HEAD", "OPTIONS")
# Pages of a person, or of support, and not of a business.
PERSONAL = ("account_", "mfa_", "business_switch", "business_new", "set_language", "invited")


class BusinessMiddleware:
    """Sets `request.business`, `request.membership` and `request.memberships`, and the time zone.

    All three are empty for someone signed out or without a business; the decorators of
    blu.accounts.permissions decide what that means for a page.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """No query more than that for the person (blu.accounts.backends)."""
        memberships = request.user.placed_in if isinstance(request.user, User) else []
        membership = current(memberships, request.session.get(CHOSEN)) if memberships else None
        attach(request, membership, memberships)
        zone = membership.business.zone if membership else ZoneInfo(settings.TIME_ZONE)
        with timezone.override(zone):
            return self.get_response(request)

    def process_view(
        self, request: HttpRequest, _view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Refuse what was written for another business than the one that would get it now."""
        if request.method in READING or not mark_of(request):
            return None
        drawn_for = request.headers.get(HEADER) or request.POST.get(FIELD) or mark_of(request)
        return None if drawn_for == mark_of(request) else _of_another(request, drawn_for)


def mark_of(request: Any) -> str:
    """Which business's page this is; "" for a page that is no business's.

    Also somebody with a single business sends it: another may come, or this one go, before the form does.
    """
    business = getattr(request, "business", None)
    match = getattr(request, "resolver_match", None)
    name = (match.url_name or "") if match else ""
    if business is None or name.startswith(PERSONAL) or (match and match.app_name == "admin"):
        return ""
    return str(business.pk)


def _of_another(request: HttpRequest, drawn_for: str) -> HttpResponse:
    memberships: Sequence[Membership] = getattr(request, "memberships", [])
    other = next((one for one in memberships if str(one.business_id) == drawn_for), None)
    context = {"other": other and other.business}
    return render(request, "errors/other_business.html", context, status=HTTPStatus.CONFLICT)


def memberships_of(user: User | int) -> list[Membership]:
    """The memberships of a user, or of whom has that key, with them and their businesses; oldest first."""
    rows = Membership.objects.filter(user=user).select_related("user", "business")
    return list(rows.order_by("id"))


def current(memberships: Sequence[Membership], chosen: int | None) -> Membership:
    """The membership of the chosen business, or the oldest one if that choice is no longer theirs."""
    by_business = {membership.business_id: membership for membership in memberships}
    return by_business.get(chosen or 0, memberships[0])


def attach(
    request: HttpRequest, membership: Membership | None, memberships: Sequence[Membership]
) -> None:
    """Put tenancy on the request, in one place."""
    business: Business | None = membership.business if membership else None
    for name, value in (
        ("business", business),
        ("membership", membership),
        ("memberships", memberships),
    ):
        setattr(request, name, value)


def choose(request: HttpRequest, business: Business) -> None:
    """Remember in the web session which of the user's businesses to show from now on."""
    request.session[CHOSEN] = business.pk
