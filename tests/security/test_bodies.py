"""A body is refused by its length, before anything of it is read or kept on disk."""

import re
from io import BytesIO
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory
from django.urls import NoReverseMatch, reverse

from blu.accounts.models import Membership, Role
from blu.accounts.request_size import FILE_MOST, MOST, QUERY_MOST, VALUE_MOST
from tests.clients import Client
from tests.factories import make_membership
from tests.isolation import scan

pytestmark = pytest.mark.django_db

# Who takes a file, and nobody else.
UPLOADS = {"import_new"}


class Body(BytesIO):
    """Says how much of it was asked for."""

    asked = 0

    def read(self, size: int | None = -1, /) -> bytes:
        found = super().read(size)
        self.asked += len(found)
        return found


def addresses() -> dict[str, str]:
    """Every address outside the admin by name, and some of the admin's, with a key in each place."""
    names = {name: reverse(name, kwargs=keys) for name, keys in _keyed().items()}
    admin = ("admin:index", "admin:contacts_topic_changelist", "admin:support_search")
    return names | {name: reverse(name) for name in admin}


def _keyed() -> dict[str, dict[str, Any]]:
    texts = {"key": "a-b", "token": "a", "uidb36": "1", "format": "json", "provider": "x"}
    return {
        name: {key: texts.get(key, 1) for key in keys}
        for name, keys in scan.routes().items()
        if _reversible(name, {key: texts.get(key, 1) for key in keys})
    }


def _reversible(name: str, keys: dict[str, Any]) -> bool:
    try:
        reverse(name, kwargs=keys)
    except NoReverseMatch:
        return False
    return True


def send(client: Client, path: str, length: int, kind: str) -> tuple[int, Body]:
    """POST a body of which only the first bytes are there; the status and what was read of it."""
    body = Body(b"x" * 1000)
    head: dict[str, Any] = {"CONTENT_TYPE": kind, "CONTENT_LENGTH": str(length), "wsgi.input": body}
    answer = client.generic("POST", path, b"", **head)
    return answer.status_code, body


KINDS = (
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/json",
    "text/plain",
)


def test_all_addresses_are_tried() -> None:
    assert len(addresses()) > 80
    assert set(addresses()) > UPLOADS
    left_out = set(scan.routes()) - set(addresses())
    assert left_out <= {"account_reset_password_from_key"}, left_out


@pytest.mark.parametrize("role", [None, *Role.values])
def test_no_address_reads_more_than_a_megabyte_but_where_a_file_is_taken(
    client: Client, role: str | None
) -> None:
    if role:
        client.force_login(make_membership(role=role).user)
    for (name, path), kind in zip(addresses().items(), cycle(KINDS), strict=False):
        if name in UPLOADS and role in ("owner", "receptionist"):
            continue
        status, body = send(client, path, MOST + 1, kind)
        assert (status, body.asked) == (413, 0), (name, kind, role)


def test_members_who_import_send_a_file_up_to_its_limit(client: Client, owner: Membership) -> None:
    status, body = send(client, owner.business.address("import_new"), FILE_MOST, KINDS[1])
    assert status != 413
    assert body.asked
    status, body = send(client, owner.business.address("import_new"), FILE_MOST + 1, KINDS[1])
    assert (status, body.asked) == (413, 0)


def test_a_body_without_a_length_is_refused_everywhere(client: Client, owner: Membership) -> None:
    for path in addresses().values():
        body = Body(b"x" * 1000)
        head: dict[str, Any] = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": body}
        answer = client.generic("POST", path, b"", **head, CONTENT_TYPE=KINDS[0])
        assert (answer.status_code, body.asked) == (411, 0), path


def test_nothing_of_a_refused_body_lies_on_disk(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "FILE_UPLOAD_TEMP_DIR", str(tmp_path))
    made: list[object] = []
    monkeypatch.setattr(
        "django.core.files.uploadhandler.TemporaryUploadedFile",
        lambda *args, **_kwargs: made.append(args),
    )
    status, _body = send(client, reverse("account_login"), 60_000_000, KINDS[1])
    assert (status, made, list(tmp_path.iterdir())) == (413, [], [])


def test_every_value_of_a_form_and_every_address_has_an_end(
    client: Client, owner: Membership
) -> None:
    long = f"anything={'x' * (VALUE_MOST + 1)}"
    for name, path in addresses().items():
        answer = client.post(path, long, content_type=KINDS[0])
        assert answer.status_code == 413, name
        answer = client.get(path, {"q": "x" * QUERY_MOST})
        assert answer.status_code == 414, name


def test_the_limit_of_the_body_stands_before_what_reads_it() -> None:
    order = [name.rpartition(".")[2] for name in settings.MIDDLEWARE]
    assert order.index("BodyMiddleware") < order.index("CsrfViewMiddleware")
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE <= MOST


def test_django_reads_no_more_than_the_length_that_was_looked_at() -> None:
    body = Body(b"a=" + b"x" * 100)
    environ = RequestFactory()._base_environ(
        REQUEST_METHOD="POST", CONTENT_TYPE=KINDS[0], CONTENT_LENGTH="10", **{"wsgi.input": body}
    )
    assert len(WSGIRequest(environ).POST["a"]) == 8


def test_nginx_lets_a_megabyte_through_but_where_a_file_is_taken() -> None:
    for conf in ("any-node.conf", "sticky.conf"):
        text = Path(settings.BASE, "docs", "nginx", conf).read_text(encoding="utf-8")
        server, *locations = text.split("location ")
        assert "client_max_body_size 1m;" in server
        wide = [one.split()[1] for one in locations if "client_max_body_size" in one]
        let_in = {
            name for name, path in addresses().items() if any(re.search(one, path) for one in wide)
        }
        assert let_in == UPLOADS


def test_an_address_with_a_nul_is_refused_before_any_query(db: None) -> None:
    """PostgreSQL keeps none: a query would end in an error of ours."""
    taking_words = [
        path for path in addresses().values() if "%(" not in path and path.endswith("/")
    ]
    for path in (*taking_words, "/aceite/pedido/a/", "/admin/django_q/success/a/change/"):
        assert Client().get(f"{path}a%00b/").status_code == 400, path
