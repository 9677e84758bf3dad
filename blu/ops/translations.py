"""The two catalogues of words, drawn from the sources by Babel (no gettext programs are needed).

`en`: Portuguese is what our sources speak; every marked string of ours and its English.
`pt_BR`: what libraries say in English and have not put into Portuguese themselves, and what they say
beside a field, which we say in our own way.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
OURS = ("blu", "contacts", "campaigns", "sessions", "templates")
# A program of its own, which stands for WhatsApp and its phones: it speaks as they do.
NOT_OURS = ("sessions/simulator/", "/migrations/")
# The parts of libraries that support staff sees, as regular expressions on the path.
LIBRARIES = {
    "unfold": r"unfold/(?!contrib/(?!filters|simple_history))(?!templates/unfold_crispy)",
    "django_q": r"django_q/(models|admin)\.py",
}
# Where a library's English may already have its Portuguese.
SPOKEN = ("django", "django.contrib.admin", "django.contrib.auth", "allauth", "simple_history")
# What Django and allauth say beside a field; their own Portuguese isn't that of our pages.
SAID_ANEW: tuple[str | tuple[str, str], ...] = (
    "Enter a valid email address.",
    (
        "Ensure this value has at most %(limit_value)d character (it has %(show_value)d).",
        "Ensure this value has at most %(limit_value)d characters (it has %(show_value)d).",
    ),
    "Ensure this value is greater than or equal to %(limit_value)s.",
    "Ensure this value is less than or equal to %(limit_value)s.",
    "Select a valid choice. %(value)s is not one of the available choices.",
    "Select a valid choice. That choice is not one of the available choices.",
    "The password is too similar to the %(verbose_name)s.",
    "This field is required.",
    "This password is entirely numeric.",
    "This password is too common.",
    (
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
    "You must type the same password each time.",
)
WIDTH = 100
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Language:
    """One catalogue: its folder below blu/locale, and the roots its strings come from."""

    code: str
    plural: str

    @property
    def po(self) -> Path:
        """What people translate."""
        return Path(settings.LOCALE_PATHS[0]) / self.code / "LC_MESSAGES" / "django.po"

    @property
    def mo(self) -> Path:
        """What Django reads."""
        return self.po.with_suffix(".mo")


ENGLISH = Language("en", "nplurals=2; plural=(n != 1);")
PORTUGUESE = Language("pt_BR", "nplurals=2; plural=(n > 1);")
LANGUAGES = (ENGLISH, PORTUGUESE)


def sources(language: Language) -> Iterator[tuple[Path, str]]:
    """The files whose strings belong to a catalogue, each with the name it goes by there."""
    if language is ENGLISH:
        roots = [(settings.BASE / name, settings.BASE, "") for name in OURS]
    else:
        roots = [(package(name), package(name).parent, seen) for name, seen in LIBRARIES.items()]
    for root, base, seen in roots:
        for path in sorted(root.rglob("*")):
            name = path.relative_to(base).as_posix()
            is_source = path.suffix in (".py", ".html", ".txt") and re.match(seen, name)
            if is_source and not any(part in name for part in NOT_OURS):
                yield path, name


def package(name: str) -> Path:
    """Where an installed package lies."""
    spec = find_spec(name)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


def gather(language: Language) -> Catalog:
    """Every marked string of the sources, untranslated."""
    found = blank(language)
    known = said_by_libraries() if language is PORTUGUESE else set()
    for path, name in sources(language):
        for message, comments, context in strings(path):
            if message not in known:
                found.add(message, locations=[(name, 0)], auto_comments=comments, context=context)
    for message in SAID_ANEW if language is PORTUGUESE else ():
        found.add(message, locations=[("django, allauth", 0)])
    return found


def blank(language: Language) -> Catalog:
    """A catalogue with a header that says the same every day."""
    return Catalog(
        locale=language.code,
        project="blü",
        version="1",
        copyright_holder="",
        fuzzy=False,
        creation_date=None,
        revision_date=None,
        header_comment=f"# Words of blü ({language.code}). Written by: manage.py messages",
    )


def strings(path: Path) -> Iterator[tuple[str | tuple[str, ...], list[str], str | None]]:
    """The marked strings of one file: (message or (singular, plural), comments, context)."""
    text = path.read_text("utf-8")
    if path.suffix != ".py":
        # Within brackets Python's tokens may stand at any indentation.
        text = f"(\n{templatize(text, origin=str(path))}\n)"
    stream = io.BytesIO(text.encode())
    for _line, message, comments, context in extract(
        "python", stream, keywords=KEYWORDS, comment_tags=("Translators:",)
    ):
        if message and message != ("", ""):
            yield message, comments, context


def said_by_libraries() -> set[str | tuple[str, ...]]:
    """What Django and others already say in Brazilian Portuguese."""
    said: set[str | tuple[str, ...]] = set()
    for name in SPOKEN:
        path = package(name) / ("conf/locale" if name == "django" else "locale")
        compiled = path / "pt_BR" / "LC_MESSAGES" / "django.mo"
        with compiled.open("rb") as stream:
            said |= {frozen(message.id) for message in read_mo(stream) if message.string}
    return said


def frozen(words: str | Sequence[str]) -> str | tuple[str, ...]:
    """A message, or singular and plural, as something that fits a set."""
    return words if isinstance(words, str) else tuple(words)


def merge(language: Language) -> Catalog:
    """The sources' strings with the translations that the catalogue already has."""
    fresh = gather(language)
    if not language.po.exists():
        return fresh
    kept = read(language)
    for message in fresh:
        old = kept.get(message.id, message.context) if message.id else None
        # A string that has become a plural needs words for both of its forms.
        if old is not None and old.pluralizable == message.pluralizable:
            message.string = old.string
    return fresh


def write(language: Language) -> Catalog:
    """Write the .po from the sources and the .mo from it."""
    language.po.parent.mkdir(parents=True, exist_ok=True)
    language.po.write_bytes(as_po(merge(language)))
    catalogue = read(language)
    language.mo.write_bytes(as_mo(catalogue))
    return catalogue


def read(language: Language) -> Catalog:
    """The .po as it is."""
    with language.po.open("rb") as stream:
        return read_po(stream, locale=language.code)


def as_po(catalogue: Catalog) -> bytes:
    """The text of a .po, without line numbers or dates: it changes only when words do."""
    stream = io.BytesIO()
    write_po(stream, catalogue, width=WIDTH, sort_output=True, include_lineno=False)
    dated = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Last-Translator', b'"Language-Team')
    kept = [line for line in stream.getvalue().split(b"\n") if not line.startswith(dated)]
    return b"\n".join(kept)


def as_mo(catalogue: Catalog) -> bytes:
    """The bytes of a .mo, the same on any day."""
    catalogue.creation_date = catalogue.revision_date = LONG_AGO
    stream = io.BytesIO()
    write_mo(stream, catalogue)
    return stream.getvalue()


def untranslated(catalogue: Iterable[Message]) -> list[Message]:
    """The messages without words, or with one plural form of two."""
    return [message for message in catalogue if message.id and not is_whole(message)]


def is_whole(message: Message) -> bool:
    """Every form is there."""
    forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
    return all(forms) and not message.fuzzy
