"""Messages are heard in any order: whoever asked to stop after they had asked to come back is stopped."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Notice, Reply
from campaigns.models.ledger_states import Status
from contacts import stops
from contacts.models import State, Stop, Subscription
from contacts.people.services import note_stop
from sessions.events import Address, Incoming, Text
from sessions.interfaces import LeaseToken
from tests import factories

NOW = timezone.now().replace(microsecond=0)
EARLIER, LATER = NOW - timedelta(hours=1), NOW - timedelta(minutes=30)

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery(campaign: Campaign) -> Delivery:
    return factories.make_delivery(campaign, status=Status.SENT)


def hear(session_id: int, phone: str, text: str, message_id: str, at: datetime) -> None:
    LedgerOutbox().record_event(session_id, Incoming(Address(phone), message_id, Text(text), at))


def is_stopped(delivery: Delivery) -> bool:
    """Whether nothing may go to them, by either of the two that keep it."""
    stop = stops.of_number(delivery.business_id, delivery.phone)
    consent = Subscription.objects.get(contact=delivery.contact)
    assert (stop is not None) == (consent.state == State.REVOKED)
    return stop is not None


@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_return_that_is_heard_late_undoes_no_newer_stop(
    campaign: Campaign, token: LeaseToken, delivery: Delivery, elsewhere: bool
) -> None:
    other = factories.make_session(campaign.business).pk if elsewhere else token.session_id
    hear(token.session_id, delivery.phone, "SAIR", "S1", LATER)
    hear(other, delivery.phone, "VOLTAR", "V1", EARLIER)
    assert is_stopped(delivery)
    assert not Notice.objects.filter(kind=Notice.Kind.RETURN_CONFIRMATION).exists()
    late = Reply.objects.get(message_id="V1")
    assert (late.kind, late.handled_at) == (Reply.Kind.MESSAGE, None)


def test_a_return_between_two_stops_undoes_neither(token: LeaseToken, delivery: Delivery) -> None:
    hear(token.session_id, delivery.phone, "SAIR", "S1", EARLIER - timedelta(hours=1))
    hear(token.session_id, delivery.phone, "SAIR", "S2", LATER)
    hear(token.session_id, delivery.phone, "VOLTAR", "V1", EARLIER)
    assert is_stopped(delivery)


def test_what_the_team_noted_is_not_undone_by_an_older_return(
    token: LeaseToken, delivery: Delivery
) -> None:
    note_stop(contact=delivery.contact, actor=factories.make_user(), said="no telefone, hoje")
    hear(token.session_id, delivery.phone, "VOLTAR", "V1", EARLIER)
    assert is_stopped(delivery)


def test_a_return_is_obeyed_though_the_stop_before_it_was_heard_just_now(
    token: LeaseToken, delivery: Delivery
) -> None:
    hear(token.session_id, delivery.phone, "SAIR", "S1", EARLIER)
    hear(token.session_id, delivery.phone, "VOLTAR", "V1", LATER)
    assert not is_stopped(delivery)


def test_of_a_stranger_too_the_newer_word_counts(token: LeaseToken) -> None:
    phone = "+5511987650001"
    hear(token.session_id, phone, "SAIR", "S1", LATER)
    hear(token.session_id, phone, "VOLTAR", "V1", EARLIER)
    assert Stop.objects.filter(key=phone, lifted_at=None).exists()
    hear(token.session_id, phone, "VOLTAR", "V2", NOW)
    assert not Stop.objects.filter(key=phone, lifted_at=None).exists()
