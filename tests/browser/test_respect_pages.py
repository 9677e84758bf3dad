"""Limits, doubts, pauses, problems and forecasts as people see and answer them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from blu.accounts.models import Membership
from blu.home.context_processors import whatsapp_badge
from blu.web.status_badges import SESSION
from campaigns.alerts import incidents
from campaigns.models import Campaign, Delivery, SessionLimits
from campaigns.models.ledger_states import Status
from sessions import health
from sessions.models import Link, SessionEvent, State, WhatsAppSession
from tests.browser.looking import Look, check_everywhere, offenders, small_targets
from tests.factories import (
    make_campaign,
    make_contact,
    make_delivery,
    make_session,
    make_topic,
    subscribe,
)

pytestmark = pytest.mark.browser

LONG = "Maria Aparecida do Nascimento Cavalcanti de Albuquerque"


@pytest.fixture
def session(owner: Membership) -> WhatsAppSession:
    return linked(owner, "Recepção")


@pytest.fixture
def running(owner: Membership, session: WhatsAppSession) -> Campaign:
    return send_by(session, owner)


def linked(owner: Membership, name: str) -> WhatsAppSession:
    at = timezone.now() - timedelta(days=83)
    return make_session(owner.business, name=name, pacing="real", linked_at=at)


def send_by(session: WhatsAppSession, owner: Membership) -> Campaign:
    """A campaign under way with two doubts, and some who wait."""
    campaign = make_campaign(
        owner.business,
        "running",
        name=f"Agenda de {session.name}",
        session=session,
        launched_by=owner.user,
        launched_at=timezone.now() - timedelta(minutes=30),
        recipients=9,
    )
    for name, status in (
        (LONG, Status.UNCERTAIN),
        ("Dalva Augusto Bittencourt", Status.UNCERTAIN),
        ("Lúcia Prado", Status.READ),
        ("Wanderley Souza", Status.FAILED),
    ):
        make_delivery(campaign, make_contact(owner.business, name), status)
    for _number in range(5):
        make_delivery(campaign)
    Delivery.objects.filter(status=Status.UNCERTAIN).update(reason="link_lost")
    return campaign


def leave(session: WhatsAppSession, state: str) -> None:
    since = timezone.now() - timedelta(minutes=25)
    Link.objects.filter(session=session).update(state=state, proven_at=since)
    SessionEvent.objects.create(session=session, link=session.link, state=state, at=since)


def test_a_doubt_is_answered_where_it_stands(look: Look, owner, running):
    page = look(f"/campanhas/{running.pk}/", owner.user)
    check_everywhere(page, thorough=True)
    assert list(small_targets(page)) == []
    first = page.locator(".decision").first
    first.get_by_role("button", name="Chegou", exact=True).click()
    # The browser itself asks for the reason: nothing left.
    expect(page).to_have_url(look.url + owner.business.address("campaign_detail", running.pk))
    field = first.get_by_label("O que você viu na conversa?")
    field.fill("A mensagem está na conversa")
    field.press("Enter")
    expect(page.get_by_text("Falta dizer se chegou: toque em um dos botões.")).to_be_visible()
    first.get_by_label("O que você viu na conversa?").fill("A mensagem está na conversa")
    first.get_by_role("button", name="Chegou", exact=True).click()
    expect(page.get_by_text("já recebeu. Nada é enviado de novo.")).to_be_visible()
    assert page.locator(".decision").count() == 1


def test_the_doubts_of_a_campaign_and_of_a_person(look: Look, owner, running):
    page = look(f"/campanhas/{running.pk}/?situacao=uncertain", owner.user, width=375)
    check_everywhere(page)
    page.get_by_role("link", name=LONG).click()
    check_everywhere(page, thorough=True)
    page.get_by_label("O que você viu na conversa?").fill("Não há nada na conversa")
    page.get_by_role("button", name="Não chegou, enviar").click()
    expect(page.get_by_text("Ana Ribeiro disse que não chegou")).to_be_visible()
    check_everywhere(page)


def test_limits_are_lowered_and_what_goes_too_far_is_told_at_its_field(look: Look, owner, session):
    page = look(f"/whatsapp/{session.pk}/", owner.user)
    check_everywhere(page)
    page.get_by_role("link", name="Diminuir").click()
    check_everywhere(page, thorough=True)
    assert list(small_targets(page)) == []
    page.get_by_label("Segundos entre duas mensagens").fill("5")
    page.get_by_role("button", name="Salvar limites").click()
    expect(page.get_by_text("O menor intervalo é de 20 segundos.")).to_be_visible()
    check_everywhere(page)
    page.get_by_label("Segundos entre duas mensagens").fill("60")
    page.get_by_role("button", name="Salvar limites").click()
    expect(page.get_by_text("Uma mensagem a cada 60 segundos")).to_be_visible()
    assert SessionLimits.objects.get().interval_seconds == 60


def test_a_campaign_paused_by_the_breaker(look: Look, owner, running):
    Campaign.objects.update(
        status="paused",
        paused_at=timezone.now(),
        pause_reason="too_many_left",
        pause_counts={"part": 4, "last": 50, "limit": 0.06},
    )
    check_everywhere(look(f"/campanhas/{running.pk}/", owner.user), thorough=True)


# From the least urgent to the most, so that the badge of the navigation says the latest. One that was online
# 25 minutes ago is unproven.
FALLING = (State.OFFLINE, State.ONLINE, State.LOGGED_OUT, State.RESTRICTED)


def falling(owner: Membership) -> Iterator[str]:
    """One session after the other comes into a state: its campaign and itself, and at last the lists of all."""
    for state in FALLING:
        session = linked(owner, f"Recepção {state}")
        campaign = send_by(session, owner)
        leave(session, state)
        incidents.update()
        session.refresh_from_db()
        assert whatsapp_badge(owner.business) == SESSION[health.shown_state_of(session)]
        yield from (f"/campanhas/{campaign.pk}/", f"/whatsapp/{session.pk}/")
    yield from ("/", "/whatsapp/")


def test_a_problem_on_the_campaigns_the_sessions_and_the_dashboard(look: Look, owner):
    assert offenders(look.each(falling(owner), owner.user)) == []


def test_the_forecast_follows_the_form(look: Look, owner, session):
    topic = make_topic(owner.business, "Agenda e avisos")
    for _number in range(3):
        subscribe(make_contact(owner.business), topic)
    draft = make_campaign(owner.business, topic=topic, session=session)
    page = look(f"/campanhas/{draft.pk}/escrever/", owner.user)
    forecast = page.locator("#previsao")
    expect(forecast).to_contain_text("3 são conversas novas (200 por dia).")
    check_everywhere(page)
    page.get_by_label("Por qual WhatsApp").select_option("")
    expect(forecast).to_contain_text("Escolha o assunto e o WhatsApp")
    check_everywhere(look(f"/campanhas/{draft.pk}/confirmar/", owner.user))
