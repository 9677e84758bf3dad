"""A message with the code of a public page: the person agrees in their own words, which also lift their stop."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Hold, Notice, Reply
from contacts import consent, evidence, stops
from contacts.erasure.services import erase_known_by
from contacts.models import Consent, Contact, OptInText, Source, State, Stop, Subscription
from contacts.optin import texts
from sessions.events import Address, Incoming, Text
from sessions.interfaces import Idle, LeaseToken, NotSent, Outgoing
from sessions.models import Chat, WhatsAppSession
from tests import factories
from tests.leasing import hold

pytestmark = pytest.mark.django_db

PHONE, LID = "+5511987654321", "90017"
HIDDEN, OTHER = Address(lid=LID), "+5511912340000"


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    return factories.make_session(factories.make_business(), proven_at=timezone.now())


@pytest.fixture
def token(session: WhatsAppSession) -> LeaseToken:
    return hold(session.pk)


@pytest.fixture
def text(session: WhatsAppSession) -> OptInText:
    return factories.make_opt_in_text(factories.make_topic(session.business, "Agenda"))


def say(token: LeaseToken, words: str, address: Address, id: str = "A1") -> None:
    said = Incoming(address, id, Text(words), timezone.now())
    LedgerOutbox().record_event(token.session_id, said)


def granted() -> list[str]:
    rows = Subscription.objects.filter(state=State.GRANTED)
    return sorted(rows.values_list("contact__phone", flat=True))


@pytest.mark.parametrize("form", [PHONE, "+551187654321"])
def test_a_stranger_who_writes_the_code_is_a_contact_that_agreed(
    token: LeaseToken, text: OptInText, form: str
) -> None:
    wish = factories.make_opt_in(text, PHONE, name="Lúcia")
    say(token, texts.message_of(wish), Address(form))
    given = Consent.objects.get()
    assert (given.contact.phone, given.contact.name) == (PHONE, "Lúcia")
    assert (given.topic, given.wording, given.source) == (text.topic, text.wording, Source.WHATSAPP)
    assert (given.evidence_kind, given.evidence_ref) == evidence.message("A1")
    assert given.is_by_contact
    wish.refresh_from_db()
    assert wish.confirmed_at is not None
    reply = Reply.objects.get()
    assert reply.is_opt_in
    assert reply.handled_at is not None
    assert Chat.objects.get().warm_at is not None


@pytest.mark.parametrize("after", [False, True])
def test_who_was_erased_comes_back_by_what_they_say_afterwards_and_not_by_what_they_said_before(
    token: LeaseToken, text: OptInText, after: bool
) -> None:
    erase_known_by(business=text.business, key=PHONE)
    at = timezone.now() + timedelta(minutes=1 if after else -60)
    said = Incoming(Address(PHONE), "A1", Text(texts.message_of_page(text)), at)
    LedgerOutbox().record_event(token.session_id, said)
    assert Contact.objects.filter(phone=PHONE).exists() == after
    assert granted() == ([PHONE] if after else [])


def test_who_scans_a_poster_agrees_to_what_stands_on_it(token: LeaseToken, text: OptInText) -> None:
    say(token, texts.message_of_page(text), Address(PHONE))
    given = Consent.objects.get()
    assert (given.contact.phone, given.wording) == (PHONE, text.wording)


def test_it_is_confirmed_by_one_message(token: LeaseToken, text: OptInText) -> None:
    wish = factories.make_opt_in(text, PHONE)
    for id in ("A1", "A1", "A2"):
        say(token, texts.message_of(wish), Address(PHONE), id)
    notice = Notice.objects.get()
    assert notice.kind == Notice.Kind.RETURN_CONFIRMATION
    assert "“Agenda”" in notice.text
    assert Consent.objects.count() == Contact.objects.count() == 1
    assert isinstance(LedgerOutbox().next(token), Outgoing)


def test_it_lifts_a_stop_and_a_doubt_for_it_is_the_persons_own_word(
    token: LeaseToken, text: OptInText
) -> None:
    say(token, "SAIR", Address(PHONE), "A1")
    assert stops.of_number(text.business_id, PHONE)
    say(token, texts.message_of_page(text), Address(PHONE), "A2")
    assert stops.of_number(text.business_id, PHONE) is None
    assert Stop.objects.get().lifted_ref == "A2"
    assert granted() == [PHONE]
    say(token, "SAIR", Address(PHONE), "A3")
    assert stops.of_number(text.business_id, PHONE)
    assert granted() == []


def test_it_grants_its_topic_only(token: LeaseToken, text: OptInText) -> None:
    other = factories.make_topic(text.business)
    contact = factories.make_contact(text.business, phone=PHONE)
    factories.subscribe(contact, other)
    say(token, "SAIR", Address(PHONE), "A1")
    say(token, texts.message_of_page(text), Address(PHONE), "A2")
    assert Subscription.objects.get(topic=other).state == State.REVOKED
    assert Subscription.objects.get(topic=text.topic).state == State.GRANTED


def test_a_hold_ends_with_it(token: LeaseToken, text: OptInText) -> None:
    factories.make_contact(text.business, phone=PHONE)
    say(token, "quem é?", Address(PHONE), "A1")
    assert Hold.objects.filter(done_at=None).exists()
    say(token, texts.message_of_page(text), Address(PHONE), "A2")
    assert not Hold.objects.filter(done_at=None).exists()


def test_a_code_from_another_number_grants_nobody_anything(
    token: LeaseToken, text: OptInText
) -> None:
    wish = factories.make_opt_in(text, PHONE)
    say(token, texts.message_of(wish), Address(OTHER))
    assert granted() == []
    assert not Contact.objects.exists()
    wish.refresh_from_db()
    assert wish.from_other_at is not None
    assert wish.confirmed_at is None
    say(token, texts.message_of(wish), Address(PHONE), "A2")
    assert granted() == [PHONE]


@pytest.mark.parametrize("why", ["late", "closed", "elsewhere", "unknown"])
def test_a_code_that_holds_no_more_is_an_ordinary_message(
    token: LeaseToken, text: OptInText, why: str
) -> None:
    contact = factories.make_contact(text.business, phone=PHONE)
    if why == "elsewhere":
        text = factories.make_opt_in_text(factories.make_topic(factories.make_business()))
    wish = factories.make_opt_in(text, PHONE)
    words = texts.message_of(wish)
    if why == "late":
        factories.age_opt_in(wish, hours=25)
    if why == "closed":
        texts.close(text.topic)
        words = texts.message_of_page(text)
    if why == "unknown":
        words = "Quero receber (código ZZZZZZ)"
    say(token, words, Address(PHONE))
    assert granted() == []
    reply = Reply.objects.get()
    assert not reply.is_opt_in
    assert (reply.contact, reply.text) == (contact, words)


def test_words_about_a_code_are_no_code(token: LeaseToken, text: OptInText) -> None:
    factories.make_contact(text.business, phone=PHONE)
    for number, words in enumerate(
        ("qual o código?", f"codigo de barras {text.code}x9", f"recebi {text.code}", "código")
    ):
        say(token, words, Address(PHONE), f"A{number}")
    assert granted() == []


def test_a_corrected_number_agrees_to_nothing_by_itself(token: LeaseToken, text: OptInText) -> None:
    old = factories.make_contact(text.business, phone=PHONE)
    old.replaced_by = factories.make_contact(text.business, phone=OTHER)
    old.save()
    say(token, texts.message_of_page(text), Address(PHONE))
    assert granted() == []
    assert Reply.objects.get().handled_at is None


# Where WhatsApp hides the number


def lookup(token: LeaseToken, address: Address) -> None:
    """What the drive does before it sends a claimed message."""
    outbox = LedgerOutbox()
    claimed = outbox.next(token)
    assert isinstance(claimed, Outgoing)
    outbox.record_lookup(token, claimed.key, address)


def test_a_hidden_number_counts_when_its_lookup_gives_the_same_person(
    token: LeaseToken, text: OptInText
) -> None:
    wish = factories.make_opt_in(text, PHONE)
    say(token, texts.message_of(wish), HIDDEN)
    assert granted() == []
    wish.refresh_from_db()
    assert wish.hidden_at is not None
    with pytest.raises(NotSent):
        lookup(token, Address(PHONE, PHONE.lstrip("+"), LID))
    assert granted() == [PHONE]
    given = Consent.objects.get()
    assert (given.evidence_kind, given.evidence_ref) == evidence.message("A1")
    code = Notice.objects.get(kind=Notice.Kind.OPTIN_CODE)
    assert code.pressed_at is None


def test_a_hidden_number_that_is_another_persons_counts_nothing(
    token: LeaseToken, text: OptInText
) -> None:
    """Whoever typed a stranger's number: the stranger gets a code, and nobody is granted."""
    wish = factories.make_opt_in(text, PHONE)
    say(token, texts.message_of(wish), HIDDEN)
    lookup(token, Address(PHONE, PHONE.lstrip("+"), "55555"))
    assert granted() == []
    assert not Contact.objects.exists()


