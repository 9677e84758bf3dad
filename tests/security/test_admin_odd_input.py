"""Odd addresses and odd forms of the admin get an answer, never an error of ours."""

from collections.abc import Iterator
from itertools import product

import pytest
from django.core.cache import caches
from django.db import connection

from tests import support
from tests.clients import Client
from tests.factories import make_user
from tests.security.admin_world import (
    addresses,
    make_rows,
    pages,
    quiet,
    row_of,
    site_addresses,
    undone,
)

pytestmark = pytest.mark.django_db
ODD = "abc\0"  # no number, and no text that PostgreSQL keeps
KEY = "abc"
FORMS = ("_add", "_change")
OF_LISTS = (
    "p=abc&o=abc&all=abc&e=1&_popup=2&id__exact=abc&pk__in=a,b",
    "p=999&o=99.-99&q=" + "x" * 200,
)
OF_OTHERS = ("s=conexão&page=abc", "s=conexão&page=999&extended=1&q=%25")


@pytest.fixture(autouse=True)
def rows(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    make_rows()
    quiet(monkeypatch)


@pytest.fixture
def client() -> Client:
    client = Client(raise_request_exception=False)
    support.sign_in(client, make_user(is_staff=True, is_superuser=True))
    return client


def odd_keys() -> Iterator[str]:
    """Every address of a row with each of its keys, in turn, made something else."""
    for page in pages():
        key = str(row_of(page).pk)
        for address in addresses(page):
            parts = address.path.split("/")
            for at, part in enumerate(parts):
                if at > 3 and (part == key or part.isdigit()):
                    yield "/".join([*parts[:at], KEY, *parts[at + 1 :]])


def test_a_key_that_is_none_is_not_found(client: Client) -> None:
    asked = list(dict.fromkeys(odd_keys()))
    assert len(asked) > 150
    wrong = {path: status for path in asked if (status := client.get(path).status_code) >= 500}
    assert wrong == {}


def test_what_a_list_doesnt_understand_it_leaves(client: Client) -> None:
    lists = {
        address.path
        for page in pages()
        for address in addresses(page)
        if address.name.endswith("_changelist")
    }
    others = {one.path for one in site_addresses() if one.name != "logout"}
    asked = [*product(sorted(lists), OF_LISTS), *product(sorted(others), OF_OTHERS)]
    wrong = {
        f"{path}?{query}": status
        for path, query in asked
        if (status := client.get(f"{path}?{query}").status_code) >= 500
    }
    assert wrong == {}


def test_a_form_with_signs_that_no_table_keeps_is_told_so(client: Client) -> None:
    wrong = {}
    forms = [one for page in pages() for one in addresses(page) if one.name.endswith(FORMS)]
    for address in forms:
        body = {
            name: [f"{one}{ODD}" for one in value] if isinstance(value, list) else f"{value}{ODD}"
            for name, value in address.body.items()
        }
        with undone():
            status = client.post(address.path, body).status_code
        if status >= 500:
            wrong[address.name] = status
    assert wrong == {}


def test_no_word_that_support_types_is_kept_among_the_limits(client: Client) -> None:
    """They are what is counted to be refused; what a GET writes there, anybody of support might fill it with."""
    counts = caches["default"]._table  # type: ignore[attr-defined]
    client.get("/admin/")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {counts}")
        before = cursor.fetchone()
        for address in site_addresses():
            if address.name != "logout":
                client.get(f"{address.path}?s=contatos&q=contatos")
        found = client.get("/admin/search/?s=contatos").content.decode()
        cursor.execute(f"SELECT count(*) FROM {counts}")
        assert cursor.fetchone() == before
    assert "/admin/contacts/contact/" in found
