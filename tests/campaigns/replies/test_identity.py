"""Who somebody is: one chat a person, by any key that is known, and their replies with them."""

import threading
from datetime import timedelta

import hypothesis.strategies as st
import pytest
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Notice, Reply
from campaigns.models.ledger_states import Status
from contacts.models import State, Subscription
from sessions import chats
from sessions.driving.drive import Drive
from sessions.events import Address, Incoming, Text
from sessions.interfaces import Idle, Key, LeaseToken, NotSent
from sessions.models import Chat
from sessions.transports.inprocess import InProcessTransport
from tests import factories
from tests.campaigns.ledger.claiming import claim, reread
from tests.concurrency.waiting import Beside

PHONE, WA_ID, NAME = "+5511987654321", "551187654321", "lucia.p"
LID = "5521987650017"  # which could be read as a number

pytestmark = pytest.mark.django_db


def hear(token: LeaseToken, chat: Address, text: str = "Oi", message_id: str = "A5001") -> Reply:
    say(token, chat, text, message_id)
    return Reply.objects.get(message_id=message_id)


def say(token: LeaseToken, chat: Address, text: str, message_id: str) -> None:
    LedgerOutbox().record_event(
        token.session_id, Incoming(chat, message_id, Text(text), timezone.now())
    )


def lucia(campaign: Campaign, **values: str) -> Delivery:
    contact = factories.make_contact(campaign.business, "Lúcia", phone=PHONE)
    return factories.make_delivery(campaign, contact, **values)


def granted(delivery: Delivery) -> bool:
    return Subscription.objects.get(contact=delivery.contact).state == State.GRANTED


