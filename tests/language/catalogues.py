"""The two catalogues: English for what our sources say, Portuguese for what libraries say in English only."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.conf import settings

LANGUAGES = ("en", "pt_BR")
LOCALE = Path(settings.LOCALE_PATHS[0])


def read(language: str, locale: Path = LOCALE) -> Catalog:
    """What people translate."""
    with (locale / language / "LC_MESSAGES" / "django.po").open("rb") as stream:
        return read_po(stream, locale=language)


def read_compiled(language: str) -> Catalog:
    """What Django reads."""
    with (LOCALE / language / "LC_MESSAGES" / "django.mo").open("rb") as stream:
        catalogue = read_mo(stream)
    for message in catalogue:
        context: object = message.context
        if isinstance(context, bytes):  # as Babel leaves it there
            message.context = context.decode()
    return catalogue


def said(catalogue: Iterable[Message]) -> dict[tuple[str | None, tuple[str, ...]], tuple[str, ...]]:
    """The words of each message, by its context and itself."""
    return {(m.context, forms(m.id)): forms(m.string) for m in catalogue if m.id}


def forms(words: str | Sequence[str]) -> tuple[str, ...]:
    """A message, or singular and plural."""
    return (words,) if isinstance(words, str) else tuple(words)


def is_whole(message: Message) -> bool:
    """Every form is there."""
    return all(forms(message.string)) and not message.fuzzy
