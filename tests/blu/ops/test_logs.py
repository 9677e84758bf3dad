"""What stands in the log: no key by which somebody gets in."""

import logging
import re

import pytest
import structlog
from django.urls import URLPattern, URLResolver, get_resolver

from blu.ops.logs import without_keys

SECRET = "t2-5.1vQxyz.KEY-that_nobody:may-read"


def with_a_key(found: URLResolver, before: str = "") -> list[str]:
    """The addresses of which a part is a key, with one in it."""
    paths: list[str] = []
    for one in found.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            paths += with_a_key(one, route)
        elif isinstance(one, URLPattern) and re.search(r"(str:token|<key>|<uidb36>)", route):
            filled = re.sub(r"\(\?P<\w+>[^)]*\)|<str:\w+>", SECRET, route)
            paths.append("/" + filled.replace("^", "").replace("$", ""))
    return paths


@pytest.mark.parametrize("path", with_a_key(get_resolver()))
def test_no_key_of_a_link_stands_in_the_log(path: str) -> None:
    assert SECRET in path
    record = logging.LogRecord("django.request", 30, "", 1, "%s: %s", ("Gone", path), None)
    formatter = structlog.stdlib.ProcessorFormatter(
        processor=structlog.dev.ConsoleRenderer(colors=False), foreign_pre_chain=[without_keys]
    )
    line = formatter.format(record)
    assert "KEY" not in line
    assert "Gone: /" in line
