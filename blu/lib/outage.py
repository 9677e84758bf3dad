"""PostgreSQL gone: pages say so plainly, with 503 and a hint when to come back."""

from collections.abc import Callable

import structlog
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

log = structlog.get_logger()


class DatabaseOutageMiddleware:
    """Turns a lost database into the page 503.html, which needs no database itself."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; a connection error on the way in or out becomes the page."""
        try:
            return self.get_response(request)
        except (OperationalError, InterfaceError) as error:
            return self._sorry(error)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The same for what a view raised, before DEBUG's page gets it."""
        if isinstance(exception, OperationalError | InterfaceError):
            return self._sorry(exception)
        return None

    def _sorry(self, error: Exception) -> HttpResponse:
        log.warning("database_outage", error=type(error).__name__)
        page = HttpResponse(render_to_string("503.html"), status=503)
        page["Retry-After"] = "10"
        return page
