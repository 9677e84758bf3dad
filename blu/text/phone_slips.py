"""Slips of the hand in a written number: a digit that got lost, a letter where a digit belongs.

Ten digits may be a mobile of before the ninth digit, or one of today that lost a digit: only how they
are grouped tells. `(11) 99887-766` lost one; `(11) 9988-7766` is how the old ones were written.
"""

import re
from typing import NamedTuple

_GROUP = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# The x of a carrier that is left open: "0xx11", "(xx11)".
_CARRIER = re.compile(r"x{1,3}", re.IGNORECASE)
_BEFORE_CARRIER = re.compile(r"\D*0?\D*")
# Nothing before a number but one letter, as of a trunk 0: "O 11 98765-4321".
_AT_THE_START = re.compile(r"\W*[^\W\d_][ \xa0(]+\d")
_ORDINAL = ("º", "ª")
_LOOKALIKES = str.maketrans("oOqQdDiIlLzZsSbGBg", "000000111122556689")
# Between which digits of a local number a writer leaves a gap, counted from its first.
_EIGHT = frozenset((2, 4, 6))
_NINE = (frozenset((1, 3, 5, 7)), frozenset((3, 6)), frozenset((4,)))


class Written(NamedTuple):
    """The digits of a number as 0-9, and before how many of them each gap stood."""

    digits: str
    gaps: frozenset[int] = frozenset()

    def without(self, first: int) -> "Written":
        """The same without its first digits."""
        gaps = frozenset(gap - first for gap in self.gaps if gap > first)
        return Written(self.digits[first:], gaps)


def written(text: str) -> Written:
    """What digits stand in a text, those of other scripts (full-width ones come from phones) as 0-9."""
    digits, gaps = "", set()
    for group in _GROUP.findall(_INVISIBLE.sub("", text)):
        gaps.add(len(digits))
        digits += group if group.isascii() else "".join(str(int(digit)) for digit in group)
    return Written(digits, frozenset(gaps - {0}))


def local_lost_digits(number: Written) -> bool:
    """Whether eight or nine digits without an area code are grouped as no such number is."""
    if len(number.digits) == 9:
        return not any(number.gaps <= usual for usual in _NINE)
    return not number.gaps <= _EIGHT


def national_lost_digits(number: Written) -> bool:
    """Whether the ten digits of an area code and eight more are grouped as those of a longer number."""
    return 1 in number.gaps or local_lost_digits(number.without(2))


def letter_for_digit(text: str) -> bool:
    """Whether a letter stands where a digit belongs: glued to digits, or alone among them.

    Words are none: "cel: 11 98765-4321", "11 98765-4321 (Ana)", "0xx11".
    """
    text = _INVISIBLE.sub("", text)
    places = [place for place, letter in enumerate(text) if letter.isdecimal()]
    return any(
        _stands_for_digit(text, word.start(), word.end(), places) for word in _WORD.finditer(text)
    )


def letters_for_area_code(text: str) -> str:
    """The two digits that two letters before a number look like ("(ll) 98765-4321"), "" without."""
    words = [word for word in _WORD.findall(re.split(r"\d", text, maxsplit=1)[0]) if word]
    return _as_digits(words[-1]) if words and len(words[-1]) == 2 else ""


def _stands_for_digit(text: str, start: int, end: int, places: list[int]) -> bool:
    word = text[start:end]
    if _CARRIER.fullmatch(word) and _BEFORE_CARRIER.fullmatch(text[:start]):
        return False
    if word in _ORDINAL:
        return False
    glued = (start - 1 in places) + (end in places)
    if not glued and len(word) == 1:
        among = places[0] < start < places[-1]
        return among or bool(_as_digits(word) and _AT_THE_START.match(text))
    if not glued:
        return False
    return len(word) == 1 or ((len(word) == 2 or glued == 2) and bool(_as_digits(word)))


def _as_digits(word: str) -> str:
    """A word of look-alikes as the digits that they look like, "" for another."""
    digits = word.translate(_LOOKALIKES)
    return digits if digits.isdecimal() else ""
