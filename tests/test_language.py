"""Every word that a person reads is Brazilian Portuguese, marked, and has its English."""

import re
import string
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from django.apps import apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, override

from blu.ops import translations
from tests.language import python, templates

OURS = ("accounts", "contacts", "campaigns", "wa_sessions")
TEMPLATES = sorted((settings.BASE / "templates").rglob("*.*"))
# Modules whose Portuguese isn't said by the product, and why.
NOT_SAID = {
    "blu/text/keywords.py": "words that people write to us",
    "campaigns/replies/doubt_phrases.py": "words that people write to us",
    "campaigns/replies/phrases.py": "words that people write to us",
    "campaigns/replies/verbs.py": "forms of words that people write to us",
    "campaigns/replies/vocabulary.py": "words that people write to us",
    "blu/ops/browser_path.py": "told by transports, which know no Django and so no gettext",
    "blu/text/phone.py": "words found in cells of spreadsheets",
    "contacts/spreadsheets/header.py": "titles found in spreadsheets",
    "contacts/spreadsheets/cells.py": "answers found in spreadsheets",
}
# Left out: programs for those who run blü (commands, benches, rehearsals), which speak English, and
# the simulator, which plays somebody else.
SOURCES = [
    path
    for root in ("blu", "contacts", "campaigns", "sessions")
    for path in sorted((settings.BASE / root).rglob("*.py"))
    if not re.search(
        r"/(?:migrations|simulator|transports|management|lab)/",
        path.relative_to(settings.BASE).as_posix(),
    )
]
PLACES = re.compile(r"%\(\w+\)[sd]|%[sd]|{\w*}")


def name(path: Path) -> str:
    return path.relative_to(settings.BASE).as_posix()


def test_a_template_shows_no_word_that_is_not_marked() -> None:
    found = {name(path): list(templates.unmarked(path.read_text("utf-8"))) for path in TEMPLATES}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "source",
    [
        "<p>Nada aqui</p>",
        '<input placeholder="Buscar">',
        '<button aria-label="Fechar"></button>',
        '{% include "x.html" with title="Nada aqui" %}',
        '{{ name|default:"sem nome" }}',
        "{% if a %}Sim{% endif %}",
    ],
)
def test_an_unmarked_word_in_a_template_is_seen(source: str) -> None:
    assert list(templates.unmarked(source))


def test_a_module_says_nothing_that_is_not_marked() -> None:
    spoken = [path for path in SOURCES if name(path) not in NOT_SAID]
    found = {name(path): list(python.unmarked(path.read_text("utf-8"))) for path in spoken}
    assert {path: words for path, words in found.items() if words} == {}


@pytest.mark.parametrize(
    "source",
    [
        "messages.error(request, 'Falhou')",
        "raise forms.ValidationError('Falta')",
        "forms.CharField(label='Nome')",
        "class A(TextChoices):\n    B = 'b', 'feito'",
        "class Meta:\n    labels = {'a': 'Nome'}",
        "models.CharField('nome', max_length=3)",
        "x = 'Nada foi importado desta vez'",
    ],
)
def test_an_unmarked_word_in_a_module_is_seen(source: str) -> None:
    assert list(python.unmarked(source))


def test_every_column_has_a_marked_name() -> None:
    """The admin shows them all."""
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            for field in model._meta.fields:
                if field.primary_key or model.__name__.startswith("Historical"):
                    continue
                assert isinstance(field.verbose_name, Promise), f"{model.__name__}.{field.name}"
                assert not field.help_text or isinstance(field.help_text, Promise), field.help_text


@pytest.mark.parametrize("language", translations.LANGUAGES, ids=lambda one: one.code)
def test_the_catalogue_holds_every_string_of_the_sources(language: translations.Language) -> None:
    assert language.po.read_bytes() == translations.as_po(translations.merge(language)), (
        "run: manage.py messages"
    )


@pytest.mark.parametrize("language", translations.LANGUAGES, ids=lambda one: one.code)
def test_every_string_has_its_translation(language: translations.Language) -> None:
    missing = translations.untranslated(translations.read(language))
    assert [message.id for message in missing] == []


@pytest.mark.parametrize("language", translations.LANGUAGES, ids=lambda one: one.code)
def test_a_translation_fills_in_what_the_original_fills_in(language: translations.Language) -> None:
    wrong = [
        m.id
        for m in translations.read(language)
        if m.id and translations.is_whole(m) and not same_places(m)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", translations.LANGUAGES, ids=lambda one: one.code)
def test_the_compiled_catalogue_is_that_of_the_text(language: translations.Language) -> None:
    assert language.mo.read_bytes() == translations.as_mo(translations.read(language)), (
        "run: manage.py messages"
    )


def same_places(message: Message) -> bool:
    """No form fills in anything that the original doesn't, and the last one fills in all of it."""
    originals = message.id if isinstance(message.id, list | tuple) else (message.id,)
    forms = message.string if isinstance(message.string, list | tuple) else (message.string,)
    wanted = {place for original in originals for place in PLACES.findall(original)}
    said = [set(PLACES.findall(form)) for form in forms]
    return all(places <= wanted for places in said) and said[-1] == set(
        PLACES.findall(originals[-1])
    )


def test_a_string_that_became_a_plural_is_translated_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    fresh, kept = Catalog(locale="en"), Catalog(locale="en")
    fresh.add(("dia", "dias"))
    fresh.add("mês")
    kept.add("dia", "day")
    kept.add("mês", "month")
    monkeypatch.setattr(translations, "gather", lambda _language: fresh)
    monkeypatch.setattr(translations, "read", lambda _language: kept)
    merged = translations.merge(translations.ENGLISH)
    assert [message.string for message in merged if message.id] == [("", ""), "month"]


def test_portuguese_is_what_the_sources_say_and_english_is_a_choice() -> None:
    assert gettext("Pular para o conteúdo") == "Pular para o conteúdo"
    with override("en"):
        said = gettext("Pular para o conteúdo")
    assert said != "Pular para o conteúdo"
    assert set(said) <= set(string.printable)
