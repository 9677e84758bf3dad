"""A finished tsquery literal in a lookup, taken as it is.

Django's SearchQuery goes through to_tsquery, whose parser splits `12:luci` in two words; the
literals of blu.text.fold must reach PostgreSQL whole.
"""

from typing import Any

from django.contrib.postgres.search import SearchQuery


class Literal(SearchQuery):
    """`Contact.objects.filter(search=Literal(blu.text.fold.query(business_id, text)))`."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text

    def as_sql(self, compiler: Any, connection: Any, **_context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """The literal, cast; no configuration takes part."""
        return "%s::tsquery", [self.text]
