"""Webhooks: addresses for other servers' events, open only to requests whose signature is checked.

It knows no model: system checks ask it before there are any.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., HttpResponse]
Check = Callable[[HttpRequest], bool]


def webhook(check: Check) -> Callable[[View], View]:
    """An address for another server: no cookie and no form's token, but what `check` finds in the request.

    `check` says whether it comes from whom it says, by its signature; a 403 where not, and the view isn't
    called. Only what is made by this may stand among a kind's addresses (sessions.checks).
    """

    def made(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **keys: Any) -> HttpResponse:
            if not check(request):
                return HttpResponse(status=HTTPStatus.FORBIDDEN)
            return view(request, *args, **keys)

        vars(checked)["check"] = check
        return csrf_exempt(checked)

    return made


def is_webhook(view: Any) -> bool:
    """Whether it was made by `webhook`, with its check."""
    return callable(getattr(view, "check", None)) and bool(getattr(view, "csrf_exempt", False))


def views_of(routes: list[URLPattern | URLResolver]) -> dict[str, Any]:
    """Every view at or below some addresses, by its address's name."""
    found: dict[str, Any] = {}
    for route in routes:
        if isinstance(route, URLResolver):
            found |= views_of(route.url_patterns)
        else:
            found[str(route.name)] = route.callback
    return found
