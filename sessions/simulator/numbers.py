"""Phone numbers as the simulated WhatsApp knows them: canonical, registered and pretty forms.

The simulator may know which form an account is registered under, because it is WhatsApp here;
the product never computes it, it asks (docs/decisions/0032).
"""

from __future__ import annotations

import re
import zlib

BRAZIL = "55"
SHORT_FORM_SHARE = 8


def digits(text: str) -> str:
    """Only the decimal digits of `text`."""
    return re.sub(r"[^0-9]", "", text)


def canonical(text: str) -> str:
    """The digits of a number, Brazilian mobiles always with the ninth digit; no plus sign."""
    number = digits(text)
    if is_short_mobile(number):
        return number[:4] + "9" + number[4:]
    return number


def is_short_mobile(number: str) -> bool:
    """A Brazilian mobile written without its ninth digit."""
    return number.startswith(BRAZIL) and len(number) == 12 and number[4] in "6789"


def is_mobile(number: str) -> bool:
    """A Brazilian mobile in its canonical form."""
    return number.startswith(BRAZIL) and len(number) == 13 and number[4] == "9"


def is_possible(number: str) -> bool:
    """Whether canonical digits can be a telephone number at all."""
    if number.startswith("1"):
        return len(number) == 11
    if not number.startswith(BRAZIL):
        return 8 <= len(number) <= 15 and number[0] != "0"
    if len(number) < 12 or "0" in number[2:4]:
        return False
    return is_mobile(number) or (len(number) == 12 and number[4] in "2345")


def chance(number: str, purpose: str) -> float:
    """A number between 0 and 1 that is always the same for this phone and purpose."""
    return zlib.crc32(f"{number}:{purpose}".encode()) / 2**32


def is_short_by_default(number: str) -> bool:
    """One Brazilian mobile in eight was registered before the ninth digit came.

    Only numbers that began with 6 to 9 then: of others the short form would be no number at all.
    """
    return (
        is_mobile(number)
        and number[5] in "6789"
        and zlib.crc32(number.encode()) % SHORT_FORM_SHARE == 0
    )


def short_form(number: str) -> str:
    """A canonical Brazilian mobile without its ninth digit."""
    return number[:4] + number[5:]


def pretty(number: str) -> str:
    """The number as WhatsApp's pages write it: +55 11 98765-4321."""
    if number.startswith(BRAZIL) and len(number) in (12, 13):
        return f"+55 {number[2:4]} {number[4:-4]}-{number[-4:]}"
    return f"+{number}"
