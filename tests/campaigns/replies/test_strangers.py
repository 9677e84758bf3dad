"""Of who is no contact and got nothing from us only a stop is kept, never their words."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from blu.accounts.models import Membership
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Reply
from campaigns.models.ledger_states import Status
from campaigns.replies import strangers
from contacts.models import State, Subscription
from sessions import chats
from sessions.events import Address, Incoming, Text
from sessions.interfaces import LeaseToken
from sessions.models import Chat, Link
from tests import factories, support
from tests.campaigns.ledger.claiming import claim, reread
from tests.clients import Client
from tests.leasing import hold

PHONE, WA_ID, NAME, LID = "+5511987654321", "551187654321", "lucia.prado", "90017"
ADDRESSES = {
    "number": Address(PHONE),
    "without the ninth digit": Address(wa_id=WA_ID),
    "LID": Address(lid=LID),
    "username": Address(username=NAME),
    "all": Address(PHONE, WA_ID, LID, NAME),
    "nothing": Address(),
}
EVERY_KIND = pytest.mark.parametrize("address", ADDRESSES.values(), ids=list(ADDRESSES))
NOW = timezone.now().replace(microsecond=0)

pytestmark = pytest.mark.django_db


def say(
    token: LeaseToken, address: Address, text: str, at: int = 0, *, id: str = "A1", **said: bool
) -> None:
    event = Incoming(address, id, Text(text), NOW + timedelta(minutes=at), **said)
    LedgerOutbox().record_event(token.session_id, event)


def holding(*words: str) -> list[str]:
    """Every column of the database in which one of the words stands."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns JOIN pg_class"
            " ON relname = table_name WHERE table_schema = 'public' AND relkind IN ('r', 'p')"
            " AND (data_type LIKE 'character%' OR data_type IN ('text', 'jsonb', 'json', 'ARRAY',"
            " 'bytea', 'tsvector'))"
        )
        found = []
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT EXISTS (SELECT 1 FROM "{table}" WHERE "{column}"::text ILIKE ANY(%s))',
                [[f"%{word}%" for word in words]],
            )
            found += [f"{table}.{column}"] if cursor.fetchone()[0] else []  # type: ignore[index]
        return found


@EVERY_KIND
def test_of_a_strangers_message_nothing_is_kept(
    token: LeaseToken, address: Address, caplog: pytest.LogCaptureFixture
) -> None:
    for text, edited in (("Segredo da Marta", False), ("Segredo do João", True), ("VOLTAR", True)):
        say(token, address, text, edited=edited)
    assert not Reply.objects.exists()
    assert not Chat.objects.exists()
    assert holding("segredo", PHONE, WA_ID, LID, NAME) == []
    assert not any(word in caplog.text for word in ("Segredo", WA_ID, LID, NAME))


@EVERY_KIND
def test_of_a_strangers_stop_the_stop_is_kept_and_no_word(
    token: LeaseToken, address: Address
) -> None:
    say(token, address, "Segredo da Marta")
    say(token, address, "Por favor, me tirem daqui", 1, edited=True)
    say(token, address, "Segredo do João", 2, edited=True)
    say(token, address, "E outro segredo", id="A2")
    reply = Reply.objects.get()
    assert (reply.kind, reply.text, reply.earlier, reply.contact) == ("stop", "", [], None)
    assert holding("segredo", "tirem", "favor") == []
    assert (reply.handled_at is not None) == bool(address.number)


def granted(delivery: Delivery) -> bool:
    return Subscription.objects.get(contact=delivery.contact).state == State.GRANTED


def becomes_a_contact(campaign: Campaign) -> Delivery:
    contact = factories.make_contact(campaign.business, "Lúcia", phone=PHONE)
    return factories.make_delivery(campaign, contact)


@pytest.mark.parametrize("kind", ["number", "without the ninth digit", "all"])
def test_the_stop_of_who_becomes_a_contact_is_obeyed_before_anything_is_sent(
    campaign: Campaign, token: LeaseToken, kind: str
) -> None:
    say(token, ADDRESSES[kind], "SAIR")
    delivery, next_one = becomes_a_contact(campaign), factories.make_delivery(campaign)
    assert claim(token).key.id == next_one.pk
    assert (reread(delivery).status, delivery.reason) == (Status.SKIPPED, "stop")
    assert not granted(delivery)
    assert Reply.objects.get().contact == delivery.contact
    assert Reply.objects.get().text == ""


