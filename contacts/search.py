"""Finding contacts of all businesses, for support: by phone or name, through an index."""

from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import QuerySet

from blu.accounts.models import Business
from blu.text import fold
from blu.text.tsquery import Literal
from contacts.models import Contact

# More people than a person reads through.
MOST = 200

_FIND = """
SELECT found.id
  FROM unnest(%(asked)s::text[]) AS asked (words)
 CROSS JOIN LATERAL (
       SELECT id FROM contacts_contact WHERE search @@ asked.words::tsquery LIMIT %(most)s
       ) AS found
 LIMIT %(most)s
"""


def anywhere(text: str) -> QuerySet[Contact]:
    """At most MOST contacts of all businesses whose name or number has every word of `text`."""
    rows = Contact.objects.select_related("business").defer("search")
    return rows.filter(pk__in=ids(text)).order_by("-id")


def narrow(rows: QuerySet[Contact], text: str, business: int) -> QuerySet[Contact]:
    """Keep the rows of one business that `text` finds; none without a letter or a digit."""
    words = fold.query(business, text)
    return rows.filter(search=Literal(words)) if words else rows.none()


def ids(text: str, businesses: Iterable[int] | None = None) -> list[int]:
    """The keys of at most MOST contacts that `text` finds; none without a letter or a digit.

    The index holds words prefixed by business, so a search over all of them asks once for each (one
    question with all of them in it took 2 s at 200 businesses). Not knowing the words, the planner
    would rather read the table until enough rows came by: 9 s for a name that nobody has, among a
    million. So it is left no way but the index.
    """
    if businesses is None:
        businesses = Business.objects.values_list("id", flat=True)
    asked = [fold.query(business, text) for business in businesses]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute(_FIND, {"asked": [one for one in asked if one], "most": MOST})
        keys = [key for (key,) in cursor.fetchall()]
        # Inside a longer transaction they would stay for all that follows.
        cursor.execute("SET LOCAL enable_seqscan = on")
        cursor.execute("SET LOCAL enable_indexscan = on")
    return keys
