"""Connected is what was proven, on every page that says so."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sessions import liveness
from sessions.models import Link, State, WhatsAppSession
from tests import factories

NOW = timezone.now()


@pytest.mark.parametrize(
    ("state", "minutes", "shown"),
    [
        (State.ONLINE, 5, State.ONLINE),
        (State.ONLINE, 7, liveness.SILENT),
        (State.RESTING, 59, State.RESTING),
        (State.RESTING, 61, liveness.SILENT),
        (State.OFFLINE, 0, State.OFFLINE),
        (State.RESTRICTED, 9999, State.RESTRICTED),
    ],
)
def test_a_link_is_called_well_only_while_its_proof_is_fresh(state, minutes, shown):
    assert liveness.shown_state(state, NOW - timedelta(minutes=minutes), now=NOW) == shown


def test_what_never_answered_is_not_called_connected():
    assert liveness.shown_state(State.ONLINE, None, now=NOW) == liveness.SILENT


@pytest.fixture
def silent(db: None, client: Client) -> WhatsAppSession:
    membership = factories.make_membership()
    client.force_login(membership.user)
    return factories.make_session(
        membership.business, state=State.ONLINE, proven_at=timezone.now() - timedelta(minutes=30)
    )


@pytest.mark.parametrize("address", ["/", "/whatsapp/", "/campanhas/"])
def test_no_page_calls_a_silent_link_connected(client, silent, address):
    page = client.get(address).content.decode()
    assert "Sem resposta" in page
    assert "Conectado" not in page


def test_its_own_page_tells_since_when_and_what_was_kept(client, silent):
    campaign = factories.make_campaign(silent.business, "running", session=silent)
    factories.make_delivery(campaign)
    page = client.get(f"/whatsapp/{silent.pk}/").content.decode()
    assert re.search("Sem resposta desde (hoje|ontem) à", page)
    assert "Tudo certo" not in page
    assert "1 mensagem espera na fila e não foi marcada como falha." in page


def test_a_proof_makes_it_well_again(client, silent):
    Link.objects.update(proven_at=timezone.now())
    page = client.get(f"/whatsapp/{silent.pk}/").content.decode()
    assert "Tudo certo" in page
    assert "Sem resposta" not in page
