"""What a reader of English must not find: a Portuguese source string of ours, or a word that only Portuguese has."""

import re
from functools import cache

from blu.management import catalogues
from tests.language.python import PORTUGUESE

_PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|{\w*}")
_ADDRESS = re.compile(r"https?://\S+")
_WORD = re.compile(r"[^\W\d_]{4}")


def portuguese_in(text: str) -> list[str]:
    """The source strings, and the Portuguese words, that stand in a text; none where all is English.

    Addresses of pages are the same in every language.
    """
    text = _ADDRESS.sub("", text)
    found = [said for said, pattern in _sources() if pattern.search(text)]
    return [*found, *PORTUGUESE.findall(text)]


@cache
def _sources() -> list[tuple[str, re.Pattern[str]]]:
    """Every source string that no English sentence of ours contains, and how it is recognised once filled in."""
    catalogue = catalogues.read(catalogues.ENGLISH)
    english = "\n".join(
        said for message in catalogue if message.id for said in _forms(message.string)
    )
    said = {form for message in catalogue if message.id for form in _forms(message.id)}
    patterns = ((one, _pattern(one)) for one in sorted(said) if _WORD.search(_PLACES.sub("", one)))
    return [(one, pattern) for one, pattern in patterns if not pattern.search(english)]


def _forms(said: object) -> tuple[str, ...]:
    """A message, or singular and plural, as strings."""
    return tuple(said) if isinstance(said, list | tuple) else (str(said),)


def _pattern(said: str) -> re.Pattern[str]:
    """The string as a whole, its places filled in with anything short."""
    return re.compile(
        r"(?<!\w)" + r".{1,80}?".join(map(re.escape, _PLACES.split(said))) + r"(?!\w)"
    )
