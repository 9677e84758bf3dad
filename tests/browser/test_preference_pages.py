"""A person's own page as people see and use it, on their phone and without an account."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from blu.accounts.models import Membership
from contacts import stops
from contacts.models.preferences import LinkFrom
from contacts.preferences import links
from tests.browser.looking import Look, check_everywhere
from tests.factories import make_contact, make_topic, subscribe

pytestmark = pytest.mark.browser


@pytest.fixture
def address(owner: Membership) -> str:
    """The page of somebody who receives one of two topics."""
    lucia = make_contact(owner.business, "Lúcia Aparecida do Nascimento", phone="+5511900023180")
    topic = make_topic(
        owner.business, "Agenda e avisos", description="Horários e vacinas. Até 2 por mês."
    )
    make_topic(owner.business, "Promoções", description="Descontos. Até 1 por mês.")
    subscribe(lucia, topic)
    whole = links.in_message(lucia.pk, timezone.now())
    return "/p/" + whole.partition("/p/")[2]


def test_a_person_chooses_stops_comes_back_and_reads_their_data(
    look: Look, owner: Membership, address: str
) -> None:
    page = look(address, width=375)
    check_everywhere(page)
    page.get_by_role("button", name="Ligar Promoções").click()
    expect(page.get_by_text("Tudo salvo.")).to_be_visible()
    page.get_by_role("button", name="Parar tudo").click()
    expect(page.get_by_role("heading", name="Nada mais sai para este número")).to_be_visible()
    check_everywhere(page)
    assert stops.of_number(owner.business.pk, "+5511900023180")
    page.get_by_role("button", name="Voltar como estava").click()
    expect(page.get_by_role("button", name="Desligar Promoções")).to_be_visible()
    page.get_by_role("link", name="Ler tudo").click()
    expect(page.get_by_role("heading", name="guarda de você")).to_be_visible()
    check_everywhere(page)


def test_a_contacts_page_gives_the_link_and_notes_a_stop(
    look: Look, owner: Membership, address: str
) -> None:
    contact = owner.business.contact_set.get()
    page = look(f"/contatos/{contact.pk}/", owner.user)
    given = page.get_by_role("textbox", name="Página da pessoa").input_value()
    link = links.opened(given.rstrip("/").rpartition("/")[2])
    assert (link.contact, link.link_from) == (contact, LinkFrom.OWNER)
    page.get_by_text("Anotar que pediu para sair").click()
    check_everywhere(page)
    page.get_by_label("Como a pessoa disse (opcional)").fill("no balcão")
    page.locator("form[action$=pediu-para-sair\\/]").get_by_role("button").click()
    expect(page.get_by_text("Anotado: nada mais sai para este número.")).to_be_visible()
    check_everywhere(page)