def test_who_scans_a_poster_without_a_number_agrees_once_it_is_known(
    token: LeaseToken, text: OptInText
) -> None:
    say(token, texts.message_of_page(text), HIDDEN, "A1")
    assert granted() == []
    assert Reply.objects.get().handled_at is None
    say(token, "meu número é este", Address(PHONE, PHONE.lstrip("+"), LID), "A2")
    assert granted() == [PHONE]
    assert Consent.objects.get().evidence_ref == "A1"


def test_an_old_page_sends_no_code_for_a_hidden_number_by_itself(
    token: LeaseToken, text: OptInText
) -> None:
    """The code is for who asked on the page just now."""
    wish = factories.make_opt_in(text, PHONE)
    factories.age_opt_in(wish, minutes=30)
    say(token, texts.message_of(wish), HIDDEN)
    assert not Notice.objects.exists()
    assert isinstance(LedgerOutbox().next(token), Idle)


def test_no_import_brings_back_who_left_after_agreeing(token: LeaseToken, text: OptInText) -> None:
    say(token, texts.message_of_page(text), Address(PHONE), "A1")
    say(token, "SAIR", Address(PHONE), "A2")
    contact = Contact.objects.get()
    member = factories.make_membership(text.business)
    with pytest.raises(consent.Refused):
        consent.grant(contact=contact, topic=text.topic, source=Source.PAPER, actor=member.user)
