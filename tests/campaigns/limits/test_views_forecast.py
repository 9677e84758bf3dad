"""When it ends: while composing, before the launch, under way, paused; and what a session's problem means."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from blu.accounts.models import Membership
from blu.db.cached_by_cost import pages
from campaigns.limits import circuit_breaker, forecast, services
from campaigns.models import Campaign
from campaigns.notices import self_tests
from campaigns.templatetags import sending
from sessions import health
from sessions.models import Chat, Link, State, WhatsAppSession
from tests.clients import Client
from tests.factories import (
    make_business,
    make_campaign,
    make_contact,
    make_delivery,
    make_session,
    make_topic,
    subscribe,
)

pytestmark = pytest.mark.django_db
PART = {"HX-Request": "true"}
# A Monday, 9:00.
NOW = datetime(2026, 11, 23, 9, tzinfo=ZoneInfo("America/Sao_Paulo"))


@pytest.fixture(autouse=True)
def monday(monkeypatch: pytest.MonkeyPatch, settings) -> None:
    pages.clear()
    settings.SIMULATOR_URL = "http://127.0.0.1:1"
    for module in (forecast, sending, health, services, self_tests):
        monkeypatch.setattr(module, "timezone", SimpleNamespace(now=lambda: NOW))


@pytest.fixture
def session(owner: Membership) -> WhatsAppSession:
    return make_session(
        owner.business, name="Recepção", pacing="real", proven_at=NOW,
        linked_at=NOW - timedelta(days=60),
    )  # fmt: skip


@pytest.fixture
def draft(owner: Membership, session: WhatsAppSession) -> Campaign:
    topic = make_topic(owner.business)
    for number in range(6):
        contact = make_contact(owner.business, f"Pessoa {number}")
        subscribe(contact, topic)
        if number < 2:
            Chat.objects.create(session=session, phone=contact.phone, warm_at=NOW)
    return make_campaign(owner.business, topic=topic, session=session)


@pytest.fixture
def running(owner: Membership, session: WhatsAppSession) -> Campaign:
    campaign = make_campaign(owner.business, "running", session=session, recipients=3)
    for _number in range(3):
        make_delivery(campaign)
    return campaign


def foreseen(client: Client, campaign: Campaign, **data: object) -> str:
    return client.post(f"/campanhas/{campaign.pk}/previsao/", data, headers=PART).content.decode()


def page_of(client: Client, campaign: Campaign, part: str = "") -> str:
    return client.get(f"/campanhas/{campaign.pk}/{part}").content.decode()


def test_the_composer_and_the_confirmation_tell_the_end(client, draft):
    for part in ("escrever/", "confirmar/"):
        page = page_of(client, draft, part)
        # The page's own clock is the real one: the day is told with its date.
        assert "Termina " in page
        assert "às 9:02" in page
        assert "1 mensagem a cada 20 segundos, das 8h às 20h, sem domingos." in page
        assert "4 são conversas novas (200 por dia)." in page


def test_the_forecast_follows_what_is_chosen_in_the_form(client, draft, owner):
    other = make_topic(owner.business)
    subscribe(make_contact(owner.business), other)
    chosen = {"topic": other.pk, "segment": "", "session": draft.session_id}
    assert "1 é conversa nova" in foreseen(client, draft, **chosen)
    assert "Escolha o assunto e o WhatsApp" in foreseen(client, draft, **chosen | {"session": ""})


def test_what_the_session_has_queued_counts_too(client, draft, running):
    page = foreseen(client, draft)
    assert "às 9:03" in page
    assert "Por este WhatsApp ainda saem 3 mensagens de outras campanhas." in page


def test_in_trial_there_are_no_limits_and_it_is_said(client, draft, running):
    WhatsAppSession.objects.update(pacing="trial")
    assert "No simulador não há limites" in foreseen(client, draft)
    assert "No simulador não há limites" in page_of(client, running)


def test_a_restriction_puts_the_end_off(client, draft):
    until = NOW + timedelta(days=1)
    Link.objects.update(state=State.RESTRICTED, state_until=until)
    found = forecast.of_draft(draft.business, draft.topic, None, WhatsAppSession.objects.get())
    assert found.ends_at == until + timedelta(minutes=2)


def test_what_was_sent_today_counts_not_towards_tomorrow(session):
    late = NOW.replace(hour=21)
    for _number in range(3):
        campaign = make_campaign(session.business, "running", session=session)
        make_delivery(campaign, status="sent", sent_at=late)
    limits = forecast.pacing.replace(forecast.pacing.limits_of(session.pk), daily=3)
    found = forecast.reckon(limits, forecast.Work(warm=3), now=late)
    assert found.ends_at == NOW.replace(day=24, hour=8, minute=1)


def test_very_many_people_are_counted_after_the_page_is_there(client, draft, monkeypatch):
    monkeypatch.setattr("campaigns.compose.forecast_views.QUICK", 3)
    page = page_of(client, draft, "confirmar/")
    assert "Calculando quando termina…" in page
    assert 'hx-trigger="load"' in page
    assert "Termina " in foreseen(client, draft)


def test_under_way_it_tells_the_end(client, running):
    page = page_of(client, running)
    assert "às 9:01</h2>" in page
    assert "3 são conversas novas (200 por dia)." in page


def test_paused_it_tells_the_end_were_it_resumed_now(client, running):
    Campaign.objects.update(status="paused")
    page = page_of(client, running)
    assert "Parada. Ao retomar agora, termina" in page


def test_the_breaker_explains_and_says_what_was_kept_and_what_resuming_means(client, running):
    Campaign.objects.update(
        status="paused",
        paused_at=NOW,
        pause_reason="too_many_left",
        pause_counts={"part": 4, "last": 50, "limit": 0.06},
    )
    page = page_of(client, running)
    assert "O blü pausou esta campanha" in page
    assert (
        "4 das últimas 50 pessoas pediram para sair (8\N{NO-BREAK SPACE}%; o limite é 6\N{NO-BREAK SPACE}%)"
        in page
    )
    assert "As 3 pessoas que faltam" in page
    assert "se acontecer de novo, pausa de novo" in page
    assert circuit_breaker.check(running.pk) == ""


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (State.RESTRICTED, "O WhatsApp restringiu “Recepção”"),
        (State.LOGGED_OUT, "O celular desconectou “Recepção”"),
        (State.CONFLICT, "“Recepção” está aberto em outro lugar"),
        (State.OFFLINE, "“Recepção” está sem resposta desde"),
        (State.UNLINKED, "“Recepção” não está conectado"),
    ],
)
def test_a_sessions_problem_stands_on_its_campaigns(client, running, state, said):
    Link.objects.update(state=state)
    page = page_of(client, running)
    assert said in page
    assert "3 mensagens esperam na fila e nenhuma foi marcada como falha." in page


def test_the_page_comes_again_when_the_session_gets_a_problem_or_loses_it(client, running):
    page = page_of(client, running)
    assert "?seen=running" in page
    Link.objects.update(state=State.OFFLINE)
    url = f"/campanhas/{running.pk}/andamento/"
    assert client.get(f"{url}?seen=running", headers=PART).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in client.get(f"{url}?seen=running:problem", headers=PART).headers


def test_a_campaign_that_is_over_does_not_mind(client, owner, session):
    done = make_campaign(owner.business, "done", session=session, ended_at=timezone.now())
    Link.objects.update(state=State.LOGGED_OUT)
    assert "desconectou" not in page_of(client, done)


def test_nobody_foresees_a_foreign_draft(client, owner):
    foreign = make_campaign(make_business())
    assert client.post(f"/campanhas/{foreign.pk}/previsao/").status_code == 404
