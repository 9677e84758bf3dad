"""What a reader of English must not find: a Portuguese source string of ours, or a word that only Portuguese has."""

import re
from functools import cache

from tests.language import catalogues
from tests.language.python import PORTUGUESE

_PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|{\w*}")
_ADDRESS = re.compile(r"https?://\S+")
_WORD = re.compile(r"[^\W\d_]{4}")


def portuguese_in(text: str) -> list[str]:
    """The source strings, and the Portuguese words, that stand in a text; none where all is English.

    Addresses of pages are the same in every language.
    """
    text = _ADDRESS.sub("", text)
    found = [said for said in _sources() if _stands_in(said, text)]
    return [*found, *PORTUGUESE.findall(text)]


@cache
def _sources() -> list[str]:
    """Every source string that no English sentence of ours contains."""
    catalogue = catalogues.read("en")
    english = "\n".join(
        said for message in catalogue if message.id for said in catalogues.forms(message.string)
    )
    said = {form for message in catalogue if message.id for form in catalogues.forms(message.id)}
    sources = (one for one in sorted(said) if _WORD.search(_PLACES.sub("", one)))
    return [one for one in sources if not _stands_in(one, english)]


def _stands_in(said: str, text: str) -> bool:
    """Whether a string is in a text as a whole, its places filled in with anything short."""
    pieces = _pieces(said)
    if not all(piece in text for piece in pieces):  # a search for each of thousands takes seconds
        return False
    pattern = r"(?<!\w)" + r".{1,80}?".join(map(re.escape, pieces)) + r"(?!\w)"
    return re.search(pattern, text) is not None


@cache
def _pieces(said: str) -> list[str]:
    return _PLACES.split(said)
