"""The letters that are meant, whatever they are dressed in: case, accents, look-alikes, signs nobody sees."""

import re
import unicodedata
from functools import lru_cache

from blu.text.normal_form import normalized

# Letters of other alphabets that look like ours (after lower case), the other alphabet's first.
_TWINS = dict(
    zip(
        "абвгдезіїйкмнопрсстухьѕјһԁѵԝαβγεηικλνορτυχωͼѡօսհոցɑıɪʀɡ",
        "abbrdesiiikmhonpcctyxbsjhdvwabyenikavoptuxwcwouhngaiirg",
        strict=True,
    )
)
# Letters by their class that show nothing.
_BLANKS = "\u3164\u115f\u1160\uffa0\u2800"
_NAMED = re.compile(
    r"(?:REGIONAL INDICATOR SYMBOL|LATIN (?:SMALL|CAPITAL)|LATIN LETTER SMALL CAPITAL|LATIN CAPITAL|"
    r"LATIN SMALL|SQUARED LATIN CAPITAL|CIRCLED LATIN CAPITAL)(?: LETTER)? ([A-Z])(?: WITH .*)?$"
)
# Of one sign eighteen may come; WhatsApp's longest text has 65,536.
_MOST = 100_000
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
# Two of the letters that flags are made of are a flag, more are a word.
_FLAG_LETTERS = re.compile("[\U0001f1e6-\U0001f1ff]+")


def undress(text: str) -> str:
    """Lower case ASCII for every letter that looks like one of ours, invisible signs gone, the rest as it is.

    "ＳÁ\u200bІR" → "sair".
    """
    text = text.lower()
    if not _NOT_ASCII.search(text):
        return text
    text = _FLAG_LETTERS.sub(lambda found: f" {found[0]} " if len(found[0]) > 2 else " ", text)
    spread = normalized("NFKD", text)[:_MOST].lower()
    return _NOT_ASCII.sub(lambda found: _plain(found[0]), spread)


@lru_cache(maxsize=4096)
def _plain(char: str) -> str:
    """What one sign looks like: a letter, nothing for what isn't seen, or itself."""
    if char in _TWINS:
        return _TWINS[char]
    if char in _BLANKS or unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return ""
    named = _NAMED.search(unicodedata.name(char, ""))
    return named[1].lower() if named else char
