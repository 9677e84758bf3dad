"""PostgreSQL gone, or a statement cancelled: pages say so plainly, with 503 and a hint when to come back.

A role's statement_timeout (blu.ops.db_roles) cancels what takes too long, and with it the transaction.
"""

import sys
from collections.abc import Callable
from typing import Any

import structlog
from django.core.signals import got_request_exception
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from psycopg.errors import QueryCanceled

from blu.db.retry import is_away

log = structlog.get_logger()


@receiver(got_request_exception)
def remember_outage(request: HttpRequest | None = None, **_kwargs: Any) -> None:
    """Mark the request: Django turns an inner middleware's error into a page before ours could see it."""
    error = sys.exception()
    if request and error and is_away(error):
        request.META[DatabaseOutageMiddleware.MARK] = error


class DatabaseOutageMiddleware:
    """Turns a lost database, or a cancelled statement, into a page that needs no database itself."""

    MARK = "blu.database_outage"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; a connection error in a middleware becomes the page."""
        response = self.get_response(request)
        if error := request.META.get(self.MARK):
            return self._sorry(request, error)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The same for what a view raised, before it is logged as a fault of ours."""
        if is_away(exception):
            return self._sorry(request, exception)
        return None

    def _sorry(self, request: HttpRequest, error: Exception) -> HttpResponse:
        slow = isinstance(error.__cause__, QueryCanceled)
        log.warning(
            "statement_cancelled" if slow else "database_outage", error=type(error).__name__
        )
        name = "503_slow.html" if slow else "503.html"
        page = HttpResponse(render_to_string(name, {"request": request}), status=503)
        page["Retry-After"] = "10"
        return page