def test_a_reply_from_the_lid_that_we_sent_to_is_tied_to_what_it_answers(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = lucia(campaign)
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.record_lookup(token, key, Address(PHONE, WA_ID, LID))
    Delivery.objects.filter(pk=delivery.pk).update(status=Status.SENT, sent_at=timezone.now())
    reply = hear(token, Address(lid=LID), "Quero sim!")
    assert (reply.phone, reply.contact, reply.delivery) == (PHONE, delivery.contact, delivery)


def test_who_is_known_by_a_lid_only_stops_what_we_sent_there(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = lucia(campaign)
    outbox = LedgerOutbox()
    outbox.record_lookup(token, claim(token, outbox).key, Address(PHONE, WA_ID, LID))
    hear(token, Address(lid=LID), "SAIR")
    assert not granted(delivery)
    assert Notice.objects.get().phone == PHONE


@pytest.mark.parametrize(
    ("address", "person"), [(Address(lid=LID), f"lid:{LID}"), (Address(username=NAME), f"@{NAME}")]
)
def test_a_reply_without_a_number_is_kept_and_no_lid_is_read_as_one(
    campaign: Campaign, token: LeaseToken, address: Address, person: str
) -> None:
    delivery = factories.make_delivery(
        campaign, factories.make_contact(campaign.business, phone=f"+{LID}")
    )
    reply = hear(token, address, "SAIR")
    assert (reply.phone, reply.person, reply.contact) == ("", person, None)
    assert granted(delivery)
    assert reply.handled_at is None


def test_a_stop_of_whom_nothing_is_known_is_kept_alone(
    campaign: Campaign, token: LeaseToken
) -> None:
    first, second = hear(token, Address(), "SAIR", "A1"), hear(token, Address(), "SAIR", "A2")
    assert first.person != second.person


def test_a_stop_from_before_the_number_was_known_is_obeyed_when_it_becomes_known(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = lucia(campaign)
    stop = hear(token, Address(lid=LID), "SAIR", "A1")
    assert granted(delivery)
    hear(token, Address(wa_id=WA_ID, lid=LID), "Oi?", "A2")
    assert not granted(delivery)
    stop.refresh_from_db()
    assert (stop.phone, stop.contact) == (PHONE, delivery.contact)
    assert Chat.objects.get().phone == PHONE


def test_a_lookup_that_shows_an_old_stop_sends_nothing(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = lucia(campaign)
    hear(token, Address(lid=LID), "SAIR")
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    with pytest.raises(NotSent) as refused:
        outbox.record_lookup(token, key, Address(PHONE, WA_ID, LID))
    outbox.settle(token, key, refused.value)
    Delivery.objects.update(not_before=timezone.now())
    assert isinstance(outbox.next(token), Idle)
    assert (reread(delivery).status, delivery.reason) == (Status.SKIPPED, "no_consent")
    assert not granted(delivery)


@pytest.mark.parametrize("number", [PHONE, f"+{WA_ID}"])
def test_a_stop_from_before_the_contact_was_made_is_obeyed_before_anything_is_sent(
    campaign: Campaign, token: LeaseToken, number: str
) -> None:
    stop = hear(token, Address(lid=LID), "SAIR", "A1")
    say(token, Address(number, WA_ID, LID), "Oi", "A2")
    delivery = lucia(campaign)
    next_one = factories.make_delivery(campaign)
    assert claim(token).key.id == next_one.pk
    assert not granted(delivery)
    assert (reread(delivery).status, delivery.reason) == (Status.SKIPPED, "stop")
    stop.refresh_from_db()
    assert (stop.contact, stop.handled_at is not None) == (delivery.contact, True)


@pytest.mark.parametrize("words", [["SAIR", "VOLTAR"], ["VOLTAR"], ["Oi"]])
def test_who_came_back_before_the_contact_was_made_is_written_to(
    campaign: Campaign, token: LeaseToken, words: list[str]
) -> None:
    for number, word in enumerate(words):
        say(token, Address(PHONE, WA_ID), word, f"A{number}")
    delivery = lucia(campaign)
    assert claim(token).key.id == delivery.pk
    assert granted(delivery)


def test_a_stop_that_another_business_was_told_is_not_ours(
    campaign: Campaign, token: LeaseToken
) -> None:
    other = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    hear(LeaseToken(other.session_id or 0, 1), Address(PHONE, WA_ID), "SAIR")
    delivery = lucia(campaign)
    assert claim(token).key.id == delivery.pk


class LidTelling(InProcessTransport):
    """Knows Lúcia by both."""

    tells_lids = True

    def lookup(self, phone: str) -> Address | None:
        """Her LID as well."""
        return Address(phone, WA_ID, LID)


def test_a_stop_from_the_lid_of_a_number_that_is_known_without_it_is_obeyed_before_it_is_sent_to(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = lucia(campaign)
    chats.resolve(token.session_id, Address(PHONE, WA_ID), looked_up_at=timezone.now())
    hear(token, Address(lid=LID), "SAIR")
    transport = LidTelling()
    transport.open()
    Drive(token, transport, LedgerOutbox(), lost=threading.Event()).step(timezone.now())
    assert transport.sent == []
    assert not granted(delivery)
    assert (reread(delivery).status, delivery.reason) == (Status.QUEUED, "retry")


def test_two_chats_become_one_with_the_earliest_warmth_and_opening(
    campaign: Campaign, token: LeaseToken
) -> None:
    now = timezone.now()
    early, late = now - timedelta(days=2), now - timedelta(days=1)
    session = campaign.session
    Chat.objects.create(session=session, phone=PHONE, opened_at=early, warm_at=late)
    Chat.objects.create(session=session, lid=LID, username=NAME, opened_at=late, warm_at=early)
    chats.resolve(token.session_id, Address(wa_id=WA_ID, lid=LID))
    chat = Chat.objects.get()
    assert (chat.phone, chat.wa_id, chat.lid, chat.username) == (PHONE, WA_ID, LID, NAME)
    assert (chat.opened_at, chat.warm_at) == (early, early)


def test_a_number_that_was_given_to_somebody_else_takes_no_warmth_along(
    campaign: Campaign, token: LeaseToken
) -> None:
    before = hear(token, Address(PHONE, WA_ID, "1"), "SAIR", "A1")
    after = hear(token, Address(PHONE, WA_ID, "2"), "SAIR", "A2")
    before.refresh_from_db()
    assert (before.person, after.person) == ("lid:1", PHONE)
    assert Chat.objects.filter(lid="1", phone="").exists()


def test_a_name_that_somebody_else_took_is_theirs(campaign: Campaign, token: LeaseToken) -> None:
    before = hear(token, Address(lid="1", username=NAME), "SAIR", "A1")
    after = hear(token, Address(lid="2", username=NAME), "SAIR", "A2")
    before.refresh_from_db()
    assert (before.person, after.person) == ("lid:1", f"@{NAME}")


def test_a_changed_number_stays_the_same_person(campaign: Campaign, token: LeaseToken) -> None:
    first = hear(token, Address("+5511987650001", "5511987650001", LID), "SAIR", "A1")
    say(token, Address("+5511987650002", "5511987650002", LID), "Oi", "A2")
    first.refresh_from_db()
    assert first.person == "+5511987650002"
    assert Chat.objects.count() == 1


def test_the_claim_brings_every_key_that_is_known(campaign: Campaign, token: LeaseToken) -> None:
    lucia(campaign)
    chats.resolve(token.session_id, Address(PHONE, WA_ID, LID, NAME))
    assert claim(token).to == Address(PHONE, WA_ID, LID, NAME)


def test_another_session_knows_nobody_of_this_one(campaign: Campaign, token: LeaseToken) -> None:
    chats.resolve(token.session_id, Address(PHONE, WA_ID, LID))
    other = factories.make_session(campaign.business, name="Balcão")
    assert chats.known(other.pk, Address(lid=LID)) is None


# Any order of events

PEOPLE = [
    Address("+5511987650001", "551187650001", "71", "ana"),
    Address("+5521987650002", "5521987650002", "72", "bia"),
    Address("", "", "73", "caio"),
]


def partly(number: int, keys: tuple[bool, bool, bool, bool]) -> Address:
    """What one event tells of a person: some of their keys, at least one."""
    whole = PEOPLE[number]
    phone, wa_id, lid, username = (
        value if shown else ""
        for value, shown in zip(
            (whole.phone, whole.wa_id, whole.lid, whole.username), keys, strict=True
        )
    )
    return Address(phone, wa_id, lid, username) if any((phone, wa_id, lid, username)) else whole


class Persons(RuleBasedStateMachine):
    """Messages and lookups from addresses with any of their keys, in any order; the contacts were written to, Caio is none."""

    @initialize()
    def start(self) -> None:
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
        self.outbox = LedgerOutbox()
        self.began = timezone.now() - timedelta(days=1)
        self.said: dict[str, int] = {}
        self.first: dict[int, int] = {}
        self.stopped: set[int] = set()
        self.rows: dict[int, Delivery] = {}
        for number, whole in enumerate(PEOPLE):
            if whole.phone:
                contact = factories.make_contact(self.campaign.business, phone=whole.phone)
                self.rows[number] = factories.make_delivery(self.campaign, contact)
        Delivery.objects.update(status=Status.SENDING)
        Delivery.objects.update(status=Status.SENT, sent_at=timezone.now())

    def teardown(self) -> None:
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    people = st.integers(0, len(PEOPLE) - 1)
    keys = st.tuples(*[st.booleans()] * 4)

    @rule(number=people, keys=keys, minute=st.integers(0, 60), stop=st.booleans())
    def writes(
        self, number: int, keys: tuple[bool, bool, bool, bool], minute: int, stop: bool
    ) -> None:
        message_id = f"A{len(self.said)}"
        self.outbox.record_event(
            self.session,
            Incoming(
                partly(number, keys), message_id, Text("SAIR" if stop else "Oi"),
                self.began + timedelta(minutes=minute),
            ),
        )  # fmt: skip
        kept = Reply.objects.filter(message_id=message_id).first()
        assert kept or not stop
        if kept is None:
            assert number not in self.rows, "a contact's own words"
            return
        self.said[message_id] = number
        if kept.text:
            self.first[number] = min(minute, self.first.get(number, minute))
        if stop:
            self.stopped.add(number)

    @rule(number=st.integers(0, 1), keys=keys)
    def is_looked_up(self, number: int, keys: tuple[bool, bool, bool, bool]) -> None:
        row, whole = self.rows[number], PEOPLE[number]
        told = partly(number, keys)
        try:
            self.outbox.record_lookup(
                LeaseToken(self.session, 1), Key("delivery", row.pk),
                Address(whole.phone, whole.wa_id, told.lid, told.username),
            )  # fmt: skip
        except NotSent:
            assert number in self.stopped

    @rule(number=people)
    def is_known_at_last(self, number: int) -> None:
        chats_before = set(Chat.objects.values_list("pk", flat=True))
        self.writes(number, (True, True, True, True), 61, stop=False)
        assert len(set(Chat.objects.values_list("pk", flat=True)) - chats_before) <= 1
        chat = Chat.objects.filter(session=self.session, lid=PEOPLE[number].lid).first()
        if chat is None:
            assert number not in {*self.rows, *self.stopped}
            return
        assert (chat.phone, chat.username) == (PEOPLE[number].phone, PEOPLE[number].username)
        first = self.first.get(number)
        assert chat.warm_at == (None if first is None else self.began + timedelta(minutes=first))
        people = Reply.objects.filter(
            message_id__in=[one for one, who in self.said.items() if who == number]
        )
        assert set(people.values_list("person", flat=True)) == {chat.person}
        if number in self.stopped and number in self.rows:
            assert not granted(self.rows[number])

    @property
    def session(self) -> int:
        return self.campaign.session_id or 0

    @invariant()
    def no_reply_is_lost_and_no_key_is_two_persons(self) -> None:
        if hasattr(self, "said"):
            rows = dict(Reply.objects.values_list("message_id", "person"))
            assert set(rows) == set(self.said)
            of = {person: {self.said[one] for one, who in rows.items() if who == person}
                  for person in rows.values()}  # fmt: skip
            assert all(len(numbers) == 1 for numbers in of.values()), of


def test_any_order_of_addresses_ends_with_one_chat_a_person() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    Persons.TestCase.settings = settings(
        max_examples=15, stateful_step_count=15, deadline=None, derandomize=True,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    Persons.TestCase("runTest").runTest()


# At the same moment


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["merge", "reply"])
def test_a_merge_and_a_reply_at_the_same_moment_leave_one_person(
    campaign: Campaign, token: LeaseToken, first: str
) -> None:
    chats.resolve(token.session_id, Address(lid=LID))
    lucia(campaign)
    steps = [
        lambda: hear(token, Address(wa_id=WA_ID, lid=LID), "Sou eu", "A2"),
        lambda: hear(token, Address(lid=LID), "SAIR", "A3"),
    ]
    if first == "reply":
        steps.reverse()
    with transaction.atomic():
        steps[0]()
        beside = Beside(steps[1])
        beside.waits()
    beside.result()
    assert Chat.objects.get().phone == PHONE
    assert set(Reply.objects.values_list("person", flat=True)) == {PHONE}
    assert not Subscription.objects.filter(state=State.GRANTED).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_meet_a_new_person_make_one_chat(campaign: Campaign, token: LeaseToken) -> None:
    with transaction.atomic():
        chats.resolve(token.session_id, Address(lid=LID))
        beside = Beside(lambda: chats.resolve(token.session_id, Address(wa_id=WA_ID, lid=LID)))
        beside.waits()
    beside.result()
    assert Chat.objects.get().wa_id == WA_ID
