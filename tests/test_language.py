"""Every word that a person reads is Brazilian Portuguese, marked, and has its English."""

import os
import re
import shutil
import string
from collections import Counter
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Message
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.utils.functional import Promise
from django.utils.translation import gettext, override, trans_real

from tests.language import catalogues, python, templates

OURS = ("accounts", "contacts", "campaigns", "wa_sessions")
TEMPLATES = sorted((settings.BASE / "templates").rglob("*.*"))
# Modules whose Portuguese isn't said by the product, and why.
NOT_SAID = {
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
GETTEXT = pytest.mark.skipif(
    shutil.which("xgettext") is None and "CI" not in os.environ,
    reason="xgettext is missing: install gettext",
)
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


def copied(tree: Path) -> Path:
    """Our sources in a folder of their own: templates are rewritten beside themselves when they are read."""
    for root in ("blu", "contacts", "campaigns", "sessions", "templates"):
        shutil.copytree(settings.BASE / root, tree / root, ignore=shutil.ignore_patterns("*.pyc"))
    return tree / "blu" / "locale"


@GETTEXT
def test_the_english_catalogue_holds_every_string_of_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    drawn = copied(tmp_path)
    settings.LOCALE_PATHS = [drawn]
    monkeypatch.chdir(tmp_path)
    call_command("messages", verbosity=0)
    fresh, ours = catalogues.read("en", drawn), catalogues.read("en")
    assert catalogues.said(fresh) == catalogues.said(ours), "run: manage.py messages"


@GETTEXT
def test_what_support_sees_of_libraries_is_portuguese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """All that they mark, but what no page of ours shows."""
    known = trans_real.translation("pt-br")._catalog
    unfold, django_q = (Path(apps.get_app_config(label).path) for label in ("unfold", "django_q"))
    shown = {"filters", "simple_history"}
    unused = [
        f"unfold/contrib/{each.name}"
        for each in (unfold / "contrib").iterdir()
        if each.name not in shown
    ]
    shutil.copytree(unfold, tmp_path / "unfold", ignore=shutil.ignore_patterns("locale"))
    for name in ("models.py", "admin.py"):
        shutil.copy(django_q / name, tmp_path)
    settings.LOCALE_PATHS = [tmp_path / "drawn"]
    monkeypatch.chdir(tmp_path)
    ignored = [*unused, "unfold/templates/unfold_crispy"]
    call_command("makemessages", locale=["en"], ignore_patterns=ignored, verbosity=0)
    marked = [message.id for message in catalogues.read("en", tmp_path / "drawn") if message.id]
    assert len(marked) > 100
    assert [one for one in marked if one not in known and (one[0], 0) not in known] == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_string_has_its_translation(language: str) -> None:
    missing = [m.id for m in catalogues.read(language) if m.id and not catalogues.is_whole(m)]
    assert missing == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_a_translation_fills_in_what_the_original_fills_in(language: str) -> None:
    wrong = [
        m.id
        for m in catalogues.read(language)
        if m.id and catalogues.is_whole(m) and not same_places(m)
    ]
    assert wrong == []


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_text(language: str) -> None:
    compiled, text = catalogues.read_compiled(language), catalogues.read(language)
    assert catalogues.said(compiled) == catalogues.said(text), "run: manage.py messages"


def same_places(message: Message) -> bool:
    """No form fills in anything that the original doesn't, or oftener, and the last one fills in all of it."""
    originals, forms = catalogues.forms(message.id), catalogues.forms(message.string)
    fullest = reduce(or_, (Counter(PLACES.findall(original)) for original in originals))
    said = [Counter(PLACES.findall(form)) for form in forms]
    return all(places <= fullest for places in said) and (
        said[-1].keys() == set(PLACES.findall(originals[-1]))
    )


def test_portuguese_is_what_the_sources_say_and_english_is_a_choice() -> None:
    assert gettext("Pular para o conteúdo") == "Pular para o conteúdo"
    with override("en"):
        said = gettext("Pular para o conteúdo")
    assert said != "Pular para o conteúdo"
    assert set(said) <= set(string.printable)
