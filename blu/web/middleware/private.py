"""What is answered to somebody is theirs: no cache between them and the server keeps it, nor shows it unasked."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control


class PrivateMiddleware:
    """Says so of every answer that looked at the visitor's web session, unless it says more itself.

    `no-cache`, not `no-store`: a browser's way back still shows what was typed there (RFC 9111, 5.2.2.4).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Stands below the middleware that brings the session."""
        response = self.get_response(request)
        if request.session.accessed and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_cache=True)
        return response
