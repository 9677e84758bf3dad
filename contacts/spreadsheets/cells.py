"""One value of a spreadsheet: a name, a birth date, an opt-in, tags, any other text."""

import datetime
import re
from decimal import Decimal
from enum import StrEnum
from typing import Any

from blu.text.fold import fold

MAX_NAME = 200
MAX_TEXT = 500
MAX_TAG = 40
MAX_TAGS = 20
LONG_TAG = "long tag"
MANY_TAGS = "many tags"

_EXCEL_ERRORS = frozenset(
    (
        "#N/A",
        "#N/D",
        "#REF!",
        "#VALUE!",
        "#VALOR!",
        "#NAME?",
        "#NOME?",
        "#DIV/0!",
        "#NULL!",
        "#NULO!",
        "#NUM!",
    )
)

_SERIAL_ZERO = datetime.date(1899, 12, 30)
# A number like 1985 is more likely a year than the 1,985th day of 1900: it is not guessed.
FIRST_YEAR = 1900  # nobody was born earlier
_YEARS = range(FIRST_YEAR, 2101)
_DAY_FIRST = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?:[ T].*)?", re.ASCII)
_ISO = re.compile(r"(\d{4})([/.-])(\d{1,2})\2(\d{1,2})(?:[ T].*)?", re.ASCII)
_TIME = re.compile(
    r"[ T]\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[AP]M)?(?:Z|[+-]\d{2}:?\d{2})?$", re.I | re.ASCII
)
_NAMED_MONTH = re.compile(
    r"(\d{1,2})(?:º|o)?[ /.-]+(?:de )?([a-z]{3,9})\.?[ /.-]+(?:de )?(\d{4}|\d{2})", re.ASCII
)
_MONTHS = ("jan", "fev", "mar", "abr", "mai", "jun", "jul", "ago", "set", "out", "nov", "dez")
_ENGLISH_MONTHS = {"feb": 2, "apr": 4, "may": 5, "aug": 8, "sep": 9, "oct": 10, "dec": 12}
_SERIAL = re.compile(r"(\d{4,5})(?:[.,]0+)?", re.ASCII)


class Answer(StrEnum):
    """What a row says about receiving messages. Only YES is consent, only NO takes it back."""

    YES = "yes"
    NO = "no"
    UNCLEAR = "unclear"
    EMPTY = ""


_ANSWERS = dict.fromkeys(("sim", "s", "x", "1", "yes", "true", "aceito", "ok"), Answer.YES)
_ANSWERS |= dict.fromkeys(("não", "nao", "n", "0", "no", "false"), Answer.NO)
_ANSWERS[""] = Answer.EMPTY


class InvalidDate(ValueError):
    """A cell that was filled in, but not with a date that exists."""


class FutureDate(InvalidDate):
    """A date that exists and has not come yet: no birth date."""


def clean_text(cell: Any) -> str:
    """A cell as text on one line; numbers and dates as people write them in Brazil."""
    if isinstance(cell, str):
        text = " ".join(cell.replace("\0", "").split())
        return "" if text in _EXCEL_ERRORS else text
    if isinstance(cell, bool):
        return "sim" if cell else "não"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else _with_comma(cell)
    if isinstance(cell, datetime.date):
        return cell.strftime("%d/%m/%Y")
    return "" if cell is None else str(cell)


def _with_comma(number: float) -> str:
    """The digits that a spreadsheet shows of a number, which are 15 at most: 1234,5."""
    text = format(number, ".15g")
    return (f"{Decimal(text):f}" if "e" in text else text).replace(".", ",")


def is_blank(cell: Any) -> bool:
    """Whether a cell holds nothing but spaces."""
    return cell is None or (isinstance(cell, str) and not cell.strip(" \t\r\n\xa0\0\ufeff\u200b"))


def read_birth_date(cell: Any, today: datetime.date) -> datetime.date | None:
    """The date in a cell, None in an empty one; raises InvalidDate, FutureDate after `today`.

    Text is day first or ISO; a year of two digits is never in the future; numbers are Excel's days.
    """
    date = _read_date(cell, today)
    if date is not None and date > today:
        raise FutureDate
    return date


