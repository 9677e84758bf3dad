"""What nobody expects on the wire: each event is kept or bounded by itself, and the next one is heard."""

from datetime import UTC, datetime, timedelta

import hypothesis.strategies as st
import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings

from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, EarlyReceipt, Reply
from campaigns.models.ledger_states import Status
from contacts.models import State, Subscription
from sessions import wire_values
from sessions.events import Address, Incoming, Receipt, Text, Tick
from sessions.interfaces import LeaseToken
from tests import factories
from tests.campaigns.ledger.claiming import claim

PHONE = "+5511987654321"

pytestmark = pytest.mark.django_db

anything = st.text(st.characters(), max_size=120) | st.sampled_from(
    [
        "",
        "\0",
        "\ud83d",
        "oi \ud83d",
        "SAIR",
        "TESTE 1234",
        "@",
        "@@",
        "İ" * 40,
        "9" * 41,
        "a" * 200,
    ]
)
digits = st.text("0123456789", max_size=50)
addresses = st.builds(
    Address, anything | digits.map("+{}".format), anything | digits, anything | digits, anything
)
moments = st.datetimes(timezones=st.just(UTC))
events = st.one_of(
    st.builds(Incoming, addresses, anything, st.builds(Text, anything), moments, st.booleans()),
    st.builds(Receipt, anything, st.sampled_from(Tick), moments, addresses),
)


def hear(token: LeaseToken, *told: Incoming | Receipt) -> None:
    outbox = LedgerOutbox()
    for event in told:
        outbox.record_event(token.session_id, event)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(told=st.lists(events, max_size=4))
def test_any_event_is_kept_and_the_next_one_is_heard(
    campaign: Campaign, token: LeaseToken, told: list[Incoming | Receipt]
) -> None:
    with transaction.atomic():
        contact = factories.make_contact(campaign.business)
        delivery = factories.make_delivery(campaign, contact)
        stop = Incoming(Address(delivery.phone), "3A99", Text("SAIR"), timezone.now())
        hear(token, *told, *told, stop)
        kept = Reply.objects.exclude(message_id="3A99").values_list("text", "kind")
        assert all(text == "" and kind == "stop" for text, kind in kept), "these are strangers"
        assert Subscription.objects.get(contact=contact).state == State.REVOKED
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("message_id", "body", "chat"),
    [
        ("A1", "SAIR \ud83d", Address(PHONE)),
        ("A\0", "SAIR", Address(PHONE)),
        ("A" * 81, "SAIR", Address(PHONE)),
        ("A1", "SAIR", Address(PHONE, lid="1" * 41)),
        ("A1", "SAIR", Address(PHONE, username="a" * 65)),
        ("A1", "S\0AIR", Address(PHONE, "5511987654321", username="@")),
    ],
    ids=["half a letter", "NUL in the id", "long id", "long LID", "long name", "no name"],
)
def test_a_stop_in_an_odd_event_is_obeyed(
    campaign: Campaign, token: LeaseToken, message_id: str, body: str, chat: Address
) -> None:
    contact = factories.make_contact(campaign.business, phone=PHONE)
    factories.make_delivery(campaign, contact)
    hear(token, Incoming(chat, message_id, Text(body), timezone.now()))
    assert Subscription.objects.get(contact=contact).state == State.REVOKED
    assert Reply.objects.get().contact == contact


def test_ids_that_no_row_can_hold_stay_different_messages(
    campaign: Campaign, token: LeaseToken
) -> None:
    now = timezone.now()
    for message_id in ("A", "A\0", "A\0\0", "A" * 81, "A" * 82):
        hear(token, Incoming(Address(PHONE), message_id, Text("SAIR"), now))
    assert Reply.objects.count() == 5


def test_a_message_whose_only_key_can_not_be_kept_stands_alone(
    campaign: Campaign, token: LeaseToken
) -> None:
    hear(token, Incoming(Address(lid="1" * 41), "A1", Text("SAIR"), timezone.now()))
    assert Reply.objects.get().person == "message:A1"


def test_a_receipt_with_an_odd_id_is_kept_for_the_row_that_learns_it(
    campaign: Campaign, token: LeaseToken
) -> None:
    factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    outbox.before_wire(token, claim(token, outbox).key)
    hear(token, Receipt("3EB0" * 30, Tick.READ, timezone.now()))
    assert EarlyReceipt.objects.get().message_id == wire_values.storable_id("3EB0" * 30)
    assert Delivery.objects.get().status == Status.SENDING


@pytest.mark.parametrize("year", [1, 1970, 2040, 9999])
def test_a_clock_that_is_far_off_is_brought_near(
    campaign: Campaign, token: LeaseToken, year: int
) -> None:
    hear(token, Incoming(Address(PHONE), "A1", Text("SAIR"), datetime(year, 1, 1, tzinfo=UTC)))
    assert Reply.objects.get().at <= timezone.now() + timedelta(days=1, minutes=1)


def test_the_log_has_the_length_of_what_is_odd_and_not_its_words(
    caplog: pytest.LogCaptureFixture,
) -> None:
    wire_values.storable_address(Address(username="segredo" * 20))
    assert "140" in caplog.text
    assert "segredo" not in caplog.text


def test_a_lookup_that_tells_an_odd_key_keeps_the_others(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(
        campaign, factories.make_contact(campaign.business, phone=PHONE)
    )
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.record_lookup(token, key, Address(PHONE, "551187654321", "\ud83d", "\0"))
    Delivery.objects.filter(pk=delivery.pk).update(status=Status.QUEUED, pressed_at=None)
    assert claim(token).to == Address(PHONE, "551187654321")
