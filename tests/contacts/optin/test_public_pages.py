"""The public pages: anybody opens them, three fields, and nothing is granted before the number confirms it."""

import re
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from blu.accounts import closing
from blu.db import prepared_sql
from campaigns.models import Notice
from contacts import evidence
from contacts.models import Consent, Contact, OptIn, OptInText, Source, State, Subscription
from contacts.models.opt_ins import TRIES
from contacts.optin import asking, confirming, reading, texts
from sessions.models import WhatsAppSession
from tests import factories

pytestmark = pytest.mark.django_db
PHONE = "+5511987654321"
FILLED = {"name": "Lúcia", "phone": "(11) 98765-4321", "agree": "on"}


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    return factories.make_session(
        factories.make_business(), proven_at=timezone.now(), phone="+5511900074100"
    )


@pytest.fixture
def text(session: WhatsAppSession) -> OptInText:
    return factories.make_opt_in_text(factories.make_topic(session.business, "Agenda e avisos"))


def address_of(text: OptInText) -> str:
    return reverse("optin_page", args=[text.business.slug, text.topic_id])


def asked(client: Client, text: OptInText, **fields: str) -> str:
    """The address of the request that a filled page makes."""
    answer = client.post(address_of(text), FILLED | fields)
    assert answer.status_code == HTTPStatus.FOUND
    return str(answer["Location"])


def test_a_page_asks_three_things_and_grants_nothing(client: Client, text: OptInText) -> None:
    page = client.get(address_of(text)).content.decode()
    assert re.findall(r'<input[^>]* name="(\w+)"', page) == ["name", "phone", "agree"]
    assert text.wording.text in page
    assert "checked" not in page
    asked(client, text)
    wish = OptIn.objects.get()
    assert (wish.phone, wish.name, wish.confirmed_at) == (PHONE, "Lúcia", None)
    assert not Contact.objects.exists()
    assert not Consent.objects.exists()


def test_the_message_that_confirms_is_ready_and_its_code_is_read_back(
    client: Client, text: OptInText
) -> None:
    page = client.get(asked(client, text)).content.decode()
    found = re.search(r'href="(https://wa\.me/[^"]+)"', page)
    assert found
    link = urlsplit(found[1])
    assert link.path == "/5511900074100"
    [message] = parse_qs(link.query)["text"]
    assert "Agenda e avisos" in message
    awaited = confirming.awaited_in(text.business_id, message, timezone.now())
    assert awaited
    assert awaited.request == OptIn.objects.get()


@pytest.mark.parametrize("field", ["name", "phone", "agree"])
def test_what_is_missing_is_said_where_it_is_missing(
    client: Client, text: OptInText, field: str
) -> None:
    page = client.post(address_of(text), FILLED | {field: ""}).content.decode()
    assert page.count("field__error") == 1
    assert not OptIn.objects.exists()


def test_a_number_that_cannot_be_read_is_no_guess(client: Client, text: OptInText) -> None:
    for phone in ("98765-432", "(11) 8765-43", "abc"):
        assert (
            "field__error"
            in client.post(address_of(text), FILLED | {"phone": phone}).content.decode()
        )
    assert not OptIn.objects.exists()


def test_a_name_carries_no_link(client: Client, text: OptInText) -> None:
    client.post(address_of(text), FILLED | {"name": "Ganhe em evil.test/a"})
    assert not OptIn.objects.exists()


