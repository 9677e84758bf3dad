"""Keys and numbers as they stand in an address or a form."""

from django.http import HttpRequest


def as_key(text: str) -> int:
    """Returns the key that a text is; 0, which no row has, for any other text."""
    return as_number(text, otherwise=0)


def as_number(text: str, *, otherwise: int) -> int:
    """Returns the number, from 0, that a text is; `otherwise` for any other text, or more than a bigint holds."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else otherwise


def key_in(request: HttpRequest, name: str) -> int:
    """Returns the key in the query string under `name`; 0 where there is none."""
    return as_key(request.GET.get(name, ""))
