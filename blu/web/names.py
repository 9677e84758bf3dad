"""Names that people give to themselves and to their things, and that stand in our pages and mails.

A name is one line of words. It holds neither link nor invisible character, so that a mail of ours never
says what a stranger wrote as if we said it: refused when it is typed (`refuse_unless_a_name`), refused
by the database (`in_one_line`), and made harmless once more where a mail quotes it (`quoted`).
"""

import re
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from blu.text.normal_form import normalized

if TYPE_CHECKING:
    CharField = models.CharField[str, str]
else:
    CharField = models.CharField

# Control characters, line and paragraph separators, and what turns or hides letters. The joiners of
# composed emoji (U+200C, U+200D) are none of them. Python and PostgreSQL read these alike.
_UNSEEN = r"[\u0001-\u001f\u007f-\u009f\u00ad\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
_MARKED_LINK = r"://|www\."

LONGEST = 1000  # letters; every name's own limit is lower
_unseen = re.compile(_UNSEEN)
_marked_link = re.compile(_MARKED_LINK, re.IGNORECASE)
# Begins at the first letter of a word alone: from each one anew a long word without a dot would take hours.
_dotted = re.compile(r"(?<![\w-])([\w-]+)\.(?=([^\W\d_]{2,})(/?))")
_machine = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_between_letters = re.compile(r"(?<=[\w-])\.(?=[^\W\d_])")
_to_call = re.compile(r"\+?\d(?:[\W_]*\d){6,}")  # 7 digits and more, however they are parted
_quotes = str.maketrans(dict.fromkeys('“”„"«»', "'"))
# What stands before a dot without a space in Brazilian names: Dr.Silva, Dra.Ana, Sta.Rita.
_short = re.compile(
    "adv|av|cel|cia|dep|des|dom|dra?|enf|eng|esc|est|exc|fr|jr|ltda|min|ms|msc|ne|pe|profa?|rev|"
    "sra?s?|srta|st|sta|sto|tec|ten|vet",
    re.IGNORECASE,
)
_site = re.compile("app|biz|br|co|com|dev|info|io|me|net|online|org|site|xyz", re.IGNORECASE)
# What browsers take for a dot as well.
_dots = str.maketrans("．。｡", "...")


def refuse_unseen(text: str) -> None:
    """A validator of models and forms. Raises ValidationError with a sentence for the person."""
    if _unseen.search(text):
        raise ValidationError(_("Escreva numa linha só, sem caracteres invisíveis."), code="unseen")


def refuse_unless_a_name(text: str) -> None:
    """The same, for what may stand in a mail of ours: no links either. Of what no name can be its length tells."""
    if len(text) > LONGEST:
        return
    refuse_unseen(text)
    if _holds_a_link(normalized("NFKC", text.translate(_dots))):
        raise ValidationError(_("Um nome não leva link nem endereço de site."), code="link")


def _holds_a_link(text: str) -> bool:
    """Whether a mail program might make a link of a part of it."""
    if _marked_link.search(text) or _machine.search(text):
        return True
    dotted = ((before.lstrip("_-"), *after) for before, *after in _dotted.findall(text))
    return any(before and not _is_short(before, *after) for before, *after in dotted)


def _is_short(before: str, after: str, slash: str) -> bool:
    """An initial or a title whose space was forgotten (J.Silva, dra.ana), not a site."""
    if slash or _site.fullmatch(after):
        return False
    return bool(_short.fullmatch(before)) or (len(before) == 1 and after[0].isupper())


def unlinked(text: object) -> str:
    """The text on one line, and with a space wherever a mail program would see a link."""
    line = " ".join(_unseen.sub(" ", str(text)).translate(_dots).split())
    return _between_letters.sub(". ", line.replace("://", ": //"))


def quoted(text: object) -> str:
    """The same between quotation marks, which it can't close, and without a number to call: “Clínica 24h”."""
    return f"“{_to_call.sub('…', unlinked(text)).translate(_quotes)}”"


class NameField(CharField):
    """A name, validated in every form; its model has an `in_one_line` besides."""

    default_validators = [refuse_unless_a_name]


def in_one_line(name: str) -> models.CheckConstraint:
    """Returns the constraint of this name by which the database itself refuses line breaks in `name`."""
    return models.CheckConstraint(
        name=name, condition=~models.Q(name__iregex=f"{_UNSEEN}|{_MARKED_LINK}")
    )
