"""Comparing texts and numbers as WhatsApp Web shows them with those that we hold."""

from __future__ import annotations

import re

DIRECTION_MARKS = dict.fromkeys(
    map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
"""WhatsApp wraps names, numbers and texts in these; they are never part of what a person wrote."""

VARIATION_SELECTORS = dict.fromkeys(map(ord, "\ufe0e\ufe0f"))
FORMATTING = dict.fromkeys(map(ord, "*_~`"))

NUMBER = re.compile(r"^\+?[\d\s().\u2010-\u2015-]{8,}$")
OWN_CHAT = re.compile(r"\s*\((?:Você|You|Tú)\)$", re.IGNORECASE)
MASKED = re.compile(r"^\+?[\d\s().\u2010-\u2015*•∙·-]{6,}$")
BULLETS = re.compile(r"^\* ", re.MULTILINE)
"""The sign that every list has in the page's code of August, whichever was written."""
SIGNS = re.compile(r"^[ \t]*(?:[-*•>] |\d{1,9}[.)] |>|\u3000 ?)", re.MULTILINE)
"""Signs of lists and quotes at the beginning of a line, as they are written and as they are shown."""
READ_MORE = 400
"""A sent row shorter than its text is taken for the same only beyond this many characters: the
page folds long messages behind "Ler mais"."""


def strip_marks(text: str) -> str:
    """Text without direction marks, with plain spaces and line breaks, trimmed as WhatsApp trims."""
    plain = text.translate(DIRECTION_MARKS).replace("\u00a0", " ")
    plain = plain.replace("\r\n", "\n").replace("\r", "\n")
    return plain.strip()


def same_draft(wanted: str, shown: str) -> bool:
    """Does the compose box hold exactly the wanted text?

    Emoji are pictures in the page, whose `alt` may lack the variation selector; of a list's sign the page
    may say that it is the other one.
    """
    return _drawn(wanted) == _drawn(shown)


def same_message(wanted: str, shown: str) -> bool:
    """Does a message row show the wanted text?

    Looser than `same_draft`: the row renders *bold* and the like without their signs, and folds
    long texts. It is never used alone: rows are told apart by new ids first.
    """
    want, show = _rendered(wanted), _rendered(shown)
    if want == show:
        return True
    return len(show) >= READ_MORE and want.startswith(show[:READ_MORE])


def same_name(one: str, other: str) -> bool:
    """Are these the same chat's name? Emoji may lack their variation selectors, spaces be others."""
    return _name(one) == _name(other)


def _name(text: str) -> str:
    return " ".join(strip_marks(text.translate(VARIATION_SELECTORS)).split())


def masked_agrees(title: str, phone: str) -> bool:
    """Does a masked number ("+55 11 •••••-••21") agree with a number? Anything else can't disagree."""
    if not MASKED.match(title) or not re.search(r"[*•∙·]", title):
        return not NUMBER.match(title)
    signs = re.sub(r"[^\d*•∙·]", "", title)
    last = re.search(r"\d*$", signs)
    return phone.endswith(last[0] if last else "")


def digits_of(title: str) -> str:
    """The digits of a chat's title when the title is a phone number, else ""."""
    plain = OWN_CHAT.sub("", strip_marks(title))
    if not NUMBER.match(plain):
        return ""
    return re.sub(r"\D", "", plain)


def agrees(asked: str, shown: str) -> bool:
    """Is the account `shown` the one behind the number `asked` (both digits, country first)?

    Equal, or a Brazilian pair that differs only by the ninth digit: same area code and same last
    8 digits. Which of both forms is registered is WhatsApp's to say, never computed.
    """
    asked, shown = re.sub(r"\D", "", asked), re.sub(r"\D", "", shown)
    if not asked or not shown:
        return False
    if asked == shown:
        return True
    short, long = sorted((asked, shown), key=len)
    return (
        (len(short), len(long)) == (12, 13)
        and short[:4] == long[:4]
        and short.startswith("55")
        and long[4] == "9"
        and short[-8:] == long[-8:]
    )


def _exact(text: str) -> str:
    plain = strip_marks(text.translate(VARIATION_SELECTORS))
    return "\n".join(line.rstrip() for line in plain.split("\n"))


def _drawn(text: str) -> str:
    return BULLETS.sub("- ", _exact(text))


def _rendered(text: str) -> str:
    """Without signs of formatting, lists and quotes: a row shows them as what they mean."""
    plain = _exact(text).replace("\u3000", "> ")
    return " ".join(SIGNS.sub("", plain).translate(FORMATTING).split())
