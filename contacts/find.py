"""Finding a contact among everybody's, for support: by phone or name, through an index, in any business."""

from collections.abc import Iterable

from django.db.models import F, QuerySet

from blu.accounts.models import Business
from blu.lib import search
from blu.lib.tsquery import Literal
from contacts.models import Contact

# More people than anybody reads through.
MOST = 200


def anywhere(text: str) -> QuerySet[Contact]:
    """The contacts of all businesses whose name or number has every word of `text`, newest first."""
    rows = Contact.objects.select_related("business").defer("search").order_by("-id")
    return narrow(rows, text)


def narrow(
    rows: QuerySet[Contact], text: str, businesses: Iterable[int] | None = None
) -> QuerySet[Contact]:
    """Keep the rows that `text` finds; no row when it has neither a letter nor a digit.

    The index holds words prefixed by business, so a search over all of them asks once for each.
    """
    if businesses is None:
        businesses = Business.objects.values_list("id", flat=True)
    asked = [search.query(business, text) for business in businesses]
    raw = " | ".join(f"({one})" for one in asked if one)
    if not raw:
        return rows.none()
    return rows.filter(search=Literal(raw)).order_by(F("id").desc())
