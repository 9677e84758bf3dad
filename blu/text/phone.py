"""Phones as people write them in spreadsheets, read into E.164 or refused with a reason.

The rules are those of the sample spreadsheets (see docs/decisions on phones): what can't be read
for certain is a PhoneError, never a guess. libphonenumber is the judge; `_WELL_FORMED` only saves
its time on the numbers of which there is no doubt (a test compares the two). A number that lost a
digit, or has a letter in the place of one, is told by blu.text.phone_slips.
"""

import contextlib
import datetime
import re
from collections.abc import Iterable
from typing import NamedTuple
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import PhoneNumberType

from blu.text import phone_slips
from blu.text.phone_slips import Written

LANDLINE = "landline"
NINTH_DIGIT_ADDED = "ninth digit added"

NO_PHONE = "no phone"
MISSING_AREA_CODE = "missing area code"
LOST_DIGITS = "phone lost digits"
INVALID = "invalid phone"

Cell = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta | None


class PhoneError(ValueError):
    """No number can be read for certain; `reason` is one of the four above."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Phone(NamedTuple):
    """An E.164 number and what is to be known about it."""

    e164: str
    flags: tuple[str, ...] = ()

    @property
    def is_mobile(self) -> bool:
        return LANDLINE not in self.flags


# The area codes (DDD) that exist: libphonenumber's own list, checked by a test.
_DDD = r"[14689][1-9]|2[12478]|3[1-578]|5[13-5]|7[13-579]"
_WELL_FORMED = re.compile(
    rf"\s*'?(?:\+? ?55[ .-]?)?\(?({_DDD})\)?[ \xa0.-]?(9) ?(\d{{4}})[ \xa0.–-]?(\d{{4}})\s*"
)
_MOBILE = re.compile(rf"(?:{_DDD})9\d{{8}}")
_OLD_MOBILE = re.compile(rf"({_DDD})([6-9]\d{{7}})")
_LANDLINE = re.compile(rf"(?:{_DDD})[2-5]\d{{7}}")
_WITHOUT_AREA_CODE = re.compile(r"9\d{8}|[2-9]\d{7}")
_AREA_CODE = re.compile(_DDD)

_SCIENTIFIC = re.compile(r"(?<!\d)\d(?:[.,]\d+)?[eE]\+?\d{1,2}(?!\d)")
_WHOLE_AS_DECIMAL = re.compile(r"(\d{8,})[.,]0{1,2}")
_EXTENSION = re.compile(r"\b(?:ramal|ram|ext|r)\b\s*[.:]?\s*\d{1,5}\s*\)?\s*$", re.IGNORECASE)
_SEPARATOR = re.compile(r"[/,;|&\r\n\t]|\s:::\s|(?:\b|(?<=\d))(?:e|ou)(?:\b|(?=\d))", re.IGNORECASE)
# Stands for a date, a fraction or a negative: it has digits, and they make no number.
_UNREADABLE = "0"
_FEW = 7  # digits below which a text is no number, whatever its letters
_PLUS = re.compile(r"^[^\d]*\+")


def read_phone(cell: Cell, area_code: str = "") -> Phone:
    """The first mobile written in a cell, else its first valid number.

    `area_code` (DDD) completes numbers written without one. Raises PhoneError.
    """
    if type(cell) is str and (match := _WELL_FORMED.fullmatch(cell)):
        return Phone("+55" + "".join(match.groups()))
    return choose(_numbers(cell), area_code)


def read_phones(cells: Iterable[Cell], area_code: str = "") -> Phone:
    """As read_phone, over several cells of a row, from left to right."""
    return choose([number for cell in cells for number in _numbers(cell)], area_code)


def rivals(cell: str, area_code: str = "") -> list[Phone]:
    """The different numbers of a cell of which read_phone takes the first only because it stands first:
    its mobiles, or where it has none its valid numbers.
    """
    if _WELL_FORMED.fullmatch(cell):
        return []
    valid: dict[str, Phone] = {}
    for number in _numbers(cell):
        with contextlib.suppress(PhoneError):
            phone = _parse(number, area_code)
            valid[phone.e164] = phone
    return [phone for phone in valid.values() if phone.is_mobile] or list(valid.values())


def choose(numbers: list[str], area_code: str) -> Phone:
    """The first mobile among written numbers, else the first valid; raises the first's PhoneError."""
    first: Phone | None = None
    refusal: PhoneError | None = None
    for number in numbers:
        try:
            phone = _parse(number, area_code)
        except PhoneError as error:
            refusal = refusal or error
            continue
        if phone.is_mobile:
            return phone
        first = first or phone
    if first:
        return first
    raise refusal or PhoneError(NO_PHONE)


def _numbers(cell: Cell) -> list[str]:
    """The written numbers of a cell, each with at least one digit."""
    if cell is None or isinstance(cell, bool):
        return []
    if not isinstance(cell, str):
        return [_whole(cell) if isinstance(cell, int | float) else _UNREADABLE]
    text = cell
    if match := _WHOLE_AS_DECIMAL.fullmatch(text.strip(" '\xa0")):
        return [match[1]]
    lost = _SCIENTIFIC.findall(text)
    pieces = _SEPARATOR.split(_SCIENTIFIC.sub(" / ", text) if lost else text)
    return lost + [piece for piece in pieces if any(map(str.isdecimal, piece))]


def _whole(number: float) -> str:
    """A numeric cell as text: spreadsheets keep phones as floats of 15 sure digits."""
    if 0 <= number < 1e15 and number == int(number):
        return str(int(number))
    return _UNREADABLE


