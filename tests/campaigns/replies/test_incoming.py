"""Replies: kept once, tied to what they answer, and obeyed."""

import pytest
from django.utils import timezone

from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Notice, Reply
from campaigns.models.ledger_states import Status
from contacts import consent
from contacts.models import Consent, Contact, Source, State, Subscription
from sessions.events import Address, Incoming, Text
from sessions.interfaces import Idle, LeaseToken
from sessions.models import Chat
from tests import factories
from tests.campaigns.ledger.claiming import claim, reread

pytestmark = pytest.mark.django_db


def heard(
    token: LeaseToken, contact: Contact, text: str, message_id: str = "A5001"
) -> Reply | None:
    LedgerOutbox().record_event(
        token.session_id, Incoming(Address(contact.phone), message_id, Text(text), timezone.now())
    )
    return Reply.objects.filter(message_id=message_id).first()


def test_a_reply_is_kept_once_and_tied_to_what_it_answers(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign, status=Status.SENT)
    reply = heard(token, delivery.contact, "Quero sim!")
    heard(token, delivery.contact, "Quero sim!")
    assert reply is not None
    assert (reply.delivery, reply.contact) == (delivery, delivery.contact)
    assert Reply.objects.count() == 1
    assert reread(delivery).replied_at is not None


def test_a_reply_from_the_form_without_the_ninth_digit_finds_the_contact(
    campaign: Campaign, token: LeaseToken
) -> None:
    contact = factories.make_contact(campaign.business, phone="+5511987654321")
    LedgerOutbox().record_event(
        token.session_id, Incoming(Address("+551187654321"), "A5002", Text("Oi"), timezone.now())
    )
    assert Reply.objects.get().contact == contact


@pytest.mark.parametrize("word", ["SAIR", "parar", " Sair. ", "PARE", "não quero mais receber"])
def test_a_stop_word_revokes_at_once_and_is_confirmed_once(
    campaign: Campaign, token: LeaseToken, word: str
) -> None:
    delivery = factories.make_delivery(campaign)
    assert heard(token, delivery.contact, word, "A1")
    assert heard(token, delivery.contact, word, "A2")
    subscription = Subscription.objects.get(contact=delivery.contact)
    assert (subscription.state, subscription.by_contact) == (State.REVOKED, True)
    assert Consent.objects.filter(state=State.REVOKED).count() == 1
    assert Notice.objects.filter(kind=Notice.Kind.STOP_CONFIRMATION).count() == 1
    outbox = LedgerOutbox()
    assert claim(token, outbox).key.kind == "notice"
    assert isinstance(outbox.next(token), Idle)
    assert reread(delivery).status == Status.SKIPPED


def test_a_sentence_with_the_word_in_it_is_no_stop(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign)
    heard(token, delivery.contact, "vou sair às 10, pode ser depois?")
    assert Subscription.objects.get(contact=delivery.contact).state == State.GRANTED


def test_who_wrote_first_is_warm_and_goes_first(campaign: Campaign, token: LeaseToken) -> None:
    factories.make_delivery(campaign)
    delivery = factories.make_delivery(campaign)
    heard(token, delivery.contact, "Oi")
    assert Chat.objects.get(phone=delivery.phone).warm_at is not None
    assert claim(token).key.id == delivery.pk


def state_of(contact: Contact) -> tuple[str, bool]:
    subscription = Subscription.objects.get(contact=contact)
    return subscription.state, subscription.by_contact


def test_voltar_takes_the_persons_own_stop_back_and_is_confirmed_once(
    campaign: Campaign, token: LeaseToken
) -> None:
    contact = factories.make_delivery(campaign, status=Status.SENT).contact
    heard(token, contact, "SAIR", "A1")
    reply = heard(token, contact, "Voltar!", "A2")
    heard(token, contact, "VOLTAR", "A3")
    assert reply is not None
    assert reply.kind == Reply.Kind.RETURN
    assert state_of(contact) == (State.GRANTED, False)
    last = Consent.objects.order_by("-pk").first()
    assert last is not None
    assert (last.state, last.source, last.actor) == (State.GRANTED, Source.WHATSAPP, None)
    assert (last.evidence_kind, last.evidence_ref) == ("message", "A2")
    (notice,) = Notice.objects.filter(kind=Notice.Kind.RETURN_CONFIRMATION)
    assert "responda SAIR" in notice.text


def test_what_was_obeyed_waits_for_nobody(campaign: Campaign, token: LeaseToken) -> None:
    contact = factories.make_delivery(campaign, status=Status.SENT).contact
    for number, text in enumerate(("SAIR", "VOLTAR", "VOLTAR", "Obrigada!")):
        heard(token, contact, text, f"A{number}")
    assert list(Reply.objects.filter(handled_at=None).values_list("text", flat=True)) == [
        "Obrigada!"
    ]
    assert not Reply.objects.filter(handled_by__isnull=False).exists()


def test_voltar_of_somebody_who_never_agreed_waits_for_a_person(
    campaign: Campaign, token: LeaseToken
) -> None:
    heard(token, factories.make_contact(campaign.business), "VOLTAR")
    assert Reply.objects.filter(handled_at=None).count() == 1


def test_voltar_brings_back_only_what_was_agreed_to_before(
    campaign: Campaign, token: LeaseToken
) -> None:
    contact = factories.make_contact(campaign.business)
    assert campaign.topic is not None
    factories.subscribe(contact, campaign.topic, State.REVOKED)
    heard(token, contact, "SAIR", "A1")
    heard(token, contact, "VOLTAR", "A2")
    assert state_of(contact)[0] == State.REVOKED
    assert not Notice.objects.filter(kind=Notice.Kind.RETURN_CONFIRMATION).exists()


def test_voltar_does_not_undo_what_the_business_decided(
    campaign: Campaign, token: LeaseToken
) -> None:
    contact = factories.make_delivery(campaign, status=Status.SENT).contact
    assert campaign.topic is not None
    consent.revoke(
        contact=contact, topic=campaign.topic, source=Source.PAPER, actor=factories.make_user()
    )
    heard(token, contact, "VOLTAR")
    assert state_of(contact)[0] == State.REVOKED


@pytest.mark.parametrize("text", ["quando posso voltar?", "vou voltar dia 10", "voltar ou sair?"])
def test_a_sentence_about_coming_back_grants_nothing(
    campaign: Campaign, token: LeaseToken, text: str
) -> None:
    contact = factories.make_delivery(campaign, status=Status.SENT).contact
    heard(token, contact, "SAIR", "A1")
    heard(token, contact, text, "A2")
    assert state_of(contact) == (State.REVOKED, True)
