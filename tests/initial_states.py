"""In which states raw SQL may write a row that is new."""

import json
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import Model

_ANOTHER = """
INSERT INTO {table} SELECT (jsonb_populate_record(one, %s::jsonb)).* FROM {table} one WHERE id = %s
"""


def born(row: Model, column: str, states: Iterable[str], **others: Any) -> set[str]:
    """Those of `states` in which a row like this one may be inserted, but for its id and `others`."""
    table, found = row._meta.db_table, set()
    for state in states:
        values = json.dumps({"id": -1, column: state} | others)
        refused = ""
        with connection.cursor() as cursor:
            try:
                with transaction.atomic():
                    cursor.execute(_ANOTHER.format(table=table), [values, row.pk])
                    cursor.execute(f"DELETE FROM {table} WHERE id = -1")
            except IntegrityError as error:
                refused = str(error)
        if refused:
            assert f"no row begins with {column} {state}" in refused
        else:
            found.add(str(state))
    return found