def _read_date(cell: Any, today: datetime.date) -> datetime.date | None:
    if isinstance(cell, str):
        text = cell.strip()
        return _date_in_text(text, today) if text else None
    if isinstance(cell, datetime.datetime):
        return cell.date()
    if isinstance(cell, datetime.date):
        return cell
    if cell is None:
        return None
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _from_serial(cell, today)
    raise InvalidDate


def _date_in_text(text: str, today: datetime.date) -> datetime.date | None:
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = match[1], match[3], match[4]
    elif match := _ISO.fullmatch(text):
        year, month, day = match[1], match[3], match[4]
    elif match := _SERIAL.fullmatch(text):
        return _from_serial(int(match[1]), today)
    else:
        return _date_in_words(text, today)
    if (" " in text or "T" in text) and not _TIME.search(text):
        raise InvalidDate
    return _date(int(day), int(month), year, today)


def _date_in_words(text: str, today: datetime.date) -> datetime.date | None:
    """ "12 de maio de 1980", and what Excel writes: "12/mai/80", "12-May-80"."""
    folded = " ".join(fold(text).split())
    if not folded:
        return None
    match = _NAMED_MONTH.fullmatch(folded)
    if not match:
        raise InvalidDate
    word = match[2][:3]
    month = _MONTHS.index(word) + 1 if word in _MONTHS else _ENGLISH_MONTHS.get(word, 0)
    return _date(int(match[1]), month, match[3], today)


def _date(day: int, month: int, year: str, today: datetime.date) -> datetime.date:
    try:
        if len(year) == 4:
            date = datetime.date(int(year), month, day)
            if date.year < FIRST_YEAR:
                raise InvalidDate
            return date
        date = datetime.date(2000 + int(year), month, day)
        return date if date <= today else datetime.date(1900 + int(year), month, day)
    except ValueError as error:
        raise InvalidDate from error


def _from_serial(days: float, today: datetime.date) -> datetime.date:
    """Excel's day number; one that can't be a birth date is refused rather than guessed."""
    if not 0 < days < 100_000 or days in _YEARS:
        raise InvalidDate
    date = _SERIAL_ZERO + datetime.timedelta(days=int(days))
    if date > today:
        raise InvalidDate
    return date


def read_answer(cell: Any) -> Answer:
    """What a cell says about receiving messages; text that is neither yes nor no is UNCLEAR."""
    if isinstance(cell, str):
        return _ANSWERS.get(cell) or _ANSWERS.get(cell.strip().lower(), Answer.UNCLEAR)
    if cell is None:
        return Answer.EMPTY
    if isinstance(cell, bool | int | float):
        return {1: Answer.YES, 0: Answer.NO}.get(
            int(cell) if cell in (0, 1) else -1, Answer.UNCLEAR
        )
    return Answer.UNCLEAR


def read_tags(cell: Any) -> list[str]:
    """Tags separated by commas, semicolons, bars or Google's " ::: ", each once.

    Google's own labels, which begin with a star ("* myContacts"), say nothing of the person.
    They may be more, or longer, than a contact can have: see tags_fault and cut_tags.
    """
    written = clean_text(cell)
    words = re.split(r":::|[,;|]", written) if isinstance(cell, str) else [written]
    tags = (word.strip() for word in words)
    return list(dict.fromkeys(tag for tag in tags if tag and not tag.startswith("* ")))


def tags_fault(tags: list[str]) -> str:
    """Why a contact can't have these tags as they are: LONG_TAG, MANY_TAGS, or "" if it can."""
    if max(map(len, tags), default=0) > MAX_TAG:
        return LONG_TAG
    return MANY_TAGS if len(tags) > MAX_TAGS else ""


def cut_tags(tags: list[str]) -> list[str]:
    """What of them a contact can have."""
    return list(dict.fromkeys(tag[:MAX_TAG].rstrip() for tag in tags))[:MAX_TAGS]
