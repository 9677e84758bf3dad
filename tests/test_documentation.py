"""What the documentation names is there: modules, their members, models, files, commands, decisions."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import get_commands

DOCS: Path = settings.BASE / "docs"
PAGES = ("ARCHITECTURE.md", "CONTRIBUTING.md", "GLOSSARY.md")
QUOTED = re.compile(r"`([^`\n]+)`")
DOTTED = re.compile(r"(?:blu|campaigns|contacts|sessions|tests)(?:\.\w+)+")
A_PATH = re.compile(r"(?:blu|campaigns|contacts|sessions|tests|docs|templates|static)/[\w./*-]*")
COMMAND = re.compile(r"manage\.py (\w+)")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)\)")


def missing(text: str) -> list[str]:
    """What a page names and the tree has not."""
    quoted = QUOTED.findall(text)
    found = [word for words in quoted for word in DOTTED.findall(words) if "/" not in words]
    away = [word for word in found if not is_there(word)]
    paths = [path for words in quoted for path in A_PATH.findall(words)]
    away += [path for path in paths if not list(settings.BASE.glob(path.rstrip("/")))]
    away += [name for name in COMMAND.findall(text) if name not in get_commands()]
    return away + [link for link in LINK.findall(text) if not (DOCS / link).exists()]


def is_there(dotted: str) -> bool:
    """Returns whether this is a module, something in one, or a model by its app and name."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = import_module(".".join(parts[:end]))
        except ModuleNotFoundError:
            continue
        if end == 1 and len(parts) == 2 and not hasattr(found, parts[1]):
            app = next(one for one in apps.get_app_configs() if one.name == parts[0])
            return parts[1].lower() in app.models
        return not parts[end:] or _has(found, parts[end:])
    return False


def _has(thing: object, names: list[str]) -> bool:
    for name in names:
        fields = getattr(thing, "__dataclass_fields__", {})
        if not hasattr(thing, name):
            return name in fields and name == names[-1]
        thing = getattr(thing, name)
    return True


@pytest.mark.parametrize("page", PAGES)
def test_whatever_a_page_of_the_documentation_names_is_there(page: str) -> None:
    assert missing((DOCS / page).read_text(encoding="utf-8")) == []


def test_what_is_gone_is_seen() -> None:
    text = "`sessions.driving.care`, `blu/lib/kept.py`, `sessions.Nobody`, `manage.py nothing`, [x](decisions/9999-no.md)"
    assert missing(text) == [
        "sessions.driving.care", "sessions.Nobody", "blu/lib/kept.py", "nothing", "decisions/9999-no.md",
    ]  # fmt: skip
