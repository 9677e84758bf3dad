"""Where the proof of a consent is: a kind and a reference, put into words where it is shown."""

from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _


class EvidenceKind(models.TextChoices):
    """What a reference points to."""

    NONE = "", ""
    NOTE = "note", _("anotação da equipe")
    IMPORT = "import", _("linha de uma planilha")
    MESSAGE = "message", _("mensagem da pessoa")
    NUMBER = "number", _("número corrigido")
    CODE = "code", _("código que a pessoa digitou")
    PAGE = "page", _("página da pessoa")


class Evidence(NamedTuple):
    """The reference is, by kind: the team's own words, the row of the sheet, WhatsApp's id of the
    message, the number as E.164 under which the person goes on, the key of the request whose code was typed, or
    `page:` and the key of the contacts.PreferenceChange.
    """

    kind: EvidenceKind = EvidenceKind.NONE
    reference: str = ""


NOTHING = Evidence()


def note(words: str) -> Evidence:
    """A team member's note: where the paper is, or what was said. None for no words."""
    return Evidence(EvidenceKind.NOTE, words[:300]) if words else NOTHING


def message(message_id: str) -> Evidence:
    """A message of the person's own."""
    return Evidence(EvidenceKind.MESSAGE, message_id)


def number(phone: str) -> Evidence:
    """The number that took the place of the one agreed under."""
    return Evidence(EvidenceKind.NUMBER, phone)


def typed_code(request: int) -> Evidence:
    """A code that went to the number, and was typed on the page of that request (contacts.OptIn)."""
    return Evidence(EvidenceKind.CODE, str(request))


def page(change: int) -> Evidence:
    """A change that the person made on their own page."""
    return Evidence(EvidenceKind.PAGE, f"page:{change}")
