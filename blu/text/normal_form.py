"""Unicode's normal forms of what anybody may write.

Python sorts the marks behind a letter by inserting each where it belongs, and stops everything else meanwhile: tens
of thousands of them take seconds. No letter of any language has more than thirty, which is also where Unicode's
Stream-Safe Text Format (UAX #15, section 13) ends; what is beyond is left out.
"""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Literal

MARKS_MOST = 30


def normalized(form: Literal["NFKC", "NFKD"], text: str) -> str:
    """The text in one of Unicode's normal forms, in time that grows with its length alone."""
    if text.isascii():
        return text
    return unicodedata.normalize(form, "".join(_with_few_marks(text)))


def _with_few_marks(text: str) -> Iterator[str]:
    marks = 0
    for char in text:
        has_letter, more = _parts(char)
        marks = more if has_letter else marks + more
        if marks <= MARKS_MOST:
            yield char


@lru_cache(maxsize=4096)
def _parts(char: str) -> tuple[bool, int]:
    """Whether a sign has a letter of its own once it is taken apart, and how many marks stand behind that."""
    classes = [unicodedata.combining(one) for one in unicodedata.normalize("NFKD", char)]
    letters = [at for at, kind in enumerate(classes) if kind == 0]
    return bool(letters), len(classes) - 1 - letters[-1] if letters else len(classes)
