"""The pages of a move: what its owner is told before, while the new link proves itself, and after the switch."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blu.accounts.models import Membership
from blu.home.attention import items_of
from campaigns.models import Campaign
from sessions.linking import moves, services
from sessions.models import Link, LinkMove, Pairing, Runner, State, WhatsAppSession
from tests import factories, support
from tests.clients import Client
from tests.leasing import take_link

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def host(db: None) -> Runner:
    return Runner.objects.create(node="a", host="one", pid=1, born=0, capacity=500)


@pytest.fixture
def session(owner: Membership) -> WhatsAppSession:
    """Linked by a browser, with a campaign that runs."""
    session = factories.make_session(
        owner.business, name="Recepção", transport="browser", terms_accepted_at=timezone.now()
    )
    factories.make_campaign(
        owner.business, Campaign.Status.RUNNING, session=session, name="Agenda de dezembro"
    )
    return session


@pytest.fixture
def address(session: WhatsAppSession) -> str:
    return f"/whatsapp/{session.pk}/mudar/"


def shown(client: Client, address: str) -> str:
    return client.get(address).content.decode()


def linked(session: WhatsAppSession) -> LinkMove:
    """The session's move, whose code was scanned."""
    move = moves.open_of(session)
    assert move is not None
    attempt = Pairing.objects.filter(link=move.new).latest("pk")
    taken = take_link(move.new.pk)
    assert taken is not None
    services.linked(attempt, token=taken.token, phone=session.phone)
    return move


def switched(move: LinkMove) -> None:
    services.switch(link=move.new)
    LinkMove.objects.filter(pk=move.pk).update(
        switched_at=timezone.now(), kept_until=timezone.now() + timedelta(days=7)
    )


def test_the_sessions_page_leads_to_a_page_that_says_what_stays_and_what_goes_on(
    client: Client, session: WhatsAppSession, address: str
) -> None:
    assert "Mudar para a conexão direta" in shown(client, f"/whatsapp/{session.pk}/")
    page = shown(client, address)
    assert "“Agenda de dezembro”: o envio continua" in page
    assert "Nenhuma mensagem se perde, nenhuma sai duas vezes." in page
    assert not LinkMove.objects.exists()


def test_where_four_devices_are_linked_the_page_says_which_may_go_and_which_must_not(
    client: Client, session: WhatsAppSession, address: str
) -> None:
    page = shown(client, address)
    assert "O WhatsApp aceita 4 aparelhos conectados." in page
    ours, other = page.index("Google Chrome (Linux)"), page.index("Um computador parado")
    assert ours < page.index("É o blü, enviando agora") < other < page.index("Pode remover")


def test_a_code_links_the_new_link_while_the_old_one_goes_on(
    client: Client, session: WhatsAppSession, address: str
) -> None:
    client.post(address)
    client.post(f"/whatsapp/{session.pk}/conectar/", {"kind": "qr"})
    attempt = Pairing.objects.get()
    assert attempt.link.transport == "direct"
    assert attempt.link != session.link
    services.show_code(attempt.pk, code="2@abc")
    assert client.get(f"/whatsapp/{session.pk}/codigo.svg").status_code == 200
    assert "/codigo.svg" in shown(client, address)
    session.refresh_from_db()
    assert (session.transport, session.state) == ("browser", State.RESTING)
    # The page of the first linking leads here.
    assert client.get(f"/whatsapp/{session.pk}/conectar/").url.endswith(address)


def test_a_move_that_is_asked_for_when_the_host_has_just_gone_is_refused_in_words(
    client: Client, session: WhatsAppSession, address: str
) -> None:
    Runner.objects.all().delete()
    page = client.post(address, follow=True).content.decode()
    assert "Este caminho não está disponível agora." in page
    assert not LinkMove.objects.exists()


