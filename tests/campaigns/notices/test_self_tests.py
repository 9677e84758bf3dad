"""The test to oneself: to the proven number, at once, and followed until it has arrived."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import TextChoices
from django.utils import timezone

from blu.accounts.models import Membership
from blu.accounts.refused import Refused
from campaigns.messages.variables import Fault
from campaigns.models import Campaign, Notice
from campaigns.models.notice_rules import TESTS_A_DAY
from campaigns.notices import self_tests
from campaigns.notices.refusals import NoticeRefusal
from sessions.models import Chat, WhatsAppSession
from tests import factories, hours
from tests.clients import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_day")]


@pytest.fixture
def draft(owner: Membership) -> Campaign:
    return factories.make_campaign(owner.business, body="Olá, {{nome|tudo bem}}!")


@pytest.fixture
def mine(owner: Membership) -> str:
    return factories.make_proven_number(owner)


def page(draft: Campaign) -> str:
    return draft.business.address("campaign_test", draft.pk)


def test_a_test_goes_to_the_actors_proven_number_each_time(
    owner: Membership, draft: Campaign, mine: str
) -> None:
    assert draft.topic is not None
    factories.subscribe(factories.make_contact(owner.business), draft.topic)
    notices = [self_tests.send_self_test(campaign=draft, actor=owner.user) for _n in range(2)]
    assert {(one.phone, one.kind, one.asked_by) for one in notices} == {
        (mine, "self_test", owner.user)
    }
    assert "Olá, Lúcia!" in notices[0].text


@pytest.mark.parametrize(
    ("fields", "proven", "code", "said"),
    [
        ({}, False, NoticeRefusal.NO_NUMBER, "qual é o seu WhatsApp"),
        ({"session": None}, True, NoticeRefusal.NO_SESSION, "Conecte um WhatsApp"),
        ({"body": ""}, True, NoticeRefusal.NO_TEXT, "Escreva a mensagem"),
        ({"body": "Olá, {{nome"}, True, Fault.UNCLOSED, "faltou fechar"),
    ],
)
def test_a_test_without_what_it_needs_says_so(
    owner: Membership, fields: dict[str, Any], proven: bool, code: TextChoices, said: str
) -> None:
    if proven:
        factories.make_proven_number(owner)
    draft = factories.make_campaign(owner.business, **fields)
    with pytest.raises(Refused, match=said) as refused:
        self_tests.send_self_test(campaign=draft, actor=owner.user)
    assert refused.value.code == code
    assert not Notice.objects.exists()


def test_without_a_proven_number_the_page_leads_to_its_proof(
    client: Client, draft: Campaign
) -> None:
    shown = client.get(page(draft)).content.decode()
    assert f"{page(draft)}numero/" in shown
    answer = client.post(page(draft), {"phone": "(21) 97777-0001"})
    assert answer.url == f"{page(draft)}numero/"
    assert not Notice.objects.exists()


@pytest.mark.parametrize("way", ["testar", "escrever"])
def test_with_a_proven_number_one_press_sends_it(
    client: Client, draft: Campaign, mine: str, way: str
) -> None:
    words = {"name": draft.name, "body": draft.body, "topic": draft.topic_id, "acao": "testar"}
    data = words | {"session": draft.session_id} if way == "escrever" else {}
    answer = client.post(f"/campanhas/{draft.pk}/{way}/", data)
    notice = Notice.objects.get()
    assert answer.url == f"{page(draft)}?aviso={notice.pk}"
    assert "O teste espera a vez" in client.get(answer.url).content.decode()


def test_a_test_is_followed_until_it_has_arrived(
    client: Client, draft: Campaign, mine: str
) -> None:
    client.post(page(draft))
    follow = f"{page(draft)}?aviso={Notice.objects.get().pk}"
    for status, said, again in (
        ("sending", "Saindo agora", True),
        ("sent", "falta chegar", True),
        ("delivered", "Chegou ao seu celular", False),
    ):
        Notice.objects.update(status=status)
        part = client.get(follow, headers={"HX-Request": "true"}).content.decode()
        assert said in part
        assert "<html" not in part
        assert ("data-poll" in part) is again


def test_a_test_that_waits_for_tomorrow_or_goes_no_more_says_so(
    client: Client, draft: Campaign, mine: str
) -> None:
    client.post(page(draft))
    follow = f"{page(draft)}?aviso={Notice.objects.get().pk}"
    tomorrow = timezone.now() + timedelta(days=1)
    Notice.objects.update(not_before=tomorrow)
    assert re.search(f"O teste sai {hours.at(tomorrow)}", client.get(follow).content.decode())
    Notice.objects.update(status="skipped", reason="unasked")
    assert "Não saiu: o pedido não vale mais" in client.get(follow).content.decode()


def test_nobody_follows_a_colleagues_test(client: Client, draft: Campaign) -> None:
    assert draft.session is not None
    theirs = factories.make_notice(draft.session)
    shown = client.get(f"{page(draft)}?aviso={theirs.pk}").content.decode()
    assert "O teste espera a vez" not in shown


def test_too_many_tests_a_day_are_refused_in_one_sentence(
    client: Client, draft: Campaign, mine: str
) -> None:
    for _number in range(TESTS_A_DAY):
        client.post(page(draft))
    said = client.post(page(draft), follow=True).content.decode()
    assert "Você já fez os 10 testes de hoje" in said
    assert Notice.objects.count() == TESTS_A_DAY


def test_used_up_new_chats_are_told_unless_the_chat_is_open(
    client: Client, draft: Campaign, mine: str
) -> None:
    WhatsAppSession.objects.update(pacing="real")
    Chat.objects.bulk_create(
        Chat(session=draft.session, phone=factories.make_phone(), opened_at=timezone.now())
        for _number in range(20)
    )
    said = client.post(page(draft), follow=True).content.decode()
    assert "O limite de conversas novas de hoje" in said
    assert not Notice.objects.exists()
    Chat.objects.create(session=draft.session, phone=mine, warm_at=timezone.now())
    client.post(page(draft))
    assert Notice.objects.count() == 1
