"""What is in doubt, on the campaign's page and on the person's: two answers, each with its reason."""

import re

import pytest
from django.utils import timezone

from blu.accounts.models import Membership
from campaigns.models import Campaign, Decision, Delivery
from campaigns.models.ledger_states import Status
from tests import hours
from tests.clients import Client
from tests.factories import make_campaign, make_contact, make_delivery, make_membership, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client: Client) -> Membership:
    membership = make_membership(user=make_user(name="Ana Ribeiro"))
    client.force_login(membership.user)
    return membership


@pytest.fixture
def running(owner: Membership) -> Campaign:
    return make_campaign(owner.business, status="running", recipients=5)


def doubt(campaign: Campaign, name: str = "Dalva Bittencourt") -> Delivery:
    delivery = make_delivery(campaign, make_contact(campaign.business, name), Status.UNCERTAIN)
    Delivery.objects.filter(pk=delivery.pk).update(reason="link_lost")
    return delivery


def page_of(client: Client, campaign: Campaign, query: str = "") -> str:
    return client.get(f"/campanhas/{campaign.pk}/{query}").content.decode()


def decide(client: Client, delivery: Delivery, **data: str) -> str:
    url = f"/campanhas/{delivery.campaign_id}/destinatarios/{delivery.pk}/decidir/"
    answer = client.post(url, {"reason": "Olhei a conversa", **data}, follow=True)
    delivery.refresh_from_db()
    return answer.content.decode()


def test_the_campaign_asks_about_what_is_in_doubt(client, running):
    since = doubt(running).pressed_at
    page = page_of(client, running)
    assert re.search(f"A conexão caiu no meio do envio {hours.at(since)}", page)
    assert "assim ninguém recebe duas vezes" in page
    assert "Não chegou, enviar" in page


def test_only_the_first_doubts_stand_above_the_list(client, running):
    for number in range(5):
        doubt(running, f"Pessoa {number}")
    assert page_of(client, running).count('class="decision"') == 3
    assert "Ver os 5 envios incertos" in page_of(client, running)
    assert page_of(client, running, "?situacao=uncertain").count('class="decision"') == 5


def test_who_stands_above_the_list_stands_not_in_it_again(client, running):
    doubt(running)
    assert page_of(client, running).count("Dalva Bittencourt") == 1
    assert page_of(client, running, "?q=dalva").count("Dalva Bittencourt") == 1


def test_it_arrived_is_written_down(client, running):
    delivery = doubt(running)
    page = decide(client, delivery, arrived="sim", situacao="")
    assert delivery.status == Status.SENT
    assert "Dalva Bittencourt já recebeu. Nada é enviado de novo." in page
    assert "Uma pessoa disse que chegou" in page
    assert "Incertos <span" not in page


def test_it_did_not_arrive_goes_back_to_the_queue(client, running):
    delivery = doubt(running)
    page = decide(client, delivery, arrived="nao", situacao="uncertain")
    assert delivery.status == Status.QUEUED
    assert "Dalva Bittencourt voltou para a fila" in page


def test_the_persons_page_asks_and_then_tells_who_decided(client, running):
    delivery = doubt(running)
    url = f"/campanhas/{running.pk}/destinatarios/{delivery.pk}/"
    assert "Não chegou, enviar" in client.get(url).content.decode()
    page = decide(client, delivery, arrived="sim")
    assert "Olhei a conversa" in page
    assert "Ana Ribeiro disse que chegou" in page
    assert "Enviada, sem prova do WhatsApp" in page
    assert "Não chegou, enviar" not in page


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"reason": "  ", "arrived": "sim"}, "Falta dizer o que você viu"),
        ({"reason": "Olhei"}, "Falta dizer se chegou"),
        ({"reason": "x" * 201, "arrived": "sim"}, "Cabem até 200 letras"),
    ],
)
def test_what_is_missing_is_said_and_nothing_changes(client, running, data, said):
    delivery = doubt(running)
    assert said in decide(client, delivery, **data)
    assert delivery.status == Status.UNCERTAIN
    assert not Decision.objects.exists()


def test_a_proof_that_came_first_is_told(client, running):
    delivery = doubt(running)
    Delivery.objects.filter(pk=delivery.pk).update(status=Status.READ, message_id="3EB0")
    assert "encontrou a prova" in decide(client, delivery, arrived="nao")
    assert delivery.status == Status.READ


def test_in_a_cancelled_campaign_nothing_is_offered_that_sends(client, owner):
    campaign = make_campaign(owner.business, status="running", recipients=1)
    delivery = doubt(campaign)
    Campaign.objects.update(status="cancelled", ended_at=timezone.now())
    page = page_of(client, campaign)
    assert "Não chegou" in page
    assert "Não chegou, enviar" not in page
    assert "A campanha está cancelada" in decide(client, delivery, arrived="nao")
    assert delivery.status == Status.FAILED


def test_who_only_looks_decides_nothing(client, running):
    delivery = doubt(running)
    client.force_login(make_membership(running.business, "viewer").user)
    assert "Não chegou, enviar" not in page_of(client, running)
    decide(client, delivery, arrived="sim")
    assert delivery.status == Status.UNCERTAIN
