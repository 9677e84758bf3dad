"""Receipts that come before the ack: rows in the database, applied when a row learns its id, swept."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from blu.db import prepared_sql
from campaigns.ledger import sql
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, EarlyReceipt
from campaigns.models.ledger_states import Status
from sessions.driving import leases
from sessions.events import Receipt, Tick
from sessions.interfaces import InDoubt, Key, LeaseToken, NotSent, Sent
from tests import factories
from tests.campaigns.ledger.claiming import claim, reread
from tests.concurrency.waiting import Beside, owner_connection
from tests.leasing import hold

pytestmark = pytest.mark.django_db

ID = "3EB0D"


def hear(token: LeaseToken, tick: Tick, message_id: str = ID) -> None:
    """By whoever hears it: a webhook's process keeps nothing and has no lease."""
    LedgerOutbox().record_event(token.session_id, Receipt(message_id, tick, timezone.now()))


def pressed(token: LeaseToken, message_id: str = "") -> Key:
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.before_wire(token, key, message_id)
    return key


def recovered(token: LeaseToken) -> None:
    """Its driver is dead: the next one begins."""
    leases.release(token)
    newer = hold(token.session_id)
    LedgerOutbox().recover(newer)


def test_an_early_receipt_outlives_the_process_that_heard_it(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign)
    key = pressed(token)
    hear(token, Tick.DELIVERED)
    LedgerOutbox().settle(token, key, Sent(ID, timezone.now()))
    assert reread(delivery).status == Status.DELIVERED
    assert delivery.delivered_at is not None
    assert not EarlyReceipt.objects.exists()


@pytest.mark.parametrize("order", [(Tick.READ, Tick.DELIVERED), (Tick.DELIVERED, Tick.READ)])
def test_the_furthest_of_several_early_receipts_counts_and_each_keeps_its_time(
    campaign: Campaign, token: LeaseToken, order: tuple[Tick, Tick]
) -> None:
    delivery = factories.make_delivery(campaign)
    key = pressed(token)
    for tick in order:
        hear(token, tick)
        hear(token, tick)
    assert EarlyReceipt.objects.count() == 2
    LedgerOutbox().settle(token, key, Sent(ID, timezone.now()))
    assert reread(delivery).status == Status.READ
    assert delivery.delivered_at is not None
    assert delivery.read_at is not None


def test_a_doubt_that_learns_its_id_is_settled_by_what_was_heard_before(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign)
    key = pressed(token)
    hear(token, Tick.SENT)
    LedgerOutbox().settle(token, key, InDoubt("no_tick", ID))
    assert (reread(delivery).status, delivery.reason) == (Status.SENT, "")
    assert delivery.ended_at is None


def test_a_doubt_of_a_dead_driver_that_is_proven_takes_it_too(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign)
    key = pressed(token)
    hear(token, Tick.READ)
    leases.release(token)
    newer = hold(token.session_id)
    LedgerOutbox().recover(newer)
    LedgerOutbox().confirm_sent(newer, key, Sent(ID, timezone.now()))
    assert reread(delivery).status == Status.READ


@pytest.mark.parametrize("heard_first", [True, False])
def test_a_message_whose_id_was_known_before_the_wire_is_proven_by_its_receipt_after_a_kill(
    campaign: Campaign, token: LeaseToken, heard_first: bool
) -> None:
    delivery = factories.make_delivery(campaign)
    pressed(token, ID)
    if heard_first:
        hear(token, Tick.DELIVERED)
        assert reread(delivery).status == Status.SENDING
    recovered(token)
    if not heard_first:
        assert reread(delivery).status == Status.UNCERTAIN
        hear(token, Tick.DELIVERED)
    assert (reread(delivery).status, delivery.reason) == (Status.DELIVERED, "")
    assert not EarlyReceipt.objects.exists()


@pytest.mark.parametrize("permanent", [True, False])
def test_what_was_certainly_not_sent_keeps_no_id(
    campaign: Campaign, token: LeaseToken, permanent: bool
) -> None:
    delivery = factories.make_delivery(campaign)
    key = pressed(token, ID)
    LedgerOutbox().settle(token, key, NotSent("refused", permanent=permanent))
    assert reread(delivery).message_id == ""
    hear(token, Tick.DELIVERED)
    assert delivery.status == reread(delivery).status


def test_a_receipt_for_a_notice_or_a_delivery_is_one_statement(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign, status=Status.SENT, message_id="3EB01")
    notice = factories.make_notice(campaign.session, status=Status.SENT, message_id="3EB02")
    for message_id in ("3EB01", "3EB02"):
        with connection.execute_wrapper(_refuse):
            hear(token, Tick.READ, message_id)
    notice.refresh_from_db()
    assert (reread(delivery).status, notice.status) == (Status.READ, Status.READ)
    assert not EarlyReceipt.objects.exists()


def _refuse(*_arguments: object) -> None:
    raise AssertionError("a statement beside the prepared one")


def test_receipts_of_what_was_typed_on_the_phone_are_not_kept_while_nothing_is_on_its_way(
    campaign: Campaign, token: LeaseToken
) -> None:
    factories.make_delivery(campaign, status=Status.SENT, message_id=ID)
    hear(token, Tick.DELIVERED, "3A1234567890ABCDEF12")
    assert not EarlyReceipt.objects.exists()


def test_what_nobody_asked_for_within_a_day_is_swept_by_what_comes_later(
    campaign: Campaign, token: LeaseToken
) -> None:
    factories.make_delivery(campaign)
    pressed(token)
    for number in range(3):
        hear(token, Tick.READ, f"3EB0{number}")
    EarlyReceipt.objects.update(kept_at=timezone.now() - timedelta(hours=25))
    hear(token, Tick.READ, "3EB0NEW")
    assert [one.message_id for one in EarlyReceipt.objects.all()] == ["3EB0NEW"]


def test_another_sessions_message_of_the_same_id_takes_nothing(
    campaign: Campaign, token: LeaseToken
) -> None:
    factories.make_delivery(campaign)
    pressed(token)
    hear(token, Tick.READ)
    other = factories.make_delivery(
        factories.make_campaign(campaign.business), status=Status.UNCERTAIN
    )
    type(other).objects.filter(pk=other.pk).update(message_id=ID)
    assert reread(other).status == Status.UNCERTAIN
    assert EarlyReceipt.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", ["settle", "receipt"])
def test_a_receipt_and_the_settle_at_the_same_moment_never_miss_each_other(
    campaign: Campaign, token: LeaseToken, first: str
) -> None:
    delivery = factories.make_delivery(campaign)
    key = pressed(token)
    now = timezone.now()
    settle = sql.SETTLE_SENT.format(table="campaigns_delivery")
    values = {"session": token.session_id, "message_id": ID, "at": now}
    steps = [
        (settle, values | {"id": key.id, "fence": token.fence, "tick": "sent"}),
        (sql.RECEIPT, values | {"step": "delivered", "reason": ""}),
    ]
    if first == "receipt":
        steps.reverse()
    with owner_connection() as other:
        other.execute(*steps[0])
        beside = Beside(lambda: prepared_sql.count(*steps[1]))
        beside.waits()
        other.commit()
    beside.result()
    assert reread(delivery).status == Status.DELIVERED
    assert not EarlyReceipt.objects.exists()
