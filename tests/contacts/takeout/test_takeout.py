"""All that is a business's own goes into one file, sealed on disk, and nothing of another's."""

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.storage import default_storage

from blu import tasks
from blu.accounts.models import Membership, Role
from contacts.takeout import services
from contacts.takeout.tables import TABLES
from tests import factories, support
from tests.clients import Client
from tests.isolation.world import World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Iterator[World]:
    made = make_world("zebrafinch")
    yield made
    default_storage.delete(services.prepared_for(made.membership.business).name)


def archive_of(client: Client) -> zipfile.ZipFile:
    answer: Any = client.get("/empresa/tudo.zip")
    assert answer.status_code == 200
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def rows(archive: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in archive.read(f"{name}.jsonl").splitlines()]


def test_the_archive_holds_what_is_the_business_own_and_nothing_of_another(
    client: Client, world: World
) -> None:
    make_world("outro")
    client.force_login(world.membership.user)
    tasks.export_business(world.membership.business_id)
    asked = client.get("/empresa/tudo.zip")
    assert "/conta/confirme/" in asked["Location"], "a session that was left open is not enough"
    support.confirm_again(client, world.membership.user)
    archive = archive_of(client)
    assert archive.testzip() is None
    assert {name.removesuffix(".jsonl") for name in archive.namelist()} == set(TABLES)
    assert all(rows(archive, name) for name in TABLES), "make_world has one of each"
    (contact,) = rows(archive, "contatos")
    assert contact["name"] == "Contato zebrafinch"
    assert rows(archive, "respostas")[0]["text"] == "Resposta zebrafinch"
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert b"Contato outro" not in everything
    assert b"Resposta outro" not in everything


def test_on_disk_it_is_sealed(world: World) -> None:
    business = world.membership.business
    tasks.export_business(business.pk)
    with default_storage.open(services.prepared_for(business).name) as file:
        content = file.read()
    assert not content.startswith(b"PK")
    assert b"contatos" not in content
    opened = services.opened(business)
    assert opened
    assert opened.read(2) == b"PK"


def test_only_an_owner_asks_for_it_and_it_is_made_once(
    client: Client, owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr("blu.jobs.queue.enqueue", lambda *said: asked.append(said))
    assert client.get("/empresa/tudo.zip").status_code == 404
    for _time in range(2):
        client.post("/empresa/tudo/")
    assert asked == [("blu.tasks.export_business", owner.business_id)]
    assert "Preparando" in client.get("/empresa/tudo/").content.decode()
    services.prepared_for(owner.business).give_up()
    client.force_login(factories.make_membership(owner.business, Role.RECEPTIONIST).user)
    for method, path in (("get", "tudo/"), ("post", "tudo/"), ("get", "tudo.zip")):
        assert getattr(client, method)(f"/empresa/{path}").status_code == 403
