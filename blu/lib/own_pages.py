"""In trial DEBUG is on, and Django would answer a wrong address with a page for programmers."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string


class OwnNotFoundMiddleware:
    """Answers 404 with our own page also where DEBUG is on; a no-op in production."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and exchange Django's technical page for ours."""
        response = self.get_response(request)
        if (
            settings.DEBUG
            and response.status_code == 404
            and "html" in response.get("Content-Type", "")
        ):
            response.content = render_to_string("404.html").encode()
            response["Content-Length"] = str(len(response.content))
        return response
