"""The proof of a consent, as it is shown to who asks for it."""

import pytest
from playwright.sync_api import expect

from blu.accounts.models import Membership
from campaigns.models import Campaign
from campaigns.models.ledger_states import Status
from contacts import consent, evidence
from contacts.models import ConsentWording, Source
from tests import factories
from tests.browser.looking import Look, check_everywhere

pytestmark = pytest.mark.browser


def test_a_proof_is_read_on_a_phone_and_fetched_as_pdf(look: Look, owner: Membership) -> None:
    business = owner.business
    campaign = factories.make_campaign(business, Campaign.Status.RUNNING, body="Olá, {{nome}}!")
    contact = factories.make_contact(business, "Lúcia Helena de Albuquerque Cavalcanti")
    wording = ConsentWording.objects.create(business=business, text="Autorizo avisos de agenda.")
    assert campaign.topic
    consent.grant(
        contact=contact, topic=campaign.topic, source=Source.PAPER, actor=owner.user,
        wording=wording, evidence=evidence.note("Pasta 7, ficha 312"),
    )  # fmt: skip
    sent = factories.make_delivery(campaign, contact, Status.SENT)
    page = look(f"/campanhas/{campaign.pk}/destinatarios/{sent.pk}/", owner.user)
    page.get_by_role("link", name="Prova para mostrar ou imprimir").click()
    expect(page.get_by_text("Válido no envio")).to_be_visible()
    check_everywhere(page, thorough=True)
    sheet = page.get_by_role("link", name="Baixar PDF").get_attribute("href")
    assert page.request.get(f"{look.url}{sheet}").body().startswith(b"%PDF")
    page = look(f"/contatos/{contact.pk}/", owner.user)
    page.get_by_role("link", name="Prova para mostrar ou imprimir").click()
    expect(page.get_by_text("Vale hoje")).to_be_visible()
    check_everywhere(page)
