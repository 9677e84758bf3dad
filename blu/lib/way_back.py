"""Where a person can be led back to: an address of ours that opens by itself, never a POST's."""

from urllib.parse import urlsplit

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme

HOME = "/"


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
    """The address of the page that somebody looks at: of the one that a POST was sent from."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    return own_path(request, request.headers.get("Referer", "")) or HOME