def test_the_page_waits_for_the_proof_and_then_shows_the_kept_link_and_the_way_back(
    client: Client, session: WhatsAppSession, address: str
) -> None:
    client.post(address)
    client.post(f"/whatsapp/{session.pk}/conectar/", {"kind": "qr"})
    move = linked(session)
    page = shown(client, address)
    assert "O celular leu o código" in page
    seen = page.split("?seen=")[1].split('"')[0]
    state = f"/whatsapp/{session.pk}/conectar/estado/?seen={seen}"
    assert client.get(state).status_code == 204
    switched(move)
    assert client.get(state).headers["HX-Refresh"] == "true"
    page = shown(client, address)
    assert "Agora pela conexão direta" in page
    assert "O navegador está guardado" in page
    assert "No celular, remova então “Google Chrome (Linux)” dos dispositivos" in page
    assert "Voltar para o navegador" in page
    client.post(f"{address}voltar/")
    session.refresh_from_db()
    assert session.transport == "browser"
    page = shown(client, address)
    assert "A conexão direta está guardada" in page
    assert "remova então" not in page, "a host takes its device off by itself"


def test_who_needs_the_kept_link_no_more_lets_it_go(
    client: Client, session: WhatsAppSession, address: str
) -> None:
    client.post(address)
    client.post(f"/whatsapp/{session.pk}/conectar/", {"kind": "qr"})
    switched(linked(session))
    client.post(f"{address}dispensar/")
    assert Link.objects.get(transport="browser").state == State.UNLINKED
    assert "Mudou de aparelho" not in shown(client, f"/whatsapp/{session.pk}/")


def test_a_restricted_account_is_told_that_it_waits(
    client: Client, session: WhatsAppSession, address: str
) -> None:
    factories.lead(session, State.RESTRICTED)
    page = shown(client, address)
    assert "Com a conta restrita não se muda" in page
    client.post(address)
    assert not LinkMove.objects.exists()


def test_only_an_owner_moves_an_account(
    client: Client, session: WhatsAppSession, address: str
) -> None:
    client.force_login(factories.make_membership(session.business, role="receptionist").user)
    for path in (address, f"{address}voltar/", f"{address}dispensar/"):
        assert client.post(path).status_code == 403
    assert not LinkMove.objects.exists()


def test_support_invites_many_at_once_and_each_owner_is_asked_on_the_first_page(
    client: Client, session: WhatsAppSession
) -> None:
    there = factories.make_session(session.business, transport="direct")
    locked = factories.make_session(session.business, transport="browser", state=State.RESTRICTED)
    staff = factories.make_user("suporte@blu.local", is_staff=True, is_superuser=True)
    support.sign_in(client, staff)
    chosen = {"_selected_action": [session.pk, there.pk, locked.pk], "action": "invite_to_move"}
    page = client.post("/admin/wa_sessions/whatsappsession/", chosen, follow=True)
    assert f"Convidadas a mudar: {session.name}." in page.content.decode()
    assert [move.session for move in LinkMove.objects.all()] == [session]
    titles = [item.title for item in items_of(session.business)]
    assert "“Recepção”: falta ler um código para mudar" in titles
    assert titles != [item.title for item in items_of(session.business, "receptionist")]
    client.force_login(Membership.objects.get(business=session.business, role="owner").user)
    assert "Falta ler um código para mudar" in shown(client, f"/whatsapp/{session.pk}/")


def test_support_invites_nobody_to_a_direct_connection_that_no_host_would_drive(
    client: Client, session: WhatsAppSession, host: Runner
) -> None:
    """The best kind is then the browser: who has the direct one would be asked to leave it."""
    there = factories.make_session(session.business, transport="direct")
    host.delete()
    support.sign_in(
        client, factories.make_user("suporte@blu.local", is_staff=True, is_superuser=True)
    )
    chosen = {"_selected_action": [session.pk, there.pk], "action": "invite_to_move"}
    page = client.post("/admin/wa_sessions/whatsappsession/", chosen, follow=True)
    assert "Este caminho não está disponível agora." in page.content.decode()
    assert not LinkMove.objects.exists()
