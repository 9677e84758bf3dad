"""Strings in Python that a person reads and that no gettext function takes."""

import ast
import re
from collections.abc import Iterator

from tests.language.templates import NAMES

MARKS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
    "npgettext",
    "npgettext_lazy",
}
# What a person reads, by where it is put.
SPOKEN_KEYWORDS = {
    "label",
    "help_text",
    "verbose_name",
    "verbose_name_plural",
    "empty_label",
    "description",
    "search_help_text",
}
SPOKEN_NAMES = {"verbose_name", "verbose_name_plural", "search_help_text", "index_title"}
SPOKEN_TABLES = {"labels", "help_texts", "error_messages"}
SPOKEN_CALLS = {"ValidationError", "Refused", "PermissionDenied", "add_error", "message_user"}
MESSAGES = {"success", "error", "warning", "info", "debug"}

PORTUGUESE = re.compile(
    r"[áàâãéêíóôõúçÁÀÂÃÉÊÍÓÔÕÚÇ]"
    r"|\b(?:de|da|dos|das|para|por|sem|que|uma|ao|você|foi|este|esta|Nenhum|Nada|Falta)\b",
)
A_SENTENCE = re.compile(r"[^\W\d_]{2,} [^\W\d_]")
A_WORD = re.compile(r"[^\W\d_]{2,}")


def unmarked(source: str) -> Iterator[tuple[int, str]]:
    """(line, text) of strings in a spoken place, and of any string that looks Portuguese."""
    tree = ast.parse(source)
    silent = marked(tree) | docstrings(tree)
    spoken = set(places(tree))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            continue
        if id(node) in silent:
            continue
        said = NAMES.sub("", node.value)
        if (id(node) in spoken and A_WORD.search(said)) or looks_portuguese(said):
            yield node.lineno, node.value


def looks_portuguese(text: str) -> bool:
    """Two words or more, and a letter or a word that only Portuguese has."""
    return bool(A_SENTENCE.search(text) and PORTUGUESE.search(text))


def marked(tree: ast.AST) -> set[int]:
    """Every string inside a call of gettext's family."""
    return {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name_of(node.func) in MARKS
        for inner in ast.walk(node)
    }


def docstrings(tree: ast.AST) -> set[int]:
    """Docstrings and other strings that stand alone."""
    return {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def places(tree: ast.AST) -> Iterator[int]:
    """Where a plain string would be read by a person."""
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword):
            yield from named(node.arg or "", node.value, SPOKEN_KEYWORDS)
        elif isinstance(node, ast.Assign):
            yield from named(getattr(node.targets[0], "id", ""), node.value, SPOKEN_NAMES)
        elif isinstance(node, ast.Call):
            yield from said_in(node)
        elif isinstance(node, ast.ClassDef) and any("Choices" in name_of(b) for b in node.bases):
            yield from choices(node)


def named(name: str, value: ast.expr, spoken: set[str]) -> Iterator[int]:
    """What is given under a name that is read."""
    if name in spoken:
        yield id(value)
    elif name in SPOKEN_TABLES:
        yield from values(value)


def said_in(call: ast.Call) -> Iterator[int]:
    """The arguments of a call that end before a person."""
    name = name_of(call.func)
    owner = name_of(call.func.value) if isinstance(call.func, ast.Attribute) else ""
    if name in MESSAGES and owner == "messages":
        yield from map(id, call.args[1:])
    elif name in SPOKEN_CALLS:
        yield from map(id, call.args[1:] if name == "add_error" else call.args)
    elif name.endswith("Field") and owner == "models" and not re.search("Foreign|OneToOne", name):
        yield from map(id, call.args[:1])


def values(node: ast.expr) -> Iterator[int]:
    """The values of a table, at any depth."""
    for inner in node.values if isinstance(node, ast.Dict) else ():
        yield id(inner)
        yield from values(inner)


def choices(node: ast.ClassDef) -> Iterator[int]:
    """The words beside the values of a TextChoices."""
    for line in node.body:
        if isinstance(line, ast.Assign) and isinstance(line.value, ast.Tuple):
            yield from map(id, line.value.elts[1:])


def name_of(function: ast.expr) -> str:
    """The last word of what is called."""
    return str(getattr(function, "attr", getattr(function, "id", "")))
