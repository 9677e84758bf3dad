"""What a cache reads from its table was written there by blü, under that key."""

import base64
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.db import connection

pytestmark = pytest.mark.django_db
ALL = sorted(settings.CACHES)


class Hostile:
    """Unpickled, it leaves a file."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.mark),)


def write(alias: str, key: str, value: str) -> None:
    """Put this into the table behind a cache, as who has a connection can."""
    cache = caches[alias]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {cache._table} SET value = %s WHERE cache_key = %s",
            [value, cache.make_key(key)],
        )
        assert cursor.rowcount == 1


def kept(alias: str, key: str) -> str:
    cache = caches[alias]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT value FROM {cache._table} WHERE cache_key = %s", [cache.make_key(key)]
        )
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize("alias", ALL)
def test_what_somebody_else_wrote_into_a_cache_is_never_unpickled(
    alias: str, tmp_path: Path
) -> None:
    cache = caches[alias]
    cache.set("count", 1, 60)
    mine = base64.b64decode(kept(alias, "count"))
    pickled = pickle.dumps(Hostile(tmp_path / "ran"))
    for foreign in (pickled, bytes(32) + pickled, mine[:32] + pickled, mine[:-1], b""):
        write(alias, "count", base64.b64encode(foreign).decode())
        assert cache.get("count") is None
        assert cache.get_many(["count"]) == {}
    write(alias, "count", "é no base64")
    assert cache.get("count", "default") == "default"
    assert not (tmp_path / "ran").exists()
    cache.set("count", 2, 60)
    assert cache.incr("count") == 3


@pytest.mark.parametrize("alias", ALL)
def test_a_value_is_not_moved_to_another_key(alias: str) -> None:
    cache = caches[alias]
    cache.set_many({"mine": [1], "yours": [2]}, 60)
    write(alias, "yours", kept(alias, "mine"))
    assert cache.get_many(["mine", "yours"]) == {"mine": [1]}


@pytest.mark.parametrize("alias", ALL)
def test_what_is_over_is_not_there_and_may_be_added(alias: str) -> None:
    cache = caches[alias]
    assert cache.add("turn", "first", 60)
    assert not cache.add("turn", "second", 60)
    assert cache.touch("turn", -1)
    assert cache.get("turn") is None
    assert cache.add("turn", "third", None)
    assert cache.get("turn") == "third"


def test_pages_forget_before_they_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = caches["pages"]
    monkeypatch.setattr(pages, "_max_entries", 8)
    pages.set_many({f"page{number}": number for number in range(50)}, 60)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {pages._table}")
        assert cursor.fetchone()[0] <= 9


def test_where_the_database_refuses_a_page_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = caches["pages"]
    monkeypatch.setattr(pages, "_table", "no_table")
    assert not pages.add("page", 1, 60)
    monkeypatch.undo()
    assert pages.add("page", 1, 60)