@pytest.mark.parametrize("kind", ["LID", "username"])
def test_a_stop_without_a_number_is_obeyed_when_the_stranger_shows_it(
    campaign: Campaign, token: LeaseToken, kind: str
) -> None:
    say(token, ADDRESSES[kind], "SAIR")
    say(token, ADDRESSES["all"], "Segredo da Marta", id="A2")
    assert Reply.objects.get().phone == PHONE
    assert holding("segredo") == []
    assert chats.known(token.session_id, Address(PHONE)) is not None
    delivery = becomes_a_contact(campaign)
    factories.make_delivery(campaign)
    claim(token)
    assert not granted(delivery)


def test_a_stop_told_again_after_the_contact_came_back_is_not_obeyed_again(
    campaign: Campaign, token: LeaseToken
) -> None:
    say(token, Address(PHONE), "SAIR", -9)
    delivery = becomes_a_contact(campaign)
    factories.make_delivery(campaign)
    claim(token)
    say(token, Address(PHONE), "VOLTAR", id="A2")
    assert granted(delivery)
    say(token, Address(PHONE), "SAIR", -9)
    assert granted(delivery)
    assert Reply.objects.get(message_id="A1").text == ""
    say(token, Address(PHONE), "Oi", id="A3")
    assert Reply.objects.get(message_id="A3").text == "Oi", "a contact's words are kept"


def test_a_stranger_who_comes_back_lifts_their_own_stop(
    campaign: Campaign, token: LeaseToken
) -> None:
    say(token, Address(PHONE), "SAIR")
    say(token, Address(PHONE), "VOLTAR", 1, id="A2")
    say(token, Address(PHONE), "VOLTAR", 2, id="A3")
    assert list(Reply.objects.values_list("message_id", "kind", "text").order_by("pk")) == [
        ("A1", "stop", ""), ("A2", "return", ""),
    ]  # fmt: skip
    delivery = becomes_a_contact(campaign)
    assert claim(token).key.id == delivery.pk
    assert granted(delivery)


def test_a_stop_that_is_edited_to_a_return_is_lifted_and_an_old_return_told_again_lifts_nothing(
    token: LeaseToken,
) -> None:
    say(token, Address(PHONE), "SAIR")
    say(token, Address(PHONE), "VOLTAR")
    assert Reply.objects.get().kind == "stop", "nobody said that it was edited"
    say(token, Address(PHONE), "VOLTAR", 1, edited=True)
    assert Reply.objects.get().kind == "return"
    say(token, Address(PHONE), "SAIR")
    assert Reply.objects.get().kind == "return", "the later word stands"
    say(token, Address(PHONE), "SAIR", 2, edited=True)
    assert Reply.objects.get().kind == "stop"


def test_to_whom_we_wrote_is_no_stranger(campaign: Campaign, token: LeaseToken) -> None:
    chats.resolve(token.session_id, Address(lid=LID))
    Chat.objects.update(opened_at=NOW)
    say(token, Address(lid=LID), "Quem é?")
    delivery = factories.make_delivery(campaign, status=Status.SENT)
    Delivery.objects.update(sending_at=NOW)
    say(token, Address(delivery.phone), "Oi", id="A2")
    assert set(Reply.objects.values_list("text", flat=True)) == {"Quem é?", "Oi"}


def wrote(campaign: Campaign) -> Delivery:
    """A message to a contact that went out just now, through a transport that tells no LID."""
    delivery = becomes_a_contact(campaign)
    Delivery.objects.filter(pk=delivery.pk).update(status=Status.SENDING)
    Delivery.objects.filter(pk=delivery.pk).update(
        status=Status.SENT, sent_at=NOW, sending_at=NOW, message_id="3EB0A"
    )
    chats.resolve(campaign.session_id or 0, Address(PHONE, WA_ID))
    return delivery


@pytest.mark.parametrize("kind", ["LID", "username"])
def test_an_answer_under_a_key_that_nobody_knows_yet_waits_for_its_writers_number(
    campaign: Campaign, token: LeaseToken, kind: str
) -> None:
    delivery = wrote(campaign)
    say(token, ADDRESSES[kind], "Quero marcar, pode ser terça?", 1)
    assert Reply.objects.get().contact is None
    say(token, ADDRESSES["all"], "Alô?", 2, id="A2")
    first = Reply.objects.get(message_id="A1")
    assert (first.text, first.delivery) == ("Quero marcar, pode ser terça?", delivery)
    assert strangers.sweep() == 0


