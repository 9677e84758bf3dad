"""Names that are spread over columns, as Google and Outlook write them. Pure: no Django.

"First Name", "Middle Name" and "Last Name" become one name, whatever their order in the sheet. Where a
column has the whole name, that one is enough.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from contacts.spreadsheets import cells

_GIVEN = re.compile(r"first name|given name|firstname|primeiro nome|prenome|nome proprio")
_MIDDLE = re.compile(r"(?:middle|additional) names?|(?:segundo|outros?) nomes?|nomes? do meio")
_FAMILY = re.compile(r"(?:last|family) name|lastname|surname|(?:ultimo )?sobrenomes?|ultimo nome")
# Of several columns with a whole name, these are preferred; those that a family name completes.
_BETTER = ("nome completo", "nome", "full name", "name")
_SHORT = ("nome", "name")


def is_given(title: str) -> bool:
    """Whether a column of this (normal) title has first names."""
    return bool(_GIVEN.fullmatch(title))


def turn(title: str) -> int:
    """When a column's part comes in a name: 0 first, 2 last."""
    if _FAMILY.fullmatch(title):
        return 2
    return 1 if _MIDDLE.fullmatch(title) else 0


def columns(whole: Mapping[int, str], titles: Mapping[int, str]) -> list[int]:
    """Which columns make the name; `whole` are those with a whole name, `titles` all of them."""
    best = min(whole, key=lambda index: _rank(whole[index]), default=None)
    given, middle, family = (_first(pattern, titles) for pattern in (_GIVEN, _MIDDLE, _FAMILY))
    if best is not None and not _is_part(whole[best], given=given, family=family):
        return [best]
    first = best if given is None else given
    return [] if first is None else [i for i in (first, middle, family) if i is not None]


def _is_part(title: str, *, given: int | None, family: int | None) -> bool:
    """Whether a column that could hold whole names is less than what others hold together."""
    if family is None:
        return False
    return title in _SHORT if given is None else title not in _BETTER


def _first(pattern: re.Pattern[str], titles: Mapping[int, str]) -> int | None:
    return next((index for index, title in titles.items() if pattern.fullmatch(title)), None)


def join(values: Sequence[Any], places: Sequence[int]) -> str:
    """One name of the cells at these places, however long; a family name that ends it already is not repeated."""
    name = ""
    for place in places:
        part = cells.clean_text(values[place]) if place < len(values) else ""
        if not name:
            name = part
        elif part and not f" {name}".casefold().endswith(f" {part}".casefold()):
            name = f"{name} {part}"
    return name


def _rank(title: str) -> int:
    return _BETTER.index(title) if title in _BETTER else len(_BETTER)
