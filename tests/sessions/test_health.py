"""Connected is what was proven, on every page that says so."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from blu.home import attention
from sessions import health
from sessions.models import Link, State, WhatsAppSession
from tests import factories, support
from tests.clients import Client

NOW = timezone.now()


@pytest.mark.parametrize(
    ("state", "minutes", "shown"),
    [
        (State.ONLINE, 4, State.ONLINE),
        (State.ONLINE, 6, health.UNPROVEN),
        (State.RESTING, 59, State.RESTING),
        (State.RESTING, 61, health.UNPROVEN),
        (State.OFFLINE, 0, State.OFFLINE),
        (State.RESTRICTED, 9999, State.RESTRICTED),
    ],
)
def test_a_link_is_called_well_only_while_its_proof_is_fresh(state, minutes, shown):
    assert health.shown_state(state, NOW - timedelta(minutes=minutes), now=NOW) == shown


def test_what_never_answered_is_not_called_connected():
    assert health.shown_state(State.ONLINE, None, now=NOW) == health.UNPROVEN


@pytest.fixture
def unproven(db: None, client: Client) -> WhatsAppSession:
    membership = factories.make_membership()
    client.force_login(membership.user)
    return factories.make_session(
        membership.business,
        phone="+5521999990000",
        state=State.ONLINE,
        proven_at=timezone.now() - timedelta(minutes=30),
    )


@pytest.mark.parametrize("address", ["/", "/whatsapp/", "/campanhas/"])
def test_no_page_calls_an_unproven_link_connected_or_offline(client, unproven, address):
    page = client.get(address, follow=True).content.decode()
    assert "Não confirmado" in page
    assert not re.search("Conectado|Sem resposta|sem resposta|Sem internet|sem conexão", page)


def test_its_own_page_tells_since_when_and_what_was_kept(client, unproven):
    campaign = factories.make_campaign(unproven.business, "running", session=unproven)
    factories.make_delivery(campaign)
    page = client.get(f"/whatsapp/{unproven.pk}/").content.decode()
    assert re.search("Não confirmado desde (hoje|ontem) à", page)
    assert "Tudo certo" not in page
    (need,) = attention.items_of(unproven.business)
    assert "não está confirmado desde" in need.title
    assert "não está confirmado desde" in client.get(f"/campanhas/{campaign.pk}/").content.decode()
    assert "1 mensagem espera na fila e não foi marcada como falha." in page


def test_a_proof_makes_it_well_again(client, unproven):
    Link.objects.update(proven_at=timezone.now())
    page = client.get(f"/whatsapp/{unproven.pk}/").content.decode()
    assert "Tudo certo" in page
    assert "Não confirmado" not in page


def test_support_reads_the_same_word(client, unproven):
    support.sign_in(client, factories.make_user("suporte@blu.local", is_staff=True))
    for address in (
        "/admin/wa_sessions/whatsappsession/",
        f"/admin/wa_sessions/whatsappsession/{unproven.pk}/change/",
        "/admin/wa_sessions/link/",
        f"/admin/wa_sessions/link/{unproven.link.pk}/change/",
        f"/admin/busca/?q={unproven.phone[-8:]}",
    ):
        page = client.get(address, follow=True).content.decode()
        assert "não confirmado" in page, address