def test_where_everybody_that_we_wrote_to_is_known_by_the_key_it_is_a_strangers(
    campaign: Campaign, token: LeaseToken
) -> None:
    wrote(campaign)
    Chat.objects.update(lid="90018")
    say(token, Address(lid=LID), "Segredo da Marta")
    Chat.objects.update(lid="")
    Delivery.objects.update(sent_at=NOW - timedelta(days=8))
    say(token, Address(lid=LID), "Segredo da Marta")
    assert holding("segredo", LID) == []


def linked(campaign: Campaign, days: int) -> None:
    """The session's device was linked so many days ago."""
    Link.objects.filter(session=campaign.session_id).update(linked_at=NOW - timedelta(days=days))


@pytest.mark.parametrize("kind", ["LID", "username"])
def test_of_a_chat_in_which_nothing_of_ours_stands_no_words_are_kept(
    campaign: Campaign, token: LeaseToken, kind: str
) -> None:
    wrote(campaign)
    linked(campaign, 1)
    say(token, ADDRESSES[kind], "Segredo da Marta", unwritten=True)
    assert holding("segredo", LID, NAME) == []
    say(token, ADDRESSES[kind], "me tirem daqui", id="A2", unwritten=True)
    assert holding("tirem") == []
    assert [(one.kind, one.text) for one in Reply.objects.all()] == [("stop", "")]


def test_what_went_before_the_newest_device_was_linked_need_not_stand_in_the_chat(
    campaign: Campaign, token: LeaseToken
) -> None:
    wrote(campaign)
    linked(campaign, 0)
    Delivery.objects.update(sending_at=NOW - timedelta(minutes=1))
    say(token, ADDRESSES["LID"], "Quero marcar", unwritten=True)
    assert Reply.objects.get().text == "Quero marcar"


STRANGER = Address("+5521900074199", "5521900074199", LID)


@pytest.mark.parametrize("text", ["Segredo da Marta", "Por favor, me tirem daqui"])
def test_the_words_of_who_shows_another_number_are_forgotten_at_once(
    campaign: Campaign, token: LeaseToken, text: str
) -> None:
    wrote(campaign)
    say(token, Address(lid=LID), text)
    assert holding("segredo", "tirem")
    say(token, STRANGER, "E outro segredo", 1, id="A2")
    assert holding("segredo", "tirem") == []
    kept = list(Reply.objects.values_list("kind", "phone"))
    assert kept == ([("stop", STRANGER.phone)] if "tirem" in text else [])
    assert Chat.objects.filter(lid=LID).exists() == bool(kept)


def test_the_words_of_who_shows_no_number_are_forgotten_after_days(
    campaign: Campaign, token: LeaseToken
) -> None:
    wrote(campaign)
    say(token, Address(lid=LID), "Segredo da Marta", -6 * 24 * 60)
    assert strangers.sweep() == 0
    Reply.objects.update(at=NOW - timedelta(days=7, minutes=1))
    assert strangers.sweep() == 1
    assert holding("segredo", LID) == []
    say(token, Address(lid=LID), "SAIR", -8 * 24 * 60, id="A2")
    assert strangers.sweep() == 1
    assert (Reply.objects.get().kind, Reply.objects.get().text) == ("stop", "")
    assert strangers.sweep() == 0


@pytest.fixture
def stopped(running: Campaign) -> Campaign:
    token = hold(running.session_id or 0)
    for number, kind in enumerate(("number", "LID")):
        say(token, ADDRESSES[kind], "me tirem daqui", id=f"A{number}")
    return running


def test_the_pages_say_that_only_the_wish_was_kept(
    client: Client, owner: Membership, stopped: Campaign
) -> None:
    waiting = client.get("/respostas/").content.decode()
    assert "Pessoa sem número" in waiting
    assert "(11) 98765-4321" not in waiting, "nothing is to be done about that one"
    numbered = Reply.objects.get(phone=PHONE)
    for url in (
        f"/respostas/?aba=all&resposta={numbered.pk}",
        f"/respostas/?aba=stop&resposta={numbered.pk}",
    ):
        page = client.get(url).content.decode()
        assert "(11) 98765-4321" in page
        assert "Só o pedido foi guardado" in page
        assert "tirem" not in page
    assert "ainda não é contato" in page
    assert "tirem" not in client.get("/", follow=True).content.decode()
    rows = client.get("/api/v1/replies/").json()["results"]
    assert [(row["kind"], row["text"]) for row in rows] == [("stop", ""), ("stop", "")]


def test_the_admin_shows_the_wish_and_no_words(client: Client, stopped: Campaign) -> None:
    support.sign_in(client, factories.make_user("suporte@blu.local", is_staff=True))
    page = client.get("/admin/campaigns/reply/").content.decode()
    assert "pediu para sair" in page
    assert "tirem" not in page
