"""The public pages as a person on a phone meets them, and the team's page of links."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from blu.accounts.models import Membership
from campaigns.ledger.outbox import LedgerOutbox
from contacts.models import OptIn, OptInText
from contacts.optin import texts
from sessions.events import Address, Incoming, Text
from sessions.models import WhatsAppSession
from tests import factories
from tests.browser.looking import Look, check_everywhere, small_targets, weight

pytestmark = pytest.mark.browser

LIGHT = 60_000  # bytes of a public page and all it loads


@pytest.fixture
def session(owner: Membership) -> WhatsAppSession:
    return factories.make_session(owner.business, proven_at=timezone.now())


@pytest.fixture
def text(session: WhatsAppSession) -> OptInText:
    topic = factories.make_topic(
        session.business, "Agenda e avisos", description="Horários e vacinas. Até 2 por mês."
    )
    return factories.make_opt_in_text(topic, texts.suggested(topic))


def test_somebody_agrees_on_a_phone_and_confirms_by_a_message(
    look: Look, session: WhatsAppSession, text: OptInText
) -> None:
    page = look(reverse("optin_page", args=[text.business.slug, text.topic_id]))
    check_everywhere(page, thorough=True)
    assert list(small_targets(page)) == []
    assert weight(page) < LIGHT
    page.get_by_role("button", name="Continuar").click()
    expect(page.locator(".field__error")).to_have_count(3)
    check_everywhere(page)
    page.get_by_label("Como podemos te chamar?").fill("Lúcia Helena de Albuquerque Cavalcanti")
    page.get_by_label("Seu WhatsApp, com DDD").fill("(11) 98765-4321")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Continuar").click()
    expect(page.get_by_role("link", name="Abrir o WhatsApp e confirmar")).to_be_visible()
    check_everywhere(page, thorough=True)
    assert weight(page) < LIGHT
    wish = OptIn.objects.get()
    said = Incoming(Address(wish.phone), "A1", Text(texts.message_of(wish)), timezone.now())
    LedgerOutbox().record_event(session.pk, said)
    # The page looks by itself.
    expect(page.get_by_role("heading", level=1)).to_contain_text("Pronto, Lúcia", timeout=30_000)
    check_everywhere(page)


def test_what_may_go_wrong_is_said_and_readable(
    look: Look, session: WhatsAppSession, text: OptInText
) -> None:
    wish = factories.make_opt_in(text, name="Zé")
    page = look(reverse("optin_asked", args=[wish.token]))
    page.get_by_role("button", name="Receber um código").click()
    expect(page.get_by_role("button", name="Confirmar com o código")).to_be_visible()
    page.get_by_label("Código que chegou no WhatsApp").fill("1")
    page.get_by_role("button", name="Confirmar com o código").click()
    expect(page.get_by_role("alert")).to_contain_text("O código não é este")
    check_everywhere(page)
    other = Incoming(Address("+5521911112222"), "A1", Text(texts.message_of(wish)), timezone.now())
    LedgerOutbox().record_event(session.pk, other)
    page.goto(page.url)
    expect(page.get_by_text("A mensagem veio de outro número")).to_be_visible()
    check_everywhere(page)


def test_the_team_opens_a_page_and_finds_its_link(
    look: Look, owner: Membership, session: WhatsAppSession
) -> None:
    factories.make_topic(owner.business, "Promoções", description="Descontos. Até 1 por mês.")
    page = look("/aceite/", owner.user)
    page.get_by_role("link", name="Abrir a página").click()
    check_everywhere(page)
    page.get_by_role("button", name="Abrir a página com este texto").click()
    expect(page.get_by_role("button", name="Copiar o link")).to_be_visible()
    check_everywhere(page, thorough=True)
    assert list(small_targets(page)) == []
    poster = page.get_by_role("link", name="Cartaz em PDF").get_attribute("href")
    assert page.request.get(f"{look.url}{poster}").body().startswith(b"%PDF")
    page.get_by_role("link", name="Páginas de aceite").click()
    check_everywhere(page, thorough=True)
    page.get_by_role("link", name="Link, cartaz e formulário").click()
    page.get_by_role("link", name="Mudar").click()
    page.get_by_role("button", name="Fechar a página").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Fechar a página").click()
    expect(page.get_by_text("Fechada", exact=True)).to_be_visible()
