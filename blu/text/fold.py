"""Search words for contacts: folded, and prefixed with the business they belong to.

PostgreSQL's built-in text search finds `12:luci` as a prefix in a GIN index, so a search reads only
the entries of its own business, needs no extension, and finds "Lúcia" by "lucia".
"""

import re
import unicodedata

from blu.text.normal_form import normalized

# Letters of what somebody searches for; nobody's name has more.
SEARCH_MOST = 200
# Digits at the end of a number by which a front desk knows people.
LAST = 4
_TITLES = {"dona", "seu", "sr", "sra", "srta", "dr", "dra"}
_WORD = re.compile(r"[a-z0-9]+")
_FOLDED = re.compile(r"[^\x00-\x7f]")


def fold(text: str) -> str:
    """Lower case without accents: "João" → "joao"."""
    text = text.lower()
    if not _FOLDED.search(text):
        return text
    return "".join(c for c in normalized("NFKD", text) if not unicodedata.combining(c))


def vector(business_id: int, name: str, phone: str) -> str:
    """A tsvector literal of a contact's words and numbers (E.164 in, national digits indexed, and the last four)."""
    words = set(_WORD.findall(fold(name)))
    digits = phone.lstrip("+")
    if digits.startswith("55"):
        words.add(digits[2:])
        words.add(digits[4:])
    words |= {digits, digits[-LAST:]}
    return " ".join(f"'{business_id}:{word}'" for word in sorted(words) if word)


def query(business_id: int, text: str) -> str:
    """A tsquery literal: every word of `text` begins some word of the contact; "" for no words.

    Digits written as a phone ("(11) 98765-4321") count as one word; a mobile is also found by its
    old form without the ninth digit, any by its last four digits, and the 0 before an area code and titles ("Dona")
    beside a name count for nothing. What is longer than SEARCH_MOST is cut.
    """
    folded = fold(text[:SEARCH_MOST])
    compact = re.sub(r"[\s().+-]", "", folded)
    if compact.isdigit():
        compact = compact[1:] if len(compact) in (11, 12) and compact[0] == "0" else compact
        forms = [compact, f"9{compact}"] if len(compact) <= 8 else [compact]
        return " | ".join(f"'{business_id}:{form}':*" for form in forms)
    words = _WORD.findall(folded)
    # How people are called at a front desk is part of few names.
    named = [word for word in words if word not in _TITLES] or words
    return " & ".join(f"'{business_id}:{word}':*" for word in named)
