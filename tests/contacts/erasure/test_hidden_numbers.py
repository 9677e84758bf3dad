"""Erasing who hides their number from us, and knowing them again when they write or are written to."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from blu.accounts.models import Membership, User
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Hold, Reply
from campaigns.models.ledger_states import Status
from contacts import consent, stops
from contacts.erasure.services import erase_known_by
from contacts.models import Contact, Erasure, OptIn, Source, State, Stop, Subscription
from contacts.optin import confirming
from sessions.events import Address, Incoming, Text, Tick
from sessions.interfaces import Idle, LeaseToken, NotSent, Outgoing, Sent
from sessions.models import Chat, WhatsAppSession
from tests import factories
from tests.clients import Client
from tests.everywhere import places_of
from tests.leasing import hold

pytestmark = pytest.mark.django_db

PHONE, LID, NAME = "+5511987654321", "90017445566", "mariazinha"
TRACES = ["11987654321", "1187654321", LID, NAME, "vou atrasar", "não conheço vocês"]
HIDDEN = {
    "LID": (Address(lid=LID), f"lid:{LID}"),
    "username": (Address(username=NAME), f"@{NAME}"),
    "both, by name": (Address(lid=LID, username=NAME), f"@{NAME}"),
    "both, by LID": (Address(lid=LID, username=NAME), f"lid:{LID}"),
}
EVERY_KEY = pytest.mark.parametrize("who", HIDDEN)


@pytest.fixture
def session(owner: Membership) -> WhatsAppSession:
    return factories.make_session(owner.business, proven_at=timezone.now())


@pytest.fixture
def token(session: WhatsAppSession) -> LeaseToken:
    return hold(session.pk)


def say(token: LeaseToken, words: str, address: Address, id: str) -> None:
    said = Incoming(address, id, Text(words), timezone.now())
    LedgerOutbox().record_event(token.session_id, said)


def we_wrote_lately(session: WhatsAppSession) -> None:
    """To somebody whose LID and name nobody knows: so who writes under one may be them."""
    campaign = factories.make_campaign(session.business, Campaign.Status.DONE, session=session)
    factories.make_delivery(campaign, status=Status.SENT)


def written_by(token: LeaseToken, address: Address) -> None:
    we_wrote_lately(WhatsAppSession.objects.get(pk=token.session_id))
    say(token, "vou atrasar", address, "M1")
    say(token, "não conheço vocês", address, "M2")
    say(token, "SAIR", address, "M3")


@EVERY_KEY
def test_nothing_is_left_of_who_wrote_without_a_number(
    owner: Membership, token: LeaseToken, who: str
) -> None:
    address, key = HIDDEN[who]
    written_by(token, address)
    assert Reply.objects.count() == 3
    erase_known_by(business=owner.business, key=key, actor=owner.user)
    assert places_of(TRACES) == set()
    assert not Reply.objects.exists()
    assert not Hold.objects.exists()
    assert not Chat.objects.filter(lid=LID).exists()
    (done,) = Erasure.objects.all()
    assert (done.by, done.replies, done.contacts) == ("owner", 3, 0)
    (stop,) = Stop.objects.all()
    assert (stop.key, stop.why) == (f"hash:{done.person}", Stop.Why.ERASED)


@EVERY_KEY
def test_what_they_write_later_is_a_strangers_and_not_kept(
    owner: Membership, token: LeaseToken, who: str
) -> None:
    address, key = HIDDEN[who]
    written_by(token, address)
    erase_known_by(business=owner.business, key=key, actor=owner.user)
    say(token, "vou atrasar de novo", address, "M9")
    assert not Reply.objects.exists()
    assert places_of(TRACES) == set()


def test_erasing_twice_changes_nothing(owner: Membership, token: LeaseToken) -> None:
    written_by(token, Address(lid=LID))
    for _time in range(2):
        erase_known_by(business=owner.business, key=f"lid:{LID}", actor=owner.user)
    assert Erasure.objects.count() == Stop.objects.count() == 1


def test_others_stay_who_have_another_key(owner: Membership, token: LeaseToken) -> None:
    written_by(token, Address(lid=LID))
    say(token, "SAIR", Address(lid="555"), "M8")
    erase_known_by(business=owner.business, key=f"lid:{LID}", actor=owner.user)
    assert Reply.objects.get().called == "lid:555"
    assert stops.standing(owner.business.pk, ["lid:555"]).exists()


def test_a_number_that_their_chat_learnt_meanwhile_goes_with_them(
    owner: Membership, token: LeaseToken
) -> None:
    """The page was opened while the number was hidden."""
    written_by(token, Address(lid=LID))
    say(token, "oi", Address(PHONE, PHONE[1:], LID), "M4")
    factories.make_contact(owner.business, phone=PHONE)
    erase_known_by(business=owner.business, key=f"lid:{LID}", actor=owner.user)
    assert places_of(TRACES) == set()
    assert stops.erased(owner.business.pk, [PHONE, f"lid:{LID}"]) == {PHONE, f"lid:{LID}"}


# Written to again: a list brings the number, which nobody could know


def listed(owner: Membership, session: WhatsAppSession) -> Delivery:
    """Queued for a campaign, as the team declared that they agreed."""
    campaign = factories.make_campaign(owner.business, Campaign.Status.RUNNING, session=session)
    contact = factories.make_contact(owner.business, phone=PHONE)
    assert campaign.topic
    consent.grant(contact=contact, topic=campaign.topic, source=Source.PAPER, actor=owner.user)
    return factories.make_delivery(campaign, contact)


def by_lookup(token: LeaseToken) -> None:
    claimed = LedgerOutbox().next(token)
    assert isinstance(claimed, Outgoing)
    shown = Address(PHONE, PHONE[1:], LID, NAME)
    with pytest.raises(NotSent):
        LedgerOutbox().record_lookup(token, claimed.key, shown)
    LedgerOutbox().settle(token, claimed.key, NotSent("retry", permanent=False))
    Delivery.objects.update(not_before=timezone.now())  # it would be tried again later


def by_lookup_of_a_known_number(token: LeaseToken) -> None:
    Chat.objects.create(session_id=token.session_id, phone=PHONE, wa_id=PHONE[1:])
    by_lookup(token)


def by_their_message(token: LeaseToken) -> None:
    say(token, "oi", Address(PHONE, PHONE[1:], LID), "M9")


MEETINGS: dict[str, Callable[[LeaseToken], None]] = {
    "the lookup before a message": by_lookup,
    "the lookup of a number that is known": by_lookup_of_a_known_number,
    "their own message": by_their_message,
}
# Their own message shows their LID, and no name.
MET = [
    (who, how)
    for who in HIDDEN
    for how in MEETINGS
    if (who, how) != ("username", "their own message")
]


@pytest.mark.parametrize(("who", "meeting"), MET)
def test_nothing_goes_to_their_number_once_it_shows(
    owner: Membership, session: WhatsAppSession, token: LeaseToken, who: str, meeting: str
) -> None:
    address, key = HIDDEN[who]
    written_by(token, address)
    erase_known_by(business=owner.business, key=key, actor=owner.user)
    row = listed(owner, session)
    MEETINGS[meeting](token)
    assert isinstance(LedgerOutbox().next(token), Idle)
    row.refresh_from_db()
    assert (row.status, row.reason) == (Status.SKIPPED, "stop")
    stop = stops.of_number(owner.business.pk, PHONE)
    assert stop
    assert stop.why == Stop.Why.ERASED


@pytest.mark.parametrize("way", ["message", "typed code"])
def test_who_agrees_themselves_afterwards_is_written_to(
    owner: Membership, session: WhatsAppSession, token: LeaseToken, way: str
) -> None:
    written_by(token, Address(lid=LID))
    erase_known_by(business=owner.business, key=f"lid:{LID}", actor=owner.user)
    text = factories.make_opt_in_text(factories.make_topic(owner.business, "Agenda"))
    wish = factories.make_opt_in(text, PHONE)
    if way == "message":
        say(token, f"Quero receber (código {text.code})", Address(PHONE, PHONE[1:], LID), "M9")
    else:
        OptIn.objects.filter(pk=wish.pk).update(typed_code="1234", code_asked_at=timezone.now())
        confirming.by_typed_code(wish, "1234")
    campaign = factories.make_campaign(
        owner.business, Campaign.Status.RUNNING, session=session, topic=text.topic
    )
    row = factories.make_delivery(campaign, Contact.objects.get(phone=PHONE))
    outbox = LedgerOutbox()
    while isinstance(claimed := outbox.next(token), Outgoing):
        outbox.record_lookup(token, claimed.key, Address(PHONE, PHONE[1:], LID))
        outbox.before_wire(token, claimed.key, f"3EB{claimed.key}")
        outbox.settle(token, claimed.key, Sent(f"3EB{claimed.key}", timezone.now(), Tick.SENT))
    row.refresh_from_db()
    assert row.status == Status.SENT
    assert not stops.erased(owner.business.pk, [f"lid:{LID}"])


def test_a_list_that_says_they_agreed_does_not_bring_them_back(
    owner: Membership, session: WhatsAppSession, token: LeaseToken
) -> None:
    written_by(token, Address(lid=LID))
    erase_known_by(business=owner.business, key=f"lid:{LID}", actor=owner.user)
    listed(owner, session)
    by_lookup(token)
    assert stops.of_number(owner.business.pk, PHONE)
    assert Subscription.objects.filter(state=State.GRANTED).exists(), "as the list says"


# By whom


def test_an_owner_erases_them_from_their_conversation(
    client: Client, owner: Membership, token: LeaseToken
) -> None:
    written_by(token, Address(lid=LID))
    reply = Reply.objects.latest("pk")
    address = f"/respostas/{reply.pk}/apagar/"
    assert address in client.get(f"/respostas/?aba=all&resposta={reply.pk}").content.decode()
    page = client.get(address).content.decode()
    assert "Não há como desfazer" in page
    assert client.post(address, follow=True).status_code == 200
    assert not Reply.objects.exists()
    assert Erasure.objects.get().actor == owner.user


def test_who_shows_a_number_is_erased_as_the_contact_they_are(
    client: Client, owner: Membership, session: WhatsAppSession, token: LeaseToken
) -> None:
    contact = listed(owner, session).person
    say(token, "oi", Address(PHONE), "M1")
    reply = Reply.objects.get()
    answer = client.get(f"/respostas/{reply.pk}/apagar/")
    assert answer.status_code == 302
    assert answer["Location"].endswith(f"/contatos/{contact.pk}/apagar/")


@pytest.mark.parametrize("page", ["reply", "contact"])
def test_support_erases_from_the_admin_and_is_named(client: Client, staff: User, page: str) -> None:
    session = factories.make_session(factories.make_business(), proven_at=timezone.now())
    contact = factories.make_contact(session.business, phone=PHONE)
    say(hold(session.pk), "SAIR", Address(lid=LID), "M1")
    row = (
        ("campaigns/reply", Reply.objects.get())
        if page == "reply"
        else ("contacts/contact", contact)
    )
    address = f"/admin/{row[0]}/{row[1].pk}/apagar/"
    assert "Só a pedido da própria pessoa" in client.get(address).content.decode()
    assert client.post(address).status_code == 302
    assert Contact.objects.exists() == (page == "reply")
    assert Reply.objects.exists() == (page == "contact")
    (done,) = Erasure.objects.all()
    assert (done.by, done.actor) == ("support", staff)
