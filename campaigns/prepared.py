"""Statements that PostgreSQL parses and plans once a connection, not once a message.

Where nothing may outlast a transaction, because a pooler may stand before the database, they are
parsed each time (docs/decisions/0036).

Django binds parameters in the client, so each claim would come as a new text: planning it took three
times as long as running it. These go over Django's own connection, inside its transaction if there
is one, and raise Django's errors.
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections


def execute(sql: str, values: Mapping[str, Any]) -> "psycopg.Cursor[tuple[Any, ...]]":
    """Run a statement with named parameters, prepared where it may be; the cursor with its rows."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    raw: psycopg.Connection[tuple[Any, ...]] = connection.connection
    kept = not connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
    if kept:
        raw.prepare_threshold = 0  # Django switches it off for the sake of poolers
    with connection.wrap_database_errors:
        return psycopg.Cursor(raw).execute(sql.encode(), values, prepare=kept)


def rows(sql: str, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every row that a statement gives, as dicts."""
    cursor = execute(sql, values)  # the rows are here already: fetching them asks nobody
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def one(sql: str, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """The first row that a statement gives, None where there is none."""
    return next(iter(rows(sql, values)), None)


def count(sql: str, values: Mapping[str, Any]) -> int:
    """How many rows a statement changed."""
    return execute(sql, values).rowcount
