"""Keys of rows as they stand in an address or a form."""

from django.http import HttpRequest


def as_key(text: str) -> int:
    """Returns the key that a text is; 0, which no row has, for any other text."""
    # More digits than a bigint holds are nobody's key.
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def key_in(request: HttpRequest, name: str) -> int:
    """Returns the key in the query string under `name`; 0 where there is none."""
    return as_key(request.GET.get(name, ""))
