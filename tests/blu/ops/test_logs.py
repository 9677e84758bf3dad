"""What stands in the log: no key by which somebody gets in."""

import logging
import re

import pytest
import structlog
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from django_q.models import Task

from blu.ops import logs
from blu.ops.logs import without_keys, without_people, without_people_in_errors

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


ROW = (
    'psycopg.errors.CheckViolation: new row for relation "c" violates check constraint "p"\n'
    "DETAIL:  Failing row contains (2, abc, Marilda Segredo\nde Tal, +5511987654321).\n"
    "CONTEXT:  COPY c, line 3: Marilda"
)


@pytest.mark.parametrize(
    "after", ["", "\n\nThe above exception was the direct cause of", " : Traceback (most"]
)
def test_an_error_tells_no_row_of_the_database(after: str) -> None:
    said = without_people(ROW + after)
    assert said == ROW.partition("\n")[0] + after


def test_an_error_tells_no_mailbox_and_no_number() -> None:
    refused = "SMTPRecipientsRefused: {'maria.segredo@exemplo.com.br': (550, b'<maria@exemplo.com.br> no')}"
    assert "maria" not in without_people(refused)
    assert without_people("to +5511987654321 and +1234") == "to +… and +1234"


def test_the_processors_of_both_kinds_of_loggers_hide_people() -> None:
    assert without_people_in_errors in logs._SHARED
    event = without_people_in_errors(None, "", {"event": "x", "exception": ROW, "error": "a@b.c"})
    assert "Marilda" not in str(event)
    assert event["error"] == "…@…"


@pytest.mark.django_db
def test_what_is_kept_of_a_failed_task_tells_of_nobody() -> None:
    now = timezone.now()
    task = Task.objects.create(
        id="a", name="a", func="f", started=now, stopped=now, success=False, result=ROW
    )
    task.refresh_from_db()
    assert "Marilda" not in task.result
    assert "CheckViolation" in task.result
