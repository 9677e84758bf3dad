"""What proves a doubt, and what a holder whose time is over may still write."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from sessions.driving import leases
from sessions.events import Receipt, Tick
from sessions.interfaces import Idle, InDoubt, Key, LeaseLost, LeaseToken, NotSent, Outgoing, Sent
from sessions.models import Lease
from tests import factories
from tests.leasing import hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def pressed(campaign: Campaign, token: LeaseToken) -> Key:
    """A row that was claimed and pressed."""
    factories.make_delivery(campaign)
    claimed = LedgerOutbox().next(token)
    assert isinstance(claimed, Outgoing)
    LedgerOutbox().before_wire(token, claimed.key)
    return claimed.key


def row(key: Key) -> Delivery:
    return Delivery.objects.get(pk=key.id)


def receipt(tick: Tick, message_id: str = "3EB0A") -> Receipt:
    return Receipt(message_id, tick, timezone.now())


@pytest.mark.parametrize("tick", list(Tick))
def test_a_receipt_proves_a_doubt_whose_message_was_seen(
    token: LeaseToken, pressed: Key, tick: Tick
) -> None:
    outbox = LedgerOutbox()
    outbox.settle(token, pressed, InDoubt("no_tick", message_id="3EB0A"))
    assert row(pressed).status == Status.UNCERTAIN
    outbox.record_event(token.session_id, receipt(tick))
    assert row(pressed).status == tick.value
    assert row(pressed).sent_at is not None


def test_a_receipt_that_came_first_proves_it_at_once(token: LeaseToken, pressed: Key) -> None:
    outbox = LedgerOutbox()
    outbox.record_event(token.session_id, receipt(Tick.DELIVERED))
    outbox.settle(token, pressed, InDoubt("no_tick", message_id="3EB0A"))
    assert row(pressed).status == Status.DELIVERED


def test_a_receipt_of_another_message_proves_nothing(token: LeaseToken, pressed: Key) -> None:
    outbox = LedgerOutbox()
    outbox.settle(token, pressed, InDoubt("no_tick"))
    for message_id in ("3EB0B", ""):
        outbox.record_event(token.session_id, receipt(Tick.READ, message_id))
    assert row(pressed).status == Status.UNCERTAIN


def test_a_receipt_of_another_session_proves_nothing(
    campaign: Campaign, token: LeaseToken, pressed: Key
) -> None:
    LedgerOutbox().settle(token, pressed, InDoubt("no_tick", message_id="3EB0A"))
    other = hold(factories.make_session(campaign.business).pk)
    LedgerOutbox().record_event(other.session_id, receipt(Tick.READ))
    assert row(pressed).status == Status.UNCERTAIN


def test_a_zombie_settles_its_own_doubt_with_proof(token: LeaseToken, pressed: Key) -> None:
    leases.release(token)
    newer = hold(token.session_id)
    LedgerOutbox().recover(newer)
    LedgerOutbox().settle(token, pressed, Sent("3EB0A", timezone.now()))
    assert row(pressed).status == Status.SENT


@pytest.mark.parametrize(
    "outcome",
    [NotSent("x", permanent=False), NotSent("x", permanent=True), InDoubt("x")],
    ids=["retry", "failed", "doubt"],
)
def test_without_proof_only_the_holder_settles(
    token: LeaseToken, pressed: Key, outcome: NotSent | InDoubt
) -> None:
    """Whoever drives now decides about the rows that the last one left."""
    Lease.objects.update(fence=token.fence + 1)
    with pytest.raises(LeaseLost):
        LedgerOutbox().settle(token, pressed, outcome)
    assert row(pressed).status == Status.SENDING


def test_an_expired_lease_that_nobody_took_still_settles(token: LeaseToken, pressed: Key) -> None:
    Lease.objects.update(expires_at=timezone.now() - timedelta(minutes=1))
    LedgerOutbox().settle(token, pressed, NotSent("slow", permanent=False))
    assert row(pressed).status == Status.QUEUED


def test_a_zombie_neither_claims_nor_presses_nor_settles_anothers_row(
    campaign: Campaign, token: LeaseToken, pressed: Key
) -> None:
    leases.release(token)
    newer = hold(token.session_id)
    factories.make_delivery(campaign)
    claimed = LedgerOutbox().next(newer)
    assert isinstance(claimed, Outgoing)
    zombie = LedgerOutbox()
    with pytest.raises(LeaseLost):
        zombie.next(token)
    with pytest.raises(LeaseLost):
        zombie.before_wire(token, claimed.key)
    with pytest.raises(LeaseLost):
        zombie.settle(token, claimed.key, Sent("3EB0Z", timezone.now()))
    assert row(claimed.key).status == Status.SENDING


def test_a_notice_goes_out_while_a_long_campaign_runs(
    campaign: Campaign, token: LeaseToken
) -> None:
    """Looked for once a second, not once a message, and at once when a reply was heard."""
    for _number in range(3):
        factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    assert isinstance(outbox.next(token), Outgoing)
    notice = factories.make_notice(campaign.session)
    outbox._notices_at -= 1.1
    claimed = outbox.next(token)
    assert isinstance(claimed, Outgoing)
    assert claimed.key == Key("notice", notice.pk)


def test_the_last_notice_is_not_forgotten_when_the_deliveries_end(
    campaign: Campaign, token: LeaseToken
) -> None:
    factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    assert isinstance(outbox.next(token), Outgoing)
    factories.make_notice(campaign.session)
    idle = outbox.next(token)
    assert isinstance(idle, Idle)
    assert idle.until is not None
    assert isinstance(outbox.next(token), Outgoing)
