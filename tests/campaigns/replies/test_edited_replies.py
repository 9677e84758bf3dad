"""A known message with another text: both are kept, read for SAIR again, and shown."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from blu.accounts.models import Membership
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Notice, Reply
from campaigns.models.ledger_states import Status
from campaigns.models.reply import EARLIER_MOST
from campaigns.reports import consent_evidence, export_sheet
from contacts.models import Consent, State, Subscription
from sessions.events import Address, Incoming, Text
from sessions.interfaces import LeaseToken
from sessions.models import Chat
from tests import factories
from tests.clients import Client
from tests.leasing import hold

pytestmark = pytest.mark.django_db

NOW = timezone.now().replace(microsecond=0)
# More than are kept, whichever is asked for.
ENDLESS = 3 * EARLIER_MOST


def says(
    token: LeaseToken, delivery: Delivery, text: str, minute: int = 0, *, edited: bool = False
) -> Reply:
    at = NOW + timedelta(minutes=minute)
    LedgerOutbox().record_event(
        token.session_id, Incoming(Address(delivery.phone), "A5001", Text(text), at, edited=edited)
    )
    return Reply.objects.get(message_id="A5001")


def sent(campaign: Campaign) -> Delivery:
    """Before the replies, which all are of this file's NOW or later."""
    delivery = factories.make_delivery(campaign, status=Status.SENT)
    Delivery.objects.filter(pk=delivery.pk).update(sent_at=NOW - timedelta(minutes=5))
    return delivery


def granted(delivery: Delivery) -> bool:
    return Subscription.objects.get(contact=delivery.contact).state == State.GRANTED


@pytest.fixture
def delivery(campaign: Campaign) -> Delivery:
    return sent(campaign)


def test_an_edit_keeps_both_texts(token: LeaseToken, delivery: Delivery) -> None:
    says(token, delivery, "Quero sim!")
    Reply.objects.update(handled_at=NOW)
    reply = says(token, delivery, "Quero não!", 2, edited=True)
    assert (reply.text, reply.edited_from) == ("Quero não!", ["Quero sim!"])
    assert (reply.at, reply.edited_at) == (NOW, NOW + timedelta(minutes=2))
    assert reply.handled_at is None, "nobody has read what it says now"


def test_another_text_counts_as_an_edit_whoever_says_so(
    token: LeaseToken, delivery: Delivery
) -> None:
    says(token, delivery, "Quero sim!")
    assert says(token, delivery, "Quero não!").edited_from == ["Quero sim!"]


def test_the_same_text_again_changes_nothing(token: LeaseToken, delivery: Delivery) -> None:
    says(token, delivery, "Quero sim!")
    Reply.objects.update(handled_at=NOW)
    reply = says(token, delivery, "Quero sim!", 3, edited=True)
    assert (reply.edited_from, reply.edited_at, reply.handled_at) == ([], None, NOW)


def test_a_batch_that_is_told_again_changes_nothing(token: LeaseToken, delivery: Delivery) -> None:
    batch: list[tuple[str, int, bool]] = [("a", 0, False), ("b", 1, True), ("c", 2, True)]
    for _time in range(2):
        for text, minute, edited in batch:
            reply = says(token, delivery, text, minute, edited=edited)
    assert (reply.text, reply.edited_from) == ("c", ["a", "b"])


def test_an_edit_back_is_an_edit(token: LeaseToken, delivery: Delivery) -> None:
    says(token, delivery, "a")
    says(token, delivery, "b", 1, edited=True)
    assert says(token, delivery, "a", 2, edited=True).text == "a"


def test_an_edit_that_comes_before_its_message_stays_the_newest(
    token: LeaseToken, delivery: Delivery
) -> None:
    says(token, delivery, "Oi, tudo bem?", 2, edited=True)
    reply = says(token, delivery, "SAIR", 0)
    assert (reply.text, reply.edited_from) == ("Oi, tudo bem?", ["SAIR"])
    assert not granted(delivery)


