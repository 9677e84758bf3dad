"""Sentences that a session's history keeps: stored in Portuguese, told in the language of who reads."""

import re

from django.utils.translation import gettext, gettext_noop

CREATED = gettext_noop("Criado por %(person)s")
UNLINKED = gettext_noop("Desconectado por %(person)s")
REPLACED = gettext_noop("Trocado por outro jeito de conectar.")
GIVEN_UP = gettext_noop("Você desistiu desta vez.")

_WITH_A_NAME = {
    template: re.compile(re.escape(template).replace(r"%\(person\)s", "(?P<person>.+)"))
    for template in (CREATED, UNLINKED)
}


def told(kept: str) -> str:
    """What was kept, for the reader; a sentence that nobody translated stays as it is."""
    for template, pattern in _WITH_A_NAME.items():
        if found := pattern.fullmatch(kept):
            return gettext(template) % found.groupdict()
    return gettext(kept) if kept else ""
