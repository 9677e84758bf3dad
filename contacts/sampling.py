"""The first of many contacts, as far as what is known of them can be read while a page waits.

A spreadsheet brings one contact up to 200 data of 2,000 letters. They lie outside the row and uncompressed
(migration 0008), so their length is known without reading them; and each is taken from there once, however
many of them a query looks at.
"""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from contacts.models import Contact

# Of all the data that a page reads to tell something of them.
BYTES = 16 * 1024 * 1024
# In the query behind it `contacts_contact` is the sample. OFFSET 0 keeps the planner from putting the
# concatenation, which is what takes the data from where they lie, into every place that names them.
_SAMPLE = """
WITH contacts_contact AS (
  SELECT id, name, phone, birth_date, tags, attributes || '{{}}' AS attributes, among FROM (
    SELECT *, count(*) OVER () AS among,
           sum(pg_column_size(attributes)) OVER (ORDER BY id {order}) - pg_column_size(attributes) AS before
      FROM ({first}) AS first) AS near
   WHERE before < {bytes} OFFSET 0)
"""


def fetch(
    contacts: QuerySet[Contact],
    most: int,
    query: str,
    values: Sequence[Any] = (),
    *,
    newest: bool = False,
) -> list[tuple[Any, ...]]:
    """Returns the rows of a query whose table contacts_contact is the first, or newest, `most` of these contacts.

    They are fewer where their data are longer than BYTES, and one at least; its column `among` is how many
    they would have been. `values` are those of the query,
    which may go on with tables of its own (", more AS (…) SELECT …").
    """
    order = "DESC" if newest else "ASC"
    columns = ("id", "name", "phone", "birth_date", "tags", "attributes")
    ordered = contacts.order_by("-pk" if newest else "pk").values_list(*columns)[:most]
    first, chosen = ordered.query.sql_with_params()
    sample = _SAMPLE.format(first=first, order=order, bytes=BYTES)
    with connection.cursor() as cursor:
        cursor.execute(sample + query, [*chosen, *values])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