def test_an_edit_that_asks_to_stop_is_obeyed_and_confirmed(
    token: LeaseToken, delivery: Delivery
) -> None:
    says(token, delivery, "Oi")
    reply = says(token, delivery, "SAIR", 2, edited=True)
    assert not granted(delivery)
    assert (reply.kind, Notice.objects.get().kind) == ("stop", "stop_confirmation")
    assert reply.handled_at is not None


def test_a_stop_stays_one_when_it_is_edited_away(token: LeaseToken, delivery: Delivery) -> None:
    says(token, delivery, "SAIR")
    reply = says(token, delivery, "Foi engano", 2, edited=True)
    assert not granted(delivery)
    assert reply.kind == "stop"
    assert reply.handled_at is None, "a person should read that"


def test_an_older_return_undoes_no_stop(token: LeaseToken, delivery: Delivery) -> None:
    says(token, delivery, "SAIR", 2, edited=True)
    says(token, delivery, "VOLTAR", 0)
    assert not granted(delivery)


def returns(token: LeaseToken, delivery: Delivery, message_id: str) -> None:
    back = Incoming(Address(delivery.phone), message_id, Text("VOLTAR"), NOW)
    LedgerOutbox().record_event(token.session_id, back)
    assert granted(delivery)


@pytest.mark.parametrize("first", ["SAIR", "Oi"])
def test_a_message_that_becomes_a_stop_again_is_obeyed_again(
    token: LeaseToken, delivery: Delivery, first: str
) -> None:
    """A browser tells of no edit: the same stamp, and only the text is another."""
    says(token, delivery, first)
    for number in range(EARLIER_MOST + 2):
        says(token, delivery, "SAIR")
        assert not granted(delivery)
        returns(token, delivery, f"B{number}")
        says(token, delivery, "Oi")
        assert granted(delivery)
    assert len(Reply.objects.get(message_id="A5001").earlier) <= 2


def test_an_old_return_told_again_grants_nothing(token: LeaseToken, delivery: Delivery) -> None:
    for text in ("SAIR", "VOLTAR", "SAIR", "VOLTAR"):
        says(token, delivery, text)
    assert not granted(delivery)


def test_of_endless_edits_the_first_and_the_newest_are_kept(
    token: LeaseToken, delivery: Delivery
) -> None:
    says(token, delivery, "0")
    for number in range(1, ENDLESS + 1):
        reply = says(token, delivery, str(number), number, edited=True)
    newest = [str(number) for number in range(ENDLESS + 1 - EARLIER_MOST, ENDLESS)]
    assert (reply.text, reply.edited_from) == (str(ENDLESS), ["0", *newest])
    Reply.objects.update(handled_at=NOW)
    for number in range(1, ENDLESS + 1):
        told = says(token, delivery, str(number), number, edited=True)
    assert (told.edited_from, told.handled_at) == (reply.edited_from, NOW)


def test_a_stop_among_endless_edits_is_obeyed_and_stays_to_be_read(
    token: LeaseToken, delivery: Delivery
) -> None:
    says(token, delivery, "Oi")
    for number in range(1, ENDLESS + 1):
        text = "SAIR" if number == 10 else f"Oi {number}"
        reply = says(token, delivery, text, number, edited=True)
    assert not granted(delivery)
    assert reply.kind == "stop"
    assert "SAIR" in reply.edited_from
    assert len(reply.edited_from) == EARLIER_MOST + 1


def test_a_stop_that_comes_late_among_endless_edits_is_obeyed(
    token: LeaseToken, delivery: Delivery
) -> None:
    for number in range(0, ENDLESS, 2):
        says(token, delivery, f"Oi {number}", number, edited=True)
    says(token, delivery, "SAIR", 11, edited=True)
    assert not granted(delivery)


