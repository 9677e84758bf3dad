"""In trial DEBUG is on, and Django would answer errors with pages for programmers, settings and all."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

OURS = (400, 404, 500)


class OwnErrorPagesMiddleware:
    """Answers errors with our own pages also where DEBUG is on; a no-op in production.

    The traceback is in the web process's log, as in production.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and exchange Django's technical page for ours."""
        response = self.get_response(request)
        technical = response.status_code in OURS and "html" in response.get("Content-Type", "")
        if settings.DEBUG and technical:
            name = f"{response.status_code}.html"
            response.content = render_to_string(name, {"request": request}).encode()
            response["Content-Length"] = str(len(response.content))
        return response
