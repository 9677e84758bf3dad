"""Where a person can be led back to: an address of ours that opens by itself, never a POST's."""

from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme

HOME = "/"


class WayBackMiddleware:
    """Redirects a GET of an address that only takes POSTs to the page above it.

    A page that a form answered with stands under such an address: reloaded, bookmarked, or come back
    to after signing in, it would be an empty 405.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Redirect instead of a 405 to a person's GET; programs and fragments get theirs."""
        response = self.get_response(request)
        refused = response.status_code == HTTPStatus.METHOD_NOT_ALLOWED and request.method == "GET"
        by_person = "text/html" in request.headers.get("Accept", "")
        fragment = request.headers.get("HX-Request") or "/api/v1/" in request.path
        if not refused or not by_person or fragment:
            return response
        return redirect(_above(request.path))


def _above(path: str) -> str:
    """Returns the nearest address above this one that has a page."""
    while path.strip("/"):
        path = path.rstrip("/").rpartition("/")[0] + "/"
        try:
            resolve(path)
        except Resolver404:
            continue
        return path
    return HOME


def own_path(request: HttpRequest, address: str) -> str:
    """Path and query of a page of our own host; "" for any other address."""
    if not address:
        return ""
    try:
        ours = url_has_allowed_host_and_scheme(address, {request.get_host()})
    except DisallowedHost:
        return ""
    parts = urlsplit(address) if ours else urlsplit("")
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if url_has_allowed_host_and_scheme(path, None) else ""


def page_of(request: HttpRequest) -> str:
    """Returns the address of the page the person is on: for a POST, the one it was sent from."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    return own_path(request, request.headers.get("Referer", "")) or HOME