def test_the_proof_of_a_consent_quotes_the_words_that_gave_it(
    token: LeaseToken, delivery: Delivery
) -> None:
    LedgerOutbox().record_event(
        token.session_id, Incoming(Address(delivery.phone), "A1", Text("SAIR"), NOW)
    )
    LedgerOutbox().record_event(
        token.session_id, Incoming(Address(delivery.phone), "A2", Text("VOLTAR"), NOW)
    )
    LedgerOutbox().record_event(
        token.session_id,
        Incoming(Address(delivery.phone), "A2", Text("Obrigada"), NOW, edited=True),
    )
    back = Consent.objects.filter(contact=delivery.contact, state=State.GRANTED).latest("id")
    assert "VOLTAR" in consent_evidence._evidence(back)
    for number in range(EARLIER_MOST + 2):
        again = Incoming(Address(delivery.phone), "A2", Text(f"{number}"), NOW, edited=True)
        LedgerOutbox().record_event(token.session_id, again)
    assert "VOLTAR" in consent_evidence._evidence(back)


# Where people read them


@pytest.fixture
def watched(running: Campaign) -> Delivery:
    delivery = sent(running)
    assert running.session_id is not None
    token = hold(running.session_id)
    says(token, delivery, "Quero sim!")
    says(token, delivery, "Quero não!", 2, edited=True)
    return delivery


def test_the_page_shows_the_newest_text_and_what_it_said_before(
    client: Client, owner: Membership, watched: Delivery
) -> None:
    page = client.get("/respostas/", {"aba": "all"}).content.decode()
    assert "Quero não!" in page
    assert "Antes dizia: “Quero sim!”" in page
    assert "Editada:" in page


def test_the_recipients_page_shows_both(
    client: Client, owner: Membership, watched: Delivery
) -> None:
    url = f"/campanhas/{watched.campaign_id}/destinatarios/{watched.pk}/"
    page = client.get(url).content.decode()
    assert "Antes dizia: “Quero sim!”" in page
    assert "editada; antes dizia “Quero sim!”" in page


def test_the_export_has_both(watched: Delivery) -> None:
    (row,) = export_sheet._rows(watched.campaign)
    assert "Quero não! (antes: “Quero sim!”)" in row


def test_the_api_has_both(client: Client, owner: Membership, watched: Delivery) -> None:
    (reply,) = client.get("/api/v1/replies/").json()["results"]
    assert (reply["text"], reply["earlier"][0]["text"]) == ("Quero não!", "Quero sim!")
    assert datetime.fromisoformat(reply["edited_at"]) == NOW + timedelta(minutes=2)


@pytest.fixture
def nameless(running: Campaign) -> int:
    """Two to whom we wrote, and whose numbers WhatsApp hides."""
    assert running.session_id is not None
    wrote = {"session_id": running.session_id, "opened_at": NOW}
    Chat.objects.bulk_create([Chat(lid="90017", **wrote), Chat(username="lucia.p", **wrote)])
    LedgerOutbox().record_event(
        running.session_id, Incoming(Address(lid="90017"), "A1", Text("Quem são vocês?"), NOW)
    )
    LedgerOutbox().record_event(
        running.session_id, Incoming(Address(username="lucia.p"), "A2", Text("SAIR"), NOW)
    )
    return running.session_id


def test_people_without_a_number_are_on_the_page_each_by_themselves(
    client: Client, owner: Membership, nameless: int
) -> None:
    page = client.get("/respostas/", {"aba": "all"}).content.decode()
    assert "Pessoa sem número" in page
    assert "@lucia.p" in page
    assert "90017" not in page
    assert "wa.me" not in page
    assert page.count("Quem são vocês?") == 1


def test_a_person_without_a_number_is_found_by_their_name_and_seen_to_alone(
    client: Client, owner: Membership, nameless: int
) -> None:
    page = client.get("/respostas/", {"q": "@lucia", "aba": "all"}).content.decode()
    assert "Quem são vocês?" not in page
    reply = Reply.objects.get(message_id="A2")
    client.post(f"/respostas/{reply.pk}/resolver/")
    handled = dict(Reply.objects.values_list("message_id", "handled_at"))
    assert handled["A1"] is None
    assert handled["A2"] is not None


def test_the_first_page_and_the_api_name_them(
    client: Client, owner: Membership, nameless: int
) -> None:
    assert "@lucia.p" in client.get("/", follow=True).content.decode()
    names = [row["username"] for row in client.get("/api/v1/replies/").json()["results"]]
    assert names == ["@lucia.p", ""]
