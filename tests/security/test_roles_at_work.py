"""What people ask for is done by the role of whoever hears it, and what a role need not do it can't."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, connection
from django.urls import reverse
from django.utils import timezone

from blu.accounts.models import Membership
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Hold, Notice, Reply
from campaigns.models.hold_rules import SETTLES_AFTER
from campaigns.models.ledger_states import Status
from campaigns.notices.opt_in_codes import OptInMessenger
from campaigns.replies import holds
from contacts import evidence, stops
from contacts.erasure.services import erase, erase_known_by
from contacts.models import Consent, Contact, Erasure, OptIn, OptInText, State, Stop, Subscription
from contacts.models.preferences import LinkFrom
from contacts.optin import confirming, texts
from contacts.preferences import links
from sessions.events import Address, Incoming, Text, Tick
from sessions.interfaces import LeaseToken, NotSent, Outgoing, Sent
from sessions.models import Chat, WhatsAppSession
from tests import factories
from tests.clients import Client
from tests.leasing import hold
from tests.roles import acting_as

pytestmark = pytest.mark.django_db(transaction=True)

PHONE, LID = "+5511987654321", "90017"
# A visit's worker, and a host.
HEARERS = pytest.mark.parametrize("role", ["blu_jobs", "blu_host"])
WRITERS = ("blu_web", "blu_jobs", "blu_host")


def say(token: LeaseToken, words: str, address: Address, id: str) -> None:
    said = Incoming(address, id, Text(words), timezone.now())
    LedgerOutbox().record_event(token.session_id, said)


def send_one(token: LeaseToken) -> str:
    """Claim the next message and send it, as a drive does; its text."""
    outbox = LedgerOutbox()
    claimed = outbox.next(token)
    assert isinstance(claimed, Outgoing)
    outbox.record_lookup(token, claimed.key, replace(claimed.to, wa_id=claimed.to.phone[1:]))
    outbox.before_wire(token, claimed.key, f"3EB{claimed.key}")
    outbox.settle(token, claimed.key, Sent(f"3EB{claimed.key}", timezone.now(), Tick.SENT))
    return claimed.content.body


@pytest.fixture
def row() -> Delivery:
    """Somebody in the queue of a running campaign."""
    business = factories.make_business("Clínica Horizonte")
    campaign = factories.make_campaign(business, Campaign.Status.RUNNING)
    return factories.make_delivery(campaign, factories.make_contact(business, phone=PHONE))


@pytest.fixture
def text() -> OptInText:
    """The open page of a business whose account hears."""
    business = factories.make_business()
    factories.make_session(business, proven_at=timezone.now())
    return factories.make_opt_in_text(factories.make_topic(business, "Agenda"))


def lease_of(text: OptInText) -> LeaseToken:
    return hold(WhatsAppSession.objects.get(business=text.business_id).pk)


@HEARERS
def test_a_stop_and_a_return_are_obeyed_and_confirmed(role: str, row: Delivery) -> None:
    token = hold(row.session_id)
    with acting_as(role):
        say(token, "SAIR", Address(PHONE), "A1")
        assert "não vai mais receber" in send_one(token)
        say(token, "VOLTAR", Address(PHONE), "A2")
        assert "volta a receber" in send_one(token)
    row.refresh_from_db()
    assert (row.status, row.reason) == (Status.SKIPPED, "stop")
    assert Stop.objects.get().lifted_ref == "A2"
    assert Subscription.objects.get().state == State.GRANTED
    assert Notice.objects.filter(status=Status.SENT).count() == 2


@HEARERS
def test_who_agrees_by_a_message_is_a_contact(role: str, text: OptInText) -> None:
    token, wish = lease_of(text), factories.make_opt_in(text, PHONE)
    with acting_as(role):
        say(token, texts.message_of(wish), Address(PHONE), "A1")
        assert "“Agenda”" in send_one(token)
    assert Contact.objects.get().phone == PHONE
    given = Consent.objects.get()
    assert (given.evidence_kind, given.evidence_ref) == evidence.message("A1")
    wish.refresh_from_db()
    assert wish.confirmed_at is not None


@HEARERS
def test_who_left_and_was_erased_comes_back_by_their_own_message(
    role: str, text: OptInText
) -> None:
    token = lease_of(text)
    factories.make_contact(text.business, phone=PHONE)
    with acting_as(role):
        say(token, "SAIR", Address(PHONE), "A1")
    erase_known_by(business=text.business, key=PHONE)
    with acting_as(role):
        say(token, texts.message_of_page(text), Address(PHONE), "A2")
    assert Subscription.objects.get().state == State.GRANTED
    assert not stops.erased(text.business_id, [PHONE])


@HEARERS
def test_a_hidden_number_agrees_once_a_lookup_shows_it(role: str, text: OptInText) -> None:
    token, wish = lease_of(text), factories.make_opt_in(text, PHONE)
    with acting_as(role):
        say(token, texts.message_of(wish), Address(lid=LID), "A1")
        claimed = LedgerOutbox().next(token)
        assert isinstance(claimed, Outgoing)
        with pytest.raises(NotSent):
            LedgerOutbox().record_lookup(token, claimed.key, Address(PHONE, PHONE[1:], LID))
    assert Consent.objects.get().evidence_ref == "A1"


@HEARERS
def test_a_doubt_holds_and_a_decision_is_carried_out(role: str, row: Delivery) -> None:
    token, member = hold(row.session_id), factories.make_membership(row.campaign.business)
    with acting_as(role):
        say(token, "número errado", Address(PHONE), "A1")
    with acting_as("blu_web"):
        holds.decide(hold=Hold.objects.get(), decision="other_person", actor=member.user)
    Hold.objects.update(decided_at=timezone.now() - SETTLES_AFTER - timedelta(seconds=1))
    with acting_as("blu_jobs"):
        assert holds.carry_out() == 1
    row.refresh_from_db()
    assert (row.status, row.reason) == (Status.SKIPPED, "stop")
    assert Stop.objects.get(key=PHONE).why == Stop.Why.OTHER_PERSON


@HEARERS
def test_a_stranger_without_a_number_stops_and_comes_back(role: str, row: Delivery) -> None:
    token = hold(row.session_id)
    with acting_as(role):
        for number, words in enumerate(("SAIR", "VOLTAR", "SAIR")):
            say(token, words, Address(username="lucia"), f"A{number}")
    assert Stop.objects.count() == 2
    assert Stop.objects.filter(lifted_at=None).count() == 1


@HEARERS
def test_who_was_erased_while_they_hid_their_number_is_known_again(
    role: str, row: Delivery
) -> None:
    token = hold(row.session_id)
    with acting_as(role):
        say(token, "SAIR", Address(lid=LID), "A1")
    erase_known_by(business=row.campaign.business, key=f"lid:{LID}")
    # The factory's consent is the person's own, of before.
    with acting_as(role):
        claimed = LedgerOutbox().next(token)
        assert isinstance(claimed, Outgoing)
        with pytest.raises(NotSent):
            LedgerOutbox().record_lookup(token, claimed.key, Address(PHONE, PHONE[1:], LID))
    assert Stop.objects.get(key=PHONE).why == Stop.Why.ERASED


def test_a_page_takes_a_request_sends_its_code_and_confirms_it(text: OptInText) -> None:
    person, token = Client(), lease_of(text)
    with acting_as("blu_web"):
        page = reverse("optin_page", args=[text.business.slug, text.topic_id])
        asked = person.post(page, {"name": "Lúcia", "phone": PHONE, "agree": "on"})
        assert asked.status_code == 302
        OptInMessenger().send_code(OptIn.objects.get())
    with acting_as("blu_host"):
        assert "é o código" in send_one(token)
    with acting_as("blu_web"):
        wish = OptIn.objects.get()
        confirming.by_typed_code(wish, wish.typed_code)
    assert Consent.objects.get().evidence_kind == "code"
    assert Contact.objects.get().phone == PHONE


def press(person: Client, contact: Contact, action: str, topic: int = 0) -> int:
    address = links.in_message(contact.pk, timezone.now())
    page = address[address.index("/p/") :]
    return person.post(page, {"acao": action, "assunto": topic}).status_code


@pytest.mark.parametrize("back", ["voltar", "ligar"])
def test_a_page_of_preferences_stops_and_brings_back(row: Delivery, back: str) -> None:
    person, contact = Client(), row.person
    Chat.objects.create(session_id=row.session_id, phone=PHONE, wa_id=PHONE[1:], lid=LID)
    topic = row.campaign.topic_id or 0
    with acting_as("blu_web"):
        assert press(person, contact, "parar") == 302
    stop = Stop.objects.get()
    factories.make_stop(row.campaign.business, f"lid:{LID}")
    with acting_as("blu_web"):
        assert press(person, contact, back, topic) == 302
    stop.refresh_from_db()
    assert stop.lifted_ref.startswith("page:")
    assert not Stop.objects.filter(lifted_at=None).exists(), "the chat's own key as well"
    assert Subscription.objects.get().state == State.GRANTED


def test_a_page_erases_whom_it_is_of(row: Delivery) -> None:
    with acting_as("blu_web"):
        erase(business=row.campaign.business, contact=row.person)
    assert not Contact.objects.exists()
    assert Erasure.objects.get().by == "person"


def test_a_host_erases_nobody(row: Delivery) -> None:
    with acting_as("blu_host"), pytest.raises(ProgrammingError, match="permission denied"):
        erase(business=row.campaign.business, contact=row.person)
    assert Contact.objects.exists()


# What none may do in another's place


FORGED = "SELECT public.lift_by_page(%s)"


@pytest.mark.parametrize("role", WRITERS)
def test_no_role_lifts_a_stop_without_the_persons_word(role: str, row: Delivery) -> None:
    stop = factories.make_stop(row.campaign.business, PHONE)
    with acting_as(role):
        for mark in ("", "on"):
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('blu.erasing', %s, false)", [mark])
            with pytest.raises(Exception, match=r"permission denied|only the person"):
                Stop.objects.update(lifted_at=timezone.now(), lifted_ref="A1")
    stop.refresh_from_db()
    assert stop.lifted_at is None
    assert not Reply.objects.exists()


def test_a_page_lifts_by_the_change_of_that_very_number_alone(
    row: Delivery, owner: Membership
) -> None:
    """As blu_web may write any change: an old one, somebody else's, or none lifts nothing."""
    contact, other = row.person, factories.make_contact(row.campaign.business)
    change = contact.preferencechange_set.create(
        business=row.campaign.business, what="returned", link_from=LinkFrom.MESSAGE
    )
    theirs = other.preferencechange_set.create(
        business=row.campaign.business, what="returned", link_from=LinkFrom.MESSAGE
    )
    stop = factories.make_stop(row.campaign.business, PHONE)
    with acting_as("blu_web"), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('blu.erasing', 'on', false)")
        with pytest.raises(IntegrityError, match="only the person"):
            cursor.execute(FORGED, [change.pk])  # of before the stop
        for pk in (theirs.pk, 0):
            cursor.execute(FORGED, [pk])
            assert cursor.fetchone() == (0,)
    stop.refresh_from_db()
    assert stop.lifted_at is None


@pytest.mark.parametrize("role", ["blu_web", "blu_jobs"])  # a host deletes none at all
def test_a_topic_in_use_is_deleted_by_no_role(role: str, row: Delivery) -> None:
    with acting_as(role), pytest.raises(IntegrityError), connection.cursor() as cursor:
        cursor.execute("DELETE FROM contacts_topic")
    assert Subscription.objects.get().topic == row.campaign.topic
