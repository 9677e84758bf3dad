"""The page on which a person decides what doubtful answers mean."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from blu.accounts.models import Membership
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Hold
from sessions.events import Address, Incoming, Text
from tests import factories
from tests.browser.looking import Look, check_everywhere, small_targets

pytestmark = pytest.mark.browser

DOUBTS = {
    "Lúcia Helena de Albuquerque Cavalcanti": "Quem é você? Como conseguiu meu número?",
    "Bruno": "esse número não é da Carla",
    "Zé": "vou chamar a polícia, já falei mil vezes com a atendente e ninguém resolve nada disso",
}


@pytest.fixture
def holds(owner: Membership) -> None:
    """Three people whose answers leave a doubt, with something in the queue for each."""
    campaign = factories.make_campaign(owner.business, status="running")
    assert campaign.topic
    assert campaign.session_id
    for name, text in DOUBTS.items():
        contact = factories.make_contact(owner.business, name)
        factories.subscribe(contact, campaign.topic)
        factories.make_delivery(campaign, contact=contact)
        event = Incoming(Address(contact.phone), name, Text(text), timezone.now())
        LedgerOutbox().record_event(campaign.session_id, event)


def test_doubtful_answers_are_for_everyone_and_decided_by_one_tap(
    look: Look, owner: Membership, holds: None
) -> None:
    page = look("/respostas/a-decidir/", owner.user)
    assert list(small_targets(page)) == []
    check_everywhere(page, thorough=True)
    card = page.locator("article, li, section").filter(has_text="esse número não é da Carla").last
    card.get_by_role("button", name="Número de outra pessoa").click()
    expect(page.get_by_role("button", name="Desfazer")).to_have_count(1)
    assert Hold.objects.get(reply__contact__name="Bruno").decision == Hold.Decision.OTHER_PERSON
    page.get_by_role("button", name="Desfazer").click()
    expect(page.get_by_role("button", name="Desfazer")).to_have_count(0)
    assert not Hold.objects.exclude(decision="").exists()
