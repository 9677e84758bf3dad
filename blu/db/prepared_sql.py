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
from psycopg.rows import DictRow, dict_row


def execute(sql: str, values: Mapping[str, Any]) -> psycopg.Cursor[DictRow]:
    """Run a statement with named parameters, prepared where it may be; the cursor with its rows."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    raw: psycopg.Connection[tuple[Any, ...]] = connection.connection
    kept = not connection.settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
    if kept:
        raw.prepare_threshold = 0  # Django switches it off for the sake of poolers
    with connection.wrap_database_errors:
        return psycopg.Cursor(raw, row_factory=dict_row).execute(sql.encode(), values, prepare=kept)


def rows(sql: str, values: Mapping[str, Any]) -> list[DictRow]:
    """Every row that a statement gives, as dicts."""
    return execute(sql, values).fetchall()  # the rows are here already: fetching them asks nobody


def one(sql: str, values: Mapping[str, Any]) -> DictRow | None:
    """The first row that a statement gives, None where there is none."""
    return execute(sql, values).fetchone()


def count(sql: str, values: Mapping[str, Any]) -> int:
    """How many rows a statement changed."""
    return execute(sql, values).rowcount
