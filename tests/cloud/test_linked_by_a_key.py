"""An account that is linked by a key: on the same page, kept encrypted, and shown to nobody again."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.db import connection
from django.test import RequestFactory
from django_q.models import OrmQ

from blu.accounts.models import Membership
from sessions import registry
from sessions.admin import LinkAdmin
from sessions.linking import job, kinds
from sessions.models import Link, Pairing, SessionEvent, State, WhatsAppSession
from sessions.registry import BACKENDS
from tests import factories
from tests.clients import Client
from tests.cloud.queued import api, count, send
from tests.cloud.server import Api
from tests.eventually import eventually
from tests.sessions.driving.test_host_looks import driven, host, quick

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["api", "driven", "host", "quick"]

KEY, WRONG = "EAAG-certa-7f3", "EAAG-errada-9d1"
NEW = {"name": "Vendas", "terms": "on"}
NUMBER = "+5511987654321"


@pytest.fixture
def address(client: Client, owner: Membership, api: Api) -> str:
    """The page of a new session, which was asked to be of the kind."""
    api.key, api.phone = KEY, NUMBER
    answer = client.post("/whatsapp/novo/", NEW)
    assert answer.url.endswith("/conectar/")
    client.post(f"{answer.url}por-onde/", {"transport": "cloud"})
    return str(answer.url)


def shown(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def tried(client: Client, address: str, key: str) -> Pairing:
    """The attempt with a key, once the pairing cluster has run it."""
    client.post(address, {"key": key})
    attempt = Pairing.objects.latest("pk")
    job.pair(only=attempt.pk, stop=threading.Event())
    attempt.refresh_from_db()
    return attempt


def columns() -> str:
    """Every row of links, attempts, events and tasks, as they lie in the database."""
    tables = [model._meta.db_table for model in (Link, Pairing, SessionEvent, OrmQ)]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(f"SELECT t::text FROM {table} t" for table in tables))
        return str(cursor.fetchall())


def test_the_page_asks_for_the_key_and_for_no_phone(client: Client, address: str) -> None:
    page = shown(client, address)
    assert 'name="key"' in page
    for of_a_phone in (
        "QR code",
        "mostrar o QR",
        "Receber o código",
        "Use o celular",
        "não aprova envio",
    ):
        assert of_a_phone not in page


def test_the_right_key_links_and_the_link_sends_with_it(
    client: Client, address: str, api: Api, driven: Callable[[], Any]
) -> None:
    assert tried(client, address, KEY).status == Pairing.Status.LINKED
    session = WhatsAppSession.objects.get()
    assert (session.state, session.phone) == (State.RESTING, NUMBER)
    assert "WhatsApp conectado" in shown(client, address)
    send(session)
    driven()
    eventually(lambda: count(status="sent") == 1)
    assert len(api.taken) == 1


def test_a_wrong_key_gets_one_clear_sentence_and_is_forgotten(client: Client, address: str) -> None:
    assert tried(client, address, WRONG).status == Pairing.Status.FAILED
    page = shown(client, address)
    assert page.count("O WhatsApp não aceitou esta chave. Confira e cole de novo.") == 1
    assert 'name="key"' in page
    assert Link.objects.get().credentials == ""
    assert Link.objects.get().state == State.UNLINKED
    assert tried(client, address, KEY).status == Pairing.Status.LINKED


def test_another_key_ends_the_attempt_with_the_one_before(client: Client, address: str) -> None:
    client.post(address, {"key": WRONG})
    first = Pairing.objects.get()
    assert tried(client, address, KEY).status == Pairing.Status.LINKED
    first.refresh_from_db()
    assert (first.status, first.reason) == (Pairing.Status.EXPIRED, "replaced")


def test_nobody_reads_the_key_again(
    client: Client,
    address: str,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    client.post(address, {"key": KEY})
    waiting = shown(client, address) + shown(client, f"{address}estado/")
    assert KEY in Link.objects.get().credentials
    assert KEY not in columns()
    job.pair(stop=threading.Event())
    pages = shown(client, address) + shown(client, address.replace("conectar/", ""))
    assert KEY not in waiting + pages + columns() + caplog.text + "".join(capfd.readouterr())


def test_support_does_not_see_it_either() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    fields = LinkAdmin(Link, admin.site).get_fields(request)
    assert "transport" in fields
    assert "credentials" not in fields


def test_an_empty_key_is_asked_for_and_tries_nothing(client: Client, address: str) -> None:
    page = client.post(address, {"key": ""}).content.decode()
    assert "Falta a chave." in page
    assert not Pairing.objects.exists()


def test_to_unlink_forgets_the_key(client: Client, address: str) -> None:
    tried(client, address, KEY)
    client.post(address.replace("conectar", "desconectar"))
    link = Link.objects.get()
    assert (link.state, link.credentials) == (State.UNLINKED, "")


def test_a_key_that_is_taken_back_asks_for_another_and_says_why(
    client: Client, address: str, api: Api, driven: Callable[[], Any]
) -> None:
    tried(client, address, KEY)
    api.key = "another"
    driven()
    eventually(lambda: Link.objects.get().state == State.LOGGED_OUT)
    page = shown(client, address.replace("conectar/", ""))
    assert "O WhatsApp não aceita mais a chave desta conexão." in page
    assert 'name="key"' in shown(client, address)


# Which kind


def test_a_new_session_is_of_the_default_kind_unless_another_is_chosen(
    client: Client, owner: Membership
) -> None:
    address = client.post("/whatsapp/novo/", NEW).url
    assert list(kinds.offered()) == [registry.DEFAULT, "cloud"]
    assert Link.objects.get().transport == registry.DEFAULT
    assert 'name="transport"' in shown(client, address)
    for only_in_tests in ("simulated", "nonsense"):
        client.post(f"{address}por-onde/", {"transport": only_in_tests})
    assert Link.objects.get().transport == registry.DEFAULT
    client.post(f"{address}por-onde/", {"transport": "cloud"})
    assert Link.objects.get().transport == "cloud"
    assert 'name="key"' in shown(client, address)


def test_where_there_is_one_kind_nothing_is_asked(
    client: Client, owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(BACKENDS, "cloud")
    address = client.post("/whatsapp/novo/", NEW).url
    assert WhatsAppSession.objects.get().transport == registry.DEFAULT
    page = shown(client, address)
    assert "Receber o código" in page
    assert 'name="transport"' not in page


def test_a_key_posted_for_a_phone_is_no_key(client: Client, owner: Membership) -> None:
    session = factories.make_session(owner.business, transport="browser", state="unlinked")
    WhatsAppSession.objects.update(terms_accepted_at="2026-01-01T00:00Z")
    client.post(f"/whatsapp/{session.pk}/conectar/", {"kind": "qr", "key": KEY})
    assert Link.objects.get().credentials == ""
