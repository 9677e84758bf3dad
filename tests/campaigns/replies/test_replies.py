"""The replies page: what is shown, who may handle it, what is counted."""

import re

import pytest
from django.utils import timezone

from blu.accounts.models import Membership
from campaigns.models import Campaign, Reply
from campaigns.replies import pages
from tests.factories import (
    make_business,
    make_campaign,
    make_contact,
    make_delivery,
    make_membership,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(owner: Membership) -> Campaign:
    return make_campaign(owner.business, status="running", recipients=3)


def make_reply(campaign: Campaign, text: str, name: str = "Lúcia Prado", **fields: object) -> Reply:
    contact = make_contact(campaign.business, name)
    delivery = make_delivery(
        campaign, contact, status="read", variables={"nome": name.split(maxsplit=1)[0]}
    )
    values = {
        "business": campaign.business,
        "session": campaign.session,
        "message_id": f"id-{contact.pk}",
        "phone": contact.phone,
        "contact": contact,
        "delivery": delivery,
        "text": text,
        "at": timezone.now(),
    }
    return Reply.objects.create(**(values | fields))


def test_newest_comes_first_with_its_campaign_and_conversation(client, campaign):
    make_reply(campaign, "A mais velha", "Tâmara Simões")
    newest = make_reply(campaign, "Quero sim!")
    page = client.get("/respostas/").content.decode()
    assert page.index("Quero sim!") < page.index("A mais velha")
    assert "Agenda de dezembro" in page
    assert "Olá, Lúcia!" in page
    assert "https://wa.me/" + newest.phone.lstrip("+") in page


def again(reply: Reply, text: str, **fields: object) -> Reply:
    """The same person writes once more."""
    values = {
        "business": reply.business,
        "session": reply.session,
        "message_id": f"{reply.message_id}-{Reply.objects.count()}",
        "phone": reply.phone,
        "contact": reply.contact,
        "delivery": reply.delivery,
        "text": text,
        "at": timezone.now(),
    }
    return Reply.objects.create(**(values | fields))


def inbox(page: str) -> list[str]:
    """The lines of the list."""
    return page.split('class="inbox"')[1].split("</ul>", maxsplit=1)[0].split("inbox__item")[1:]


def test_each_person_has_one_line_with_the_newest_and_the_whole_conversation(client, campaign):
    first = make_reply(campaign, "Quem é?", "Neide Imbassahy")
    make_reply(campaign, "Quero sim!", "Tâmara Simões")
    newest = again(first, "Ah, obrigada!")
    page = client.get(f"/respostas/?resposta={newest.pk}").content.decode()
    neide, tamara = inbox(page)
    assert "Ah, obrigada!" in neide
    assert "Quem é?" not in neide
    assert "Quero sim!" in tamara
    chat = page.split('id="conversa"')[1]
    assert chat.index("Olá, Neide!") < chat.index("Quem é?") < chat.index("Ah, obrigada!")
    assert chat.count("Olá, Neide!") == 1
    assert "Quero sim!" not in chat


def test_line_of_a_person_tells_of_an_older_message_that_waits(client, campaign):
    waiting = make_reply(campaign, "Quanto custa?")
    again(waiting, "SAIR", kind="stop", handled_at=timezone.now())
    (line,) = inbox(client.get("/respostas/?aba=all").content.decode())
    assert "SAIR" in line
    assert 'aria-label="por resolver"' in line
    (line,) = inbox(client.get("/respostas/").content.decode())
    assert "Quanto custa?" in line


def test_people_go_on_by_keyset_without_coming_twice(client, campaign, monkeypatch):
    first = [make_reply(campaign, f"r{n}", f"P{n:02}", delivery=None) for n in range(52)]
    for reply in first[:3]:
        again(reply, "de novo")
    page = client.get("/respostas/").content.decode()
    assert len(inbox(page)) == 50
    assert "de novo" in inbox(page)[0]
    after = page.split("depois=")[1].split('"')[0]
    rest = inbox(client.get(f"/respostas/?depois={after}").content.decode())
    assert ["r4" in rest[0], "r3" in rest[1], len(rest)] == [True, True, 2]


def test_what_waits_is_not_counted_beside_a_narrowed_list(client, campaign):
    make_reply(campaign, "Vou atrasar")
    counted = r"Por resolver\s*<[^>]*>\s*1"
    assert re.search(counted, client.get("/respostas/").content.decode())
    for narrowed in ("q=zzz", f"campanha={campaign.pk}"):
        assert not re.search(counted, client.get(f"/respostas/?{narrowed}").content.decode())


def test_page_opens_on_what_waits_and_on_all_of_a_campaign(client, campaign):
    make_reply(campaign, "Feita", handled_at=timezone.now())
    page = client.get("/respostas/").content.decode()
    assert 'aria-current="page">Por resolver' in page
    assert "Tudo resolvido" in page
    assert 'href="?aba=all"' in page.split("Tudo resolvido")[1]
    page = client.get(f"/respostas/?campanha={campaign.pk}").content.decode()
    assert 'aria-current="page">Todas' in page
    assert "Feita" in page


def test_handling_a_person_handles_all_that_was_seen_and_nothing_newer(client, owner, campaign):
    first = make_reply(campaign, "Oi")
    stranger = make_reply(campaign, "Outra pessoa", "Ana")
    seen, later = again(first, "Alô?"), again(first, "Ainda aí?")
    client.post(f"/respostas/{seen.pk}/resolver/")
    handled = {reply.text: reply.handled_by for reply in Reply.objects.select_related("handled_by")}
    assert handled == {
        "Oi": owner.user,
        "Alô?": owner.user,
        later.text: None,
        stranger.text: None,
    }


def test_opt_out_is_marked_as_obeyed(client, campaign):
    make_reply(campaign, "SAIR", kind="stop", handled_at=timezone.now())
    page = client.get("/respostas/?aba=stop").content.decode()
    assert "Pediu para sair · já parou" in page


def test_only_who_was_obeyed_is_said_to_be_back(client, campaign):
    asked = make_reply(campaign, "VOLTAR", kind="return")
    client.post(f"/respostas/{asked.pk}/resolver/")
    page = client.get("/respostas/?aba=all").content.decode()
    assert "Pediu para voltar" in page
    assert "já voltou" not in page
    again(asked, "VOLTAR", kind="return", handled_at=timezone.now())
    assert "Pediu para voltar · já voltou" in client.get("/respostas/?aba=all").content.decode()


def test_tabs_narrow_to_what_waits_and_to_who_left(client, campaign):
    make_reply(campaign, "Esperando")
    make_reply(campaign, "SAIR", kind="stop", handled_at=timezone.now())
    waiting = client.get("/respostas/?aba=open").content.decode()
    assert "Esperando" in waiting
    assert "SAIR" not in waiting.split('class="inbox"')[1]
    left = client.get("/respostas/?aba=stop").content.decode()
    assert "Esperando" not in left


@pytest.mark.parametrize("words", ["lucia", "sim", "(11) 98", "QUERO"])
def test_search_finds_by_name_number_and_word(client, campaign, words):
    make_reply(campaign, "Quero sim!")
    make_reply(campaign, "Agora não", "Tâmara Ribeiro", phone="+5521900000000")
    page = client.get("/respostas/", {"q": words}).content.decode()
    assert "Quero sim!" in page


def test_search_that_finds_nothing_says_where_it_looked(client, campaign):
    make_reply(campaign, "Quero sim!")
    assert "Nada com “zzz”" in client.get("/respostas/?q=zzz").content.decode()


def test_handled_by_the_first_one_and_open_again(client, owner, campaign):
    reply = make_reply(campaign, "Quero sim!")
    client.post(f"/respostas/{reply.pk}/resolver/", {"volta": "/respostas/?aba=open"})
    reply.refresh_from_db()
    assert reply.handled_by == owner.user
    other = make_membership(owner.business, "receptionist").user
    client.force_login(other)
    client.post(f"/respostas/{reply.pk}/resolver/")
    reply.refresh_from_db()
    assert reply.handled_by == owner.user
    client.post(f"/respostas/{reply.pk}/resolver/", {"reabrir": "1"})
    reply.refresh_from_db()
    assert (reply.handled_at, reply.handled_by) == (None, None)


def test_way_back_stays_on_this_site(client, campaign):
    reply = make_reply(campaign, "Oi")
    for elsewhere in ("https://exemplo.com/", "//exemplo.com/", "/\\exemplo.com"):
        response = client.post(f"/respostas/{reply.pk}/resolver/", {"volta": elsewhere})
        assert response.url == campaign.business.address("reply_list")
    response = client.post(f"/respostas/{reply.pk}/resolver/", {"volta": "/respostas/?aba=open"})
    assert response.url == "/respostas/?aba=open"


def test_viewer_reads_and_handles_nothing(client, owner, campaign):
    reply = make_reply(campaign, "Quero sim!")
    client.force_login(make_membership(owner.business, "viewer").user)
    assert "Quero sim!" in client.get("/respostas/").content.decode()
    assert client.post(f"/respostas/{reply.pk}/resolver/").status_code == 403
    reply.refresh_from_db()
    assert reply.handled_at is None


def test_foreign_reply_is_neither_shown_nor_handled(client, owner):
    foreign = make_reply(make_campaign(make_business(), status="running"), "Segredo")
    assert "Segredo" not in client.get("/respostas/").content.decode()
    assert client.get(f"/respostas/?resposta={foreign.pk}").status_code == 404
    assert client.post(f"/respostas/{foreign.pk}/resolver/").status_code == 404
    assert client.get(f"/respostas/?campanha={foreign.delivery.campaign_id}").status_code == 200


def test_reply_of_a_stranger_has_a_number_instead_of_a_name(client, campaign):
    make_reply(campaign, "Quem é?", contact=None, delivery=None, phone="+5511987654321")
    page = client.get("/respostas/").content.decode()
    assert "(11) 98765-4321" in page


def test_open_replies_are_counted_within_the_business_up_to_a_limit(campaign):
    for n in range(3):
        make_reply(campaign, f"r{n}")
    make_reply(campaign, "feita", handled_at=timezone.now())
    make_reply(make_campaign(make_business(), status="running"), "de outra")
    assert len(pages.open_replies(campaign.business)) == 3
    assert len(pages.open_replies(campaign.business, most=2)) == 2


def test_who_wrote_three_times_waits_once(campaign):
    first = make_reply(campaign, "Oi")
    for text in ("Alô?", "Ainda aí?"):
        newest = again(first, text)
    assert pages.open_replies(campaign.business) == [newest.at]
