"""What every API view shares: who may call, and pages that stay quick at a million rows."""

import re
from collections.abc import Iterator
from itertools import chain
from typing import Any, ClassVar

from allauth.core.internal import ratelimit
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.parsers import JSONParser
from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from blu.accounts.models import WRITERS
from blu.accounts.request_size import VALUE_MOST

_ID = re.compile(r"[0-9]{1,18}")


class IsMember(BasePermission):
    """Members read; owners and receptionists write. Strangers get 404, as on the pages.

    What a view names `of_writers` gives whole lists of people away: it is theirs too, as downloads are (0024).
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """True where the signed-in person's role allows the method."""
        if not request.user.is_authenticated:
            return False
        membership = getattr(request, "membership", None)
        if membership is None:
            raise Http404
        if request.method in SAFE_METHODS and view.action not in getattr(view, "of_writers", ()):
            return True
        return membership.role in getattr(view, "write_roles", WRITERS)


class PerPerson(BaseThrottle):
    """How often one person may call; counted as allauth counts, under its lock."""

    RATES: ClassVar[dict[str, str]] = {"api": "600/m/user"}

    def allow_request(self, request: Request, view: Any) -> bool:
        """False above the rate; strangers are refused by IsMember."""
        if not request.user.is_authenticated:
            return True
        used = ratelimit.consume(
            request, app="blu", action="api", config=self.RATES, user=request.user, limit_get=True
        )
        return used is not None


class BoundedJSONParser(JSONParser):
    """JSON; what is nested deeper than Python follows, or has a text longer than a form's, is refused as if unreadable."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        """What was sent. Raises ParseError."""
        try:
            sent = super().parse(*args, **kwargs)
            long = any(len(text) > VALUE_MOST for text in _texts(sent))
        except RecursionError:
            raise ParseError from None
        if long:
            raise ParseError(_("É grande demais. Nada foi salvo."))
        return sent


def _texts(sent: Any) -> Iterator[str]:
    """All texts of parsed JSON, names too."""
    if isinstance(sent, str):
        yield sent
    elif isinstance(sent, list | dict):
        inner = chain(sent, sent.values()) if isinstance(sent, dict) else sent
        yield from chain.from_iterable(map(_texts, inner))


class KeysetPagination(CursorPagination):
    """Pages by id, newest first: no COUNT, no OFFSET."""

    ordering = "-id"
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Cursor | None:
        """As DRF does; a position that is no id is no cursor of ours. Raises NotFound."""
        cursor: Cursor | None = super().decode_cursor(request)
        if cursor and cursor.position and not _ID.fullmatch(str(cursor.position)):
            raise NotFound(self.invalid_cursor_message)
        return cursor
