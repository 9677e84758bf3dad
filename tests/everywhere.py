"""Where a text still stands in the database: every column that holds one, of every table, is looked through."""

from collections.abc import Iterable

from django.db import connection

# What holds letters in some way; what else there may be is refused, so that nobody adds a column unseen.
_TEXTS = (
    "text", "character varying", "character", "name", "jsonb", "json", "ARRAY", "tsvector", "bytea", "inet", "xml",
)  # fmt: skip
_OTHERS = (
    "bigint", "integer", "smallint", "boolean", "double precision", "numeric", "real", "date", "uuid", "interval",
    "time without time zone", "timestamp with time zone", "oid",
)  # fmt: skip

_COLUMNS = """
SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns c
  JOIN information_schema.tables t USING (table_schema, table_name)
 WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, 2
"""


def columns() -> list[tuple[str, str, str]]:
    """(table, column, type) of all that could hold a text."""
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        found = cursor.fetchall()
    assert found
    strange = {kind for _table, _column, kind in found} - {*_TEXTS, *_OTHERS}
    assert not strange, strange
    return [one for one in found if one[2] in _TEXTS]


def places_of(texts: Iterable[str]) -> set[str]:
    """table.column: text, for each of the texts that still stands somewhere, in whatever case."""
    wanted = [text.lower() for text in texts]
    assert all(wanted)
    found = set()
    with connection.cursor() as cursor:
        for table, column, kind in columns():
            said = _said(table, column, kind)
            cursor.execute(
                f'SELECT DISTINCT w FROM public."{table}", unnest(%s::text[]) w WHERE strpos(lower({said}), w) > 0',
                [wanted],
            )
            found |= {f"{table}.{column}: {word}" for (word,) in cursor.fetchall()}
    return found


def _said(table: str, column: str, kind: str) -> str:
    """What a column says as text, in SQL: what pages remember is pickled, in base64."""
    if (table, column) == ("blu_cache", "value"):
        return f"encode(decode(\"{column}\", 'base64'), 'escape')"
    return f"encode(\"{column}\", 'escape')" if kind == "bytea" else f'"{column}"::text'
