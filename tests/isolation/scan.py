"""What the product really has: addresses, choices in forms, parameters read by views, fields of the API."""

import ast
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, TypeGuard

from django import forms
from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework import relations, serializers, viewsets

from sessions import registry, webhooks

OURS = ("blu", "contacts", "campaigns", "sessions")
# The admin has its own rule, tested in tests/blu/support/test_admin.py: staff sees all, others get a 404.
OUTSIDE = "admin/"
# Forms of the admin that live beside their likes of the pages.
SUPPORT_ONLY = ("RaiseForm",)
BAGS = ("GET", "POST", "query_params", "data")
NOT_READERS = (
    "render",
    "redirect",
    "success",
    "error",
    "warning",
    "info",
    "may",
    "getattr",
)


def routes() -> dict[str, set[str]]:
    """The name of every address outside the admin, with the names of its keys."""
    found: dict[str, set[str]] = {}

    def walk(patterns: list[Any], before: str, keys: set[str]) -> None:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            here = keys | set(pattern.pattern.converters) | set(pattern.pattern.regex.groupindex)
            if isinstance(pattern, URLResolver) and not route.startswith(OUTSIDE):
                walk(pattern.url_patterns, route, here)
            elif isinstance(pattern, URLPattern):
                assert pattern.name, f"{route} has no name"
                found[pattern.name] = here

    walk(get_resolver().url_patterns, "", set())
    return found


def told_by_kinds() -> set[str]:
    """The names of the addresses at which kinds of links are told something by other servers."""
    return set(webhooks.views_of(registry.addresses()))


def modules() -> Iterator[tuple[str, Path]]:
    """Our modules that may read what a person sends; a kind's read what is signed."""
    for root in OURS:
        for path in sorted((settings.BASE / root).rglob("*.py")):
            name = ".".join(path.relative_to(settings.BASE).with_suffix("").parts)
            if not any(
                part in name
                for part in (".migrations", ".simulator", ".management", ".transports", "wsgi")
            ):
                yield name.removesuffix(".__init__"), path


def subclasses(base: type) -> set[type]:
    """All classes of ours below `base`, with every module of ours imported."""
    for name, _path in modules():
        import_module(name)
    found: set[type] = set()
    left: list[type] = [base]
    while left:
        below: list[type] = left.pop().__subclasses__()
        for cls in below:
            left.append(cls)
            found.add(cls)
    return {
        cls
        for cls in found
        if cls.__module__.split(".")[0] in OURS and not is_of_the_admin(cls.__module__)
    }


def is_of_the_admin(module: str) -> bool:
    """Its site, its entry, and every module of its pages."""
    here = module in ("blu.support.entry", "blu.support.site")
    return here or ".admin" in module or "admin_" in module


def choices() -> set[tuple[str, str]]:
    """(form, field) of every choice among rows."""
    return {
        (form.__name__, name)
        for form in subclasses(forms.BaseForm)
        if form.__name__ not in SUPPORT_ONLY
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field, forms.ModelChoiceField)
    }


@cache
def parameters() -> frozenset[tuple[str, str]]:
    """(module, parameter) of everything that views read from an address or a posted form."""
    return frozenset(
        (module, name)
        for module, path in modules()
        if not is_of_the_admin(module)
        for name in read_by(ast.parse(path.read_text("utf-8")))
    )


def read_by(tree: ast.AST) -> Iterator[str]:
    """The constants in `request.GET.get("x")`, `request.POST["x"]`, `"x" in request.POST`, `key_in(request, "x")`.

    A name given to what was sent (a parameter typed QueryDict, `data = request.POST`) counts as well.
    """
    names = set(bag_names(tree))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            yield from constants(node.args[:1] if reads_bag(node.func, names) else second(node))
        elif is_read(node) and is_bag(node.value, names):
            yield from constants([node.slice])
        elif isinstance(node, ast.Compare) and is_bag(node.comparators[0], names):
            yield from constants([node.left])


def is_read(node: ast.AST) -> TypeGuard[ast.Subscript]:
    """`something["x"]`, not on the left of an assignment."""
    return isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load)


def bag_names(tree: ast.AST) -> Iterator[str]:
    """Names that stand for what was sent."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and "QueryDict" in ast.dump(node.annotation or ast.Pass()):
            yield node.arg
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            is_form = isinstance(node.value, ast.Call) and name_of(node.value.func)[:1].isupper()
            inside = any(is_bag(part, set()) for part in ast.walk(node.value))
            called = any(reads_bag(part, set()) for part in ast.walk(node.value))
            if inside and not is_form and not called:
                yield node.targets[0].id


def name_of(function: ast.expr) -> str:
    """The last word of what is called."""
    return str(getattr(function, "attr", getattr(function, "id", "")))


def reads_bag(function: ast.AST, names: set[str]) -> bool:
    """`request.GET.get` and its like."""
    return (
        isinstance(function, ast.Attribute)
        and function.attr in ("get", "getlist", "pop")
        and is_bag(function.value, names)
    )


def is_bag(value: ast.AST, names: set[str]) -> bool:
    """`request.GET`, `request.POST`, `request.query_params`, `request.data`, or one of `names`."""
    if isinstance(value, ast.Name):
        return value.id in names
    return (
        isinstance(value, ast.Attribute)
        and value.attr in BAGS
        and isinstance(value.value, ast.Name | ast.Attribute)
        and name_of(value.value) == "request"
    )


def second(call: ast.Call) -> list[ast.expr]:
    """The second argument of a helper that is given the request."""
    given = isinstance(call.args[0], ast.Name) and call.args[0].id == "request"
    return call.args[1:2] if given and name_of(call.func) not in NOT_READERS else []


def constants(nodes: list[ast.expr]) -> Iterator[str]:
    """The strings among them."""
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def writable() -> set[tuple[str, str]]:
    """(serializer, field) of every field of the API that takes a row's key."""
    return {
        (cls.__name__, name)
        for cls in subclasses(serializers.ModelSerializer)
        for name, field in cls().fields.items()
        if isinstance(field, relations.RelatedField | relations.ManyRelatedField)
        and not field.read_only
    }


def filters() -> dict[str, set[str]]:
    """The filters of every view set."""
    return {
        cls.__name__: set(cls.filterset_fields)  # type: ignore[attr-defined]
        for cls in subclasses(viewsets.GenericViewSet)
        if getattr(cls, "filterset_fields", None)
    }
