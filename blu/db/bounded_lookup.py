"""Materialised lookups, so that the planner can't pick the primary-key walk for rare matches.

Asked for the first rows in order of their key, the planner walks along that key as soon as it expects
many hits, and reads everybody to find one. It knows little of words, tags and attributes, so it errs.
"""

from collections.abc import Sequence

from django.core.exceptions import EmptyResultSet
from django.db import connections
from django.db.models import Model, QuerySet

MANY = 1_000
# A materialised part is planned for all its rows, so through the index that suits the condition, and
# yet read only as far as the LIMIT asks: a million hits cost no more than a thousand.
_FEW = "WITH found AS MATERIALIZED ({found}) SELECT * FROM found LIMIT %s"
_COUNT = f"SELECT count(*) FROM ({_FEW}) AS first"


def keys_if_few(rows: QuerySet[Model], column: str = "pk") -> list[int] | None:
    """Returns the keys in `column` of the rows, in no order; None when there are more than MANY."""
    keys = [key for (key,) in _first(_FEW, rows, column, MANY)]
    return keys if len(keys) <= MANY else None


def count_up_to(rows: QuerySet[Model], most: int) -> int | None:
    """Returns the number of rows; None when there are more than `most`."""
    count = sum(number for (number,) in _first(_COUNT, rows, "pk", most))
    return count if count <= most else None


def _first(
    statement: str, rows: QuerySet[Model], column: str, most: int
) -> Sequence[tuple[int, ...]]:
    try:
        found, values = rows.order_by().values_list(column).query.sql_with_params()
    except EmptyResultSet:
        return []
    with connections[rows.db].cursor() as cursor:
        cursor.execute(statement.format(found=found), [*values, most + 1])
        found_first: list[tuple[int, ...]] = cursor.fetchall()
        return found_first