def _parse(text: str, area_code: str) -> Phone:
    """One written number; raises PhoneError."""
    if _SCIENTIFIC.fullmatch(text):
        raise PhoneError(LOST_DIGITS)
    international = _PLUS.match(text) is not None
    text = _EXTENSION.sub("", text)
    number = phone_slips.written(text)
    _refuse_letters(text, number)
    digits = number.digits
    if international and digits.startswith("55"):
        return _national(_without_trunk(number.without(2)), area_code)
    if international:
        return _foreign(number)
    if digits.startswith("0055"):
        return _national(_without_trunk(number.without(4)), area_code)
    if digits.startswith("55") and len(digits) >= 12:
        return _national(_without_trunk(number.without(2)), area_code)
    return _national(_without_trunk(number), area_code)


def _refuse_letters(text: str, number: Written) -> None:
    """Raise PhoneError for letters in the place of digits; a text with few digits is no number anyway."""
    if len(number.digits) < _FEW:
        return
    if phone_slips.letter_for_digit(text):
        raise PhoneError(LOST_DIGITS)
    if _WITHOUT_AREA_CODE.fullmatch(number.digits) and is_area_code(
        phone_slips.letters_for_area_code(text)
    ):
        raise PhoneError(LOST_DIGITS)


def _without_trunk(number: Written) -> Written:
    """Drop the trunk 0, and the carrier code that may follow it (0 15 11 …); raises PhoneError."""
    if not number.digits.startswith("0"):
        return number
    rest = number.without(1)
    if len(rest.digits) not in (12, 13) or rest.digits[0] == "0":
        return rest
    if 1 in rest.gaps:  # a carrier of one digit: the other one got lost
        raise PhoneError(LOST_DIGITS)
    return rest.without(2)


def _national(number: Written, area_code: str) -> Phone:
    """A Brazilian number from its area code and digits; raises PhoneError."""
    digits = number.digits
    if _WITHOUT_AREA_CODE.fullmatch(digits):
        if phone_slips.local_lost_digits(number):
            raise PhoneError(LOST_DIGITS)
        if not area_code:
            raise PhoneError(MISSING_AREA_CODE)
        number = Written(digits := area_code + digits)
    if _MOBILE.fullmatch(digits):
        return Phone(f"+55{digits}")
    old, landline = _OLD_MOBILE.fullmatch(digits), _LANDLINE.fullmatch(digits)
    if (old or landline) and phone_slips.national_lost_digits(number):
        raise PhoneError(LOST_DIGITS)
    if old:
        return Phone(f"+55{old[1]}9{old[2]}", (NINTH_DIGIT_ADDED,))
    if landline:
        return Phone(f"+55{digits}", (LANDLINE,))
    raise PhoneError(INVALID)


def _foreign(number: Written) -> Phone:
    """A number of another country, if libphonenumber says it is valid; raises PhoneError."""
    try:
        parsed = phonenumbers.parse(f"+{number.digits}")
    except phonenumbers.NumberParseException as error:
        raise PhoneError(INVALID) from error
    if not phonenumbers.is_valid_number(parsed):
        raise PhoneError(INVALID)
    if any(gap < len(str(parsed.country_code)) for gap in number.gaps):
        raise PhoneError(LOST_DIGITS)
    landline = phonenumbers.number_type(parsed) == PhoneNumberType.FIXED_LINE
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Phone(e164, (LANDLINE,) if landline else ())


def is_area_code(text: str) -> bool:
    """Whether a DDD exists."""
    return _AREA_CODE.fullmatch(text) is not None


def area_code_of(e164: str) -> str:
    """The DDD of a Brazilian number, "" for a foreign one."""
    return e164[3:5] if e164.startswith("+55") else ""


_ZONES = {
    "America/Rio_Branco": ("68",),
    "America/Manaus": ("92", "97", "69", "95"),
    "America/Cuiaba": ("65", "66"),
    "America/Campo_Grande": ("67",),
}
_ZONE_BY_AREA_CODE = {code: zone for zone, codes in _ZONES.items() for code in codes}


def time_zone(e164: str, default: str = "America/Sao_Paulo") -> ZoneInfo:
    """Where the phone's owner most likely is: by DDD in Brazil, `default` for foreign numbers.

    Brasília time for every DDD but those of Acre (68), Amazonas (92, 97), Rondônia (69), Roraima
    (95), Mato Grosso (65, 66) and Mato Grosso do Sul (67). Brazil has no daylight saving since 2019.
    """
    area_code = area_code_of(e164)
    if not area_code:
        return ZoneInfo(default)
    return ZoneInfo(_ZONE_BY_AREA_CODE.get(area_code, "America/Sao_Paulo"))


def zone_of_area_code(area_code: str) -> ZoneInfo:
    """The time zone of a DDD."""
    return ZoneInfo(_ZONE_BY_AREA_CODE.get(area_code, "America/Sao_Paulo"))


AREA_CODES = tuple(f"{code}" for code in range(11, 100) if is_area_code(f"{code}"))


def forms(e164: str) -> list[str]:
    """The number, and its other form where Brazil's ninth digit makes two: for finding, never for
    sending. WhatsApp may know a mobile by either.
    """
    if not e164.startswith("+55"):
        return [e164]
    area, rest = e164[3:5], e164[5:]
    if len(rest) == 9 and rest[0] == "9":
        return [e164, f"+55{area}{rest[1:]}"]
    if len(rest) == 8 and rest[0] in "6789":
        return [e164, f"+55{area}9{rest}"]
    return [e164]


def with_ninth_digit(e164: str) -> str:
    """The one form of a number under which a person is kept, however WhatsApp writes it."""
    return max(forms(e164), key=len)
