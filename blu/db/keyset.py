"""Pages of a list that stay quick at millions of rows: a page begins at a key; no OFFSET, no COUNT."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.db.models import Model, QuerySet

PAGE = 50

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and where the neighbouring pages begin (None when there is none)."""

    rows: Sequence[Row] = field(default_factory=list)
    before: int | None = None
    after: int | None = None


def keyset(
    rows: QuerySet[Row],
    column: str,
    *,
    before: int = 0,
    after: int = 0,
    newest_first: bool = False,
    size: int = PAGE,
) -> Page[Row]:
    """The page of `rows` that follows key `after`, or precedes key `before`, in the order of `column`."""
    forwards, backwards = ("lt", "gt") if newest_first else ("gt", "lt")
    down, up = (f"-{column}", column) if newest_first else (column, f"-{column}")
    if before:
        found = list(rows.filter(**{f"{column}__{backwards}": before}).order_by(up)[: size + 1])
        more_before, more_after = len(found) > size, True
        found = found[:size][::-1]
    else:
        rows = rows.filter(**{f"{column}__{forwards}": after}) if after else rows
        found = list(rows.order_by(down)[: size + 1])
        more_before, more_after = bool(after), len(found) > size
        found = found[:size]
    if not found:
        return Page()
    ends = [int(getattr(row, column)) for row in (found[0], found[-1])]
    return Page(found, ends[0] if more_before else None, ends[1] if more_after else None)