def test_a_submission_takes_one_statement(
    client: Client, text: OptInText, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that counts and keeps; the first of some seconds also one that reads the page."""
    plain: list[str] = []
    execute = prepared_sql.execute

    def counted(sql: str, values: Mapping[str, Any]) -> Any:
        plain.append(sql)
        return execute(sql, values)

    monkeypatch.setattr(prepared_sql, "execute", counted)
    for most in (2, 1):
        plain.clear()
        with CaptureQueriesContext(connection) as done:
            asked(client, text)
        assert len(plain) + len(done) <= most


def test_a_form_on_the_businesss_own_site_sends_here(text: OptInText) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(address_of(text), FILLED, headers={"Origin": "https://clinica.example"})
    assert answer.status_code == HTTPStatus.FOUND


# How often


def test_so_many_an_hour_come_from_one_address_of_the_network(
    client: Client, text: OptInText, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(asking.FROM_ONE_ADDRESS):
        factories.make_opt_in(text, origin=asking.origin_of("203.0.113.9"), name=f"P{number}")
    refused = client.post(address_of(text), FILLED, REMOTE_ADDR="203.0.113.9")
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert "wa.me" in refused.content.decode()
    assert client.post(address_of(text), FILLED, REMOTE_ADDR="203.0.113.10").status_code == 302


def test_so_many_an_hour_are_for_one_number(client: Client, text: OptInText) -> None:
    for number in range(asking.FOR_ONE_NUMBER):
        client.post(address_of(text), FILLED, REMOTE_ADDR=f"203.0.113.{number}")
    refused = client.post(address_of(text), FILLED, REMOTE_ADDR="203.0.113.99")
    assert refused.status_code == HTTPStatus.TOO_MANY_REQUESTS
    assert OptIn.objects.count() == asking.FOR_ONE_NUMBER


def test_a_household_is_one_address_and_no_address_can_be_read_back() -> None:
    assert asking.origin_of("2001:db8::1") == asking.origin_of("2001:db8::ffff")
    assert asking.origin_of("2001:db8::1") == asking.origin_of("2001:db8:0:ffff::1")
    assert asking.origin_of("2001:db8::1") != asking.origin_of("2001:db8:1::1")
    assert "203" not in asking.origin_of("203.0.113.9").split(".")


def test_what_nobody_confirmed_is_deleted_after_a_week(text: OptInText) -> None:
    wishes = [factories.make_opt_in(text) for _number in range(3)]
    OptIn.objects.filter(pk=wishes[0].pk).update(confirmed_at=timezone.now())
    for wish in (wishes[0], wishes[2]):
        factories.age_opt_in(wish, days=8)
    assert asking.sweep() == 1
    assert set(OptIn.objects.values_list("pk", flat=True)) == {wishes[0].pk, wishes[1].pk}


# By a code that we send


def send_code(client: Client, address: str) -> OptIn:
    client.post(address, {"acao": "codigo"})
    return OptIn.objects.get()


def confirm(client: Client, address: str, code: str) -> str:
    return client.post(address, {"acao": "confirmar", "code": code}, follow=True).content.decode()


def test_a_typed_code_grants_with_wording_evidence_and_channel(
    client: Client, text: OptInText
) -> None:
    address = asked(client, text)
    wish = send_code(client, address)
    notice = Notice.objects.get(kind=Notice.Kind.OPTIN_CODE)
    assert wish.typed_code in notice.text
    assert notice.phone == PHONE
    assert "Pronto, Lúcia" in confirm(client, address, wish.typed_code)
    given = Consent.objects.get()
    assert (given.topic, given.wording, given.source) == (text.topic, text.wording, Source.FORM)
    assert (given.evidence_kind, given.evidence_ref) == evidence.typed_code(wish.pk)
    assert given.is_by_contact
    assert (given.contact.phone, given.contact.name) == (PHONE, "Lúcia")
    assert Subscription.objects.get().state == State.GRANTED


def test_two_devices_confirm_one_code_once(client: Client, text: OptInText) -> None:
    address = asked(client, text)
    wish = send_code(client, address)
    first, second = Client(), Client()
    for device in (first, second):
        assert "Pronto, Lúcia" in confirm(device, address, wish.typed_code)
    confirming.by_typed_code(wish, wish.typed_code)
    assert Consent.objects.count() == Contact.objects.count() == 1


def test_a_code_is_guessed_at_five_times_at_most(client: Client, text: OptInText) -> None:
    address = asked(client, text)
    wish = send_code(client, address)
    wrong = "000000" if wish.typed_code != "000000" else "111111"
    for _try in range(TRIES):
        assert "O código não é este" in confirm(client, address, wrong)
    assert "não vale mais" in confirm(client, address, wish.typed_code)
    assert not Consent.objects.exists()


def test_a_code_of_somebody_else_confirms_nothing(client: Client, text: OptInText) -> None:
    """Who was sent it types it on the page of another person's request, or the other way round."""
    theirs = factories.make_opt_in(text, "+5511912340000", typed_code="111111")
    mine = factories.make_opt_in(text, PHONE, typed_code="222222")
    OptIn.objects.update(code_asked_at=timezone.now())
    for wish, code in ((mine, "111111"), (theirs, "222222")):
        page = client.post(f"/aceite/pedido/{wish.token}/", {"acao": "confirmar", "code": code})
        assert "O código não é este." in page.content.decode()
    assert not Contact.objects.exists()
    assert not Consent.objects.exists()


def test_a_code_is_good_for_ten_minutes(client: Client, text: OptInText) -> None:
    wish = factories.make_opt_in(text)
    late = timezone.now() - timedelta(minutes=11)
    OptIn.objects.filter(pk=wish.pk).update(code_asked_at=late, typed_code="123456")
    address = reverse("optin_asked", args=[wish.token])
    assert "não vale mais" in confirm(client, address, "123456")
    assert not Consent.objects.exists()


def test_a_second_click_sends_no_second_code(client: Client, text: OptInText) -> None:
    address = asked(client, text)
    send_code(client, address)
    send_code(client, address)
    assert Notice.objects.count() == 1


def test_nobody_learns_from_the_page_what_a_number_asked_for(
    client: Client, text: OptInText
) -> None:
    """One sentence for a stop, a doubt, and for one code that went today."""
    said = set()
    for before in ("stop", "today"):
        OptIn.objects.all().delete()
        if before == "stop":
            factories.make_stop(text.business, PHONE)
            address = asked(client, text)
        else:
            address = asked(client, text, phone="(11) 98765-0000")
            client.post(address, {"acao": "codigo"})
            OptIn.objects.all().delete()
            address = asked(client, text, phone="(11) 98765-0000")
        page = client.post(address, {"acao": "codigo"}).content.decode()
        said.add(re.findall(r'role="alert".*?<p class="small">(.*?)</p>', page, re.DOTALL)[0])
    assert len(said) == 1
    assert OptIn.objects.get().code_asked_at is None


def test_a_typed_code_lifts_no_stop_that_came_meanwhile(client: Client, text: OptInText) -> None:
    address = asked(client, text)
    wish = send_code(client, address)
    factories.make_stop(text.business, PHONE)
    page = confirm(client, address, wish.typed_code)
    assert "Só uma mensagem da própria pessoa muda isso" in page
    assert not Consent.objects.exists()
    wish.refresh_from_db()
    assert wish.confirmed_at is None


# What isn't there any more


def test_a_closed_page_and_a_deleted_topic_say_so(client: Client, text: OptInText) -> None:
    texts.close(text.topic)
    address = address_of(text)
    closed = client.get(address)
    text.topic.delete()
    gone = client.get(address)
    for answer in (closed, gone, client.post(address, FILLED)):
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert "não recebe mais pedidos" in answer.content.decode()


def test_the_page_of_a_business_that_is_being_deleted_asks_nobody(
    client: Client, text: OptInText
) -> None:
    request = asked(client, text)
    owner = factories.make_membership(business=text.business)
    read = reading.open_page(text.business.slug, text.topic_id)
    assert read
    closing.ask(business=text.business, actor=owner.user, typed=text.business.name)
    assert client.get(address_of(text)).status_code == HTTPStatus.NOT_FOUND
    assert client.post(address_of(text), FILLED).status_code == HTTPStatus.NOT_FOUND
    assert client.post(request).status_code == HTTPStatus.NOT_FOUND
    with pytest.raises(asking.WordsChanged):
        asking.ask(text=read, name="Rui", phone="+5511987654322", address="10.0.0.1")
    assert OptIn.objects.count() == 1


def test_the_request_of_a_deleted_topic_says_that_it_is_over(
    client: Client, text: OptInText
) -> None:
    address = asked(client, text)
    text.topic.delete()
    for answer in (client.get(address), client.post(address, {"acao": "codigo"})):
        assert answer.status_code == HTTPStatus.NOT_FOUND
        assert "não vale mais" in answer.content.decode()


def test_a_request_of_yesterday_says_that_it_is_over(client: Client, text: OptInText) -> None:
    address = asked(client, text)
    factories.age_opt_in(OptIn.objects.get(), hours=25)
    for answer in (client.get(address), client.post(address, {"acao": "codigo"})):
        assert answer.status_code == HTTPStatus.GONE
        assert "Começar de novo" in answer.content.decode()
    assert not Notice.objects.exists()


def test_without_a_whatsapp_the_page_says_so_and_keeps_nothing(
    client: Client, text: OptInText
) -> None:
    factories.lead(WhatsAppSession.objects.get(), "logged_out")
    page = client.get(address_of(text)).content.decode()
    assert "não está com o WhatsApp conectado" in page
    assert "<form" not in page


def test_words_of_a_page_stay_and_other_words_have_another_code(text: OptInText) -> None:
    actor = factories.make_membership(text.business).user
    again = texts.publish(topic=text.topic, words=text.wording.text, actor=actor)
    other = texts.publish(topic=text.topic, words="Aceito promoções.", actor=actor)
    assert again == text
    assert other.code != text.code
    assert reading.open_page(text.business.slug, text.topic_id) == other
    for code, words in ((text.code, text.wording.text), (other.code, "Aceito promoções.")):
        awaited = confirming.awaited_in(text.business_id, f"(código {code})", timezone.now())
        assert awaited
        assert awaited.text.wording.text == words


def test_nobody_agrees_to_words_that_they_have_not_read(client: Client, text: OptInText) -> None:
    """The owner wrote others while the page was open, or while the form was on its way."""
    page = client.get(address_of(text)).content.decode()
    assert f'value="{text.code}"' in page
    actor = factories.make_membership(text.business).user
    other = texts.publish(topic=text.topic, words="Aceito promoções.", actor=actor)
    for ticked in (text.code, text.code, "A2B3"):
        answer = client.post(address_of(text), FILLED | {"agree": ticked})
        assert answer.status_code == HTTPStatus.CONFLICT
        said = answer.content.decode()
        assert "Leia de novo e marque se concorda" in said
        assert "Aceito promoções." in said
        assert 'value="Lúcia"' in said
        assert "checked" not in said
    assert not OptIn.objects.exists()
    asked(client, text, agree=other.code)
    assert OptIn.objects.get().text == other


def test_what_the_page_said_lately_keeps_no_request_under_it(
    client: Client, text: OptInText
) -> None:
    """A page is remembered for some seconds by each process: closing it holds at once all the same."""
    asked(client, text, phone="(11) 98765-0001", agree=text.code)
    texts.close(text.topic)
    answer = client.post(address_of(text), FILLED | {"agree": text.code})
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert OptIn.objects.count() == 1
