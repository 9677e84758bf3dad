"""How much a request may carry: looked at before anything of it is read.

Django keeps a big body on disk before any view, and before the protection of forms, can refuse it. So
its length decides first, and only who may upload at an address that takes a file sends more.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse, UnreadablePostError
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from blu.text.fold import SEARCH_MOST

# Bytes of a body, and of one at an address that takes a file (150 MB and what a form adds to it).
MOST = 1024 * 1024
FILE_MOST = 160 * 1024 * 1024
# Bytes after the question mark of an address; gunicorn's own limit of the whole line is close to it.
QUERY_MOST = 4096
# What people search by: the pages' boxes, and the admin's fields that complete what is typed.
SEARCHES = ("q", "term")
# Letters of one value. The longest field, the text of a draft, takes a quarter of it.
VALUE_MOST = 65_536
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")

V = TypeVar("V", bound=Callable[..., Any])


def takes_a_file(view: V) -> V:
    """Let the view's own roles send it a file; to be the outermost decorator, above `roles`."""
    vars(view)["takes_a_file"] = True
    return view


class BodyMiddleware:
    """Refuses what is too long: the body by its length, the address, and each value of a form."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse sizes that no view takes; `process_view` checks the rest, once view and user are known."""
        if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
            return _refused(request, HTTPStatus.LENGTH_REQUIRED)
        if _length(request) > FILE_MOST:
            return _refused(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        long = any(
            len(word) > SEARCH_MOST for name in SEARCHES for word in request.GET.getlist(name)
        )
        if len(request.META.get("QUERY_STRING", "")) > QUERY_MOST or long:
            return _refused(request, HTTPStatus.REQUEST_URI_TOO_LONG)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Refuse a long body, except a file from a member who may upload one here; then long values."""
        if _length(request) > MOST and not _may_send_a_file(request, view):
            return _refused(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if request.content_type in FORMS and _has_a_long_value(request):
            return _refused(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return None


def _length(request: HttpRequest) -> int:
    """Bytes of the body as its sender says; Django reads no further than that."""
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _may_send_a_file(request: HttpRequest, view: object) -> bool:
    membership = getattr(request, "membership", None)
    takes = getattr(view, "takes_a_file", False)
    return takes and membership is not None and membership.role in getattr(view, "roles", ())


def _has_a_long_value(request: HttpRequest) -> bool:
    try:
        return any(len(one) > VALUE_MOST for _name, all_ in request.POST.lists() for one in all_)
    except UnreadablePostError:
        return False  # the visitor hung up; nobody reads the answer


def _refused(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    if "/api/v1/" in request.path:
        return JsonResponse({"detail": _("É grande demais. Nada foi salvo.")}, status=status)
    return HttpResponse(render_to_string("413.html", {"request": request}), status=status)
