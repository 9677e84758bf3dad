"""The first page: the next step on the first day, what waits for a person on the others."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blu.accounts.models import Business
from blu.home import attention
from blu.home import dashboard as board
from campaigns.alerts import session_problems
from campaigns.models import Campaign, Reply, SessionAlert
from contacts.models import Import
from tests.clients import Client
from tests.factories import (
    make_business,
    make_campaign,
    make_contact,
    make_delivery,
    make_membership,
    make_notice,
    make_session,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def business() -> Business:
    return make_business()


def following(business: Business) -> str:
    return next(step.title for step in board.first_day(business) if not step.done)


def test_each_thing_done_moves_the_next_step_on(business: Business) -> None:
    assert following(business) == "Conectar o WhatsApp"
    session = make_session(business)
    assert following(business) == "Importar seus contatos"
    make_contact(business)
    assert following(business) == "Escrever a mensagem"
    campaign = make_campaign(business, session=session)
    assert following(business) == "Enviar para o seu próprio número e conferir"
    make_notice(session)
    assert following(business) == "Lançar e acompanhar"
    assert board.is_first_day(business)
    for step in (Campaign.Status.LAUNCHING, Campaign.Status.RUNNING, Campaign.Status.DONE):
        Campaign.objects.filter(pk=campaign.pk).update(status=step, launched_at=timezone.now())
    assert not board.is_first_day(business)


def test_cancelled_campaign_is_no_step_done(business: Business) -> None:
    session = make_session(business)
    make_contact(business)
    make_campaign(business, session=session, status=Campaign.Status.CANCELLED, launched_at=None)
    assert following(business) == "Escrever a mensagem"
    make_campaign(business, session=session, status=Campaign.Status.CANCELLED)
    assert following(business) == "Escrever a mensagem"
    last = board.first_day(business)[-1]
    assert (last.label, last.url) == ("Conferir e lançar", business.address("campaign_list"))


def test_what_another_business_did_moves_nothing(business: Business) -> None:
    other = make_business()
    make_contact(other)
    make_campaign(other, status=Campaign.Status.DONE)
    assert following(business) == "Conectar o WhatsApp"
    assert board.is_first_day(business)


def test_nothing_waits_in_a_new_business(business: Business) -> None:
    assert attention.items_of(business) == []


def test_what_waits_is_told_the_most_pressing_first(business: Business) -> None:
    session = make_session(business, name="Recepção", state="logged_out")
    make_campaign(business, name="Vacinas", session=session, status=Campaign.Status.PAUSED)
    running = make_campaign(business, session=session, status=Campaign.Status.RUNNING)
    make_delivery(running, status="uncertain")
    reply(business, session)
    Import.objects.create(business=business, file_name="recepcao.xlsx")
    assert [item.title for item in attention.items_of(business)] == [
        "O celular desconectou “Recepção”",
        "“Vacinas” está pausada",
        "1 envio incerto",
        "1 resposta por resolver",
        "Falta conferir uma planilha",
    ]


@pytest.mark.parametrize(
    ("state", "always"),
    [("logged_out", True), ("conflict", True), ("restricted", True), ("offline", False)],
)
def test_a_whatsapp_that_sends_nothing_comes_first_where_a_person_misses_it(
    business: Business, state: str, always: bool
) -> None:
    session = make_session(business, name="Recepção", state=state)
    make_campaign(business, name="Parada", status=Campaign.Status.PAUSED)
    first = attention.items_of(business)[0]
    assert (first.title == "“Parada” está pausada") is not always
    make_delivery(make_campaign(business, session=session, status=Campaign.Status.RUNNING))
    first = attention.items_of(business)[0]
    words = session_problems.problem_of(session)
    assert words is not None
    assert (first.title, first.detail) == (words.title, words.to_do)
    assert first.url == business.address("session_detail", session.pk)


def test_an_incident_is_told_once_and_who_may_not_link_is_told_who_does(
    business: Business,
) -> None:
    session = make_session(business, name="Recepção", state="logged_out")
    SessionAlert.objects.create(session=session, kind=SessionAlert.Kind.AWAY, since=timezone.now())
    (owner,), (receptionist,) = (
        attention.items_of(business),
        attention.items_of(business, "receptionist"),
    )
    assert "Conecte de novo" in owner.detail
    assert receptionist.detail == "Quem cuida da conta é quem conecta."


def test_whatsapps_that_are_well_or_were_never_linked_wait_for_nobody(business: Business) -> None:
    for state in ("online", "resting"):
        make_delivery(make_campaign(business, session=make_session(business, state=state)))
    for state in ("unlinked", "pairing"):
        make_session(business, state=state, linked_at=None)
    assert attention.items_of(business) == []


def test_what_is_not_shown_is_counted(client: Client) -> None:
    membership = make_membership()
    for number in range(5):
        Import.objects.create(business=membership.business, file_name=f"{number}.xlsx")
        make_campaign(membership.business, status=Campaign.Status.PAUSED)
    titles = [item.title for item in attention.items_of(membership.business)]
    assert titles[3] == "Mais 2 campanhas pausadas"
    assert titles[-1] == "Falta conferir mais 2 planilhas"
    assert len(titles) == 8
    client.force_login(membership.user)
    assert "10 itens" in client.get("/", follow=True).content.decode()


def test_a_viewer_is_told_what_waits_but_offered_nothing_to_do(client: Client) -> None:
    membership = make_membership(role="viewer")
    business = membership.business
    Import.objects.create(business=business, file_name="recepcao.xlsx")
    make_campaign(business, name="Vacinas", status=Campaign.Status.PAUSED)
    client.force_login(membership.user)
    assert "Sua primeira campanha" in (page := client.get("/", follow=True).content.decode())
    assert "checklist__item--next" in page
    assert 'class="button button--primary"' not in page
    make_campaign(business, status=Campaign.Status.DONE)
    page = client.get("/", follow=True).content.decode()
    assert "Nova campanha" not in page
    assert "recepcao.xlsx" not in page
    assert "Espera pela equipe" in page
    assert "“Vacinas” está pausada" in page


def test_who_may_not_link_a_phone_is_not_asked_to(business: Business) -> None:
    for role, label in (("owner", "Conectar WhatsApp"), ("receptionist", "Ver o WhatsApp")):
        linking = next(step for step in board.first_day(business, role) if not step.done)
        assert linking.label == label


def test_what_waits_in_another_business_is_not_told(business: Business) -> None:
    other = make_business()
    session = make_session(other, state="restricted")
    make_delivery(make_campaign(other, session=session, status="running"), status="uncertain")
    reply(other, session)
    Import.objects.create(business=other, file_name="deles.xlsx")
    assert attention.items_of(business) == []


def test_a_handled_reply_and_an_old_spreadsheet_wait_no_more(business: Business) -> None:
    reply(business, make_session(business), handled_at=timezone.now())
    long_ago = timezone.now() - timedelta(days=8)
    Import.objects.create(business=business, file_name="velha.xlsx", created_at=long_ago)
    assert attention.items_of(business) == []


def test_the_use_of_todays_limit_is_shown_for_real_pacing_only(business: Business) -> None:
    make_session(business, name="A", pacing="real")
    make_session(business, name="B", pacing="trial")
    assert [(line.session.name, line.quota > 0) for line in board.lines(business)] == [
        ("A", True),
        ("B", False),
    ]


def test_the_menu_counts_replies_and_shows_the_state_of_whatsapp(client: Client) -> None:
    membership = make_membership()
    session = make_session(membership.business, state="conflict")
    make_session(membership.business, state="online")
    reply(membership.business, session)
    client.force_login(membership.user)
    page = client.get("/", follow=True).content.decode()
    assert 'aria-label="1 sem resolver"' in page
    assert "Em outro lugar" in page


def test_only_the_owner_is_offered_the_data_of_the_business(client: Client) -> None:
    for role, offered in (("owner", True), ("viewer", False)):
        client.force_login(make_membership(role=role).user)
        assert ("Dados do negócio" in client.get("/", follow=True).content.decode()) is offered


def test_recent_replies_are_people_and_lead_to_their_conversation(client: Client) -> None:
    membership = make_membership()
    session = make_session(membership.business)
    for text in ("Oi", "Alô?"):
        newest = reply(membership.business, session, text=text)
    client.force_login(membership.user)
    page = client.get("/", follow=True).content.decode()
    assert f'/respostas/?aba=all&amp;resposta={newest.pk}#conversa"' in page
    assert "Alô?" in page
    assert ">Oi<" not in page


def test_the_first_page_asks_the_database_a_bounded_number_of_times(
    client: Client, django_assert_max_num_queries: object
) -> None:
    membership = make_membership()
    session = make_session(membership.business)
    for _ in range(5):
        make_campaign(membership.business, session=session, status=Campaign.Status.DONE)
        reply(membership.business, session)
    client.force_login(membership.user)
    page = membership.business.address("dashboard")
    client.get(page)
    with django_assert_max_num_queries(30):  # type: ignore[operator]
        client.get(page)


def reply(business: Business, session: object, **fields: object) -> Reply:
    number = Reply.objects.count()
    given = {"phone": "+5511900023180", "text": "Quero sim!", "at": timezone.now()} | fields
    return Reply.objects.create(
        business=business, session=session, message_id=f"in-{number}", **given
    )
