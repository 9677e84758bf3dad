"""A failure that WhatsApp tells after it has taken a message: kept once, never sent again, overruled by its arrival."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blu.accounts.models import Membership
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.limits import circuit_breaker
from campaigns.models import Campaign, Delivery, EarlyReceipt
from campaigns.models.campaign_states import PauseReason
from campaigns.models.ledger_states import Status
from campaigns.reports import export_sheet, funnel
from sessions.events import Receipt, Tick, Undelivered
from sessions.interfaces import Idle, InDoubt, Key, LeaseToken, Sent
from tests import factories
from tests.campaigns.ledger.claiming import claim, reread
from tests.clients import Client

pytestmark = pytest.mark.django_db

ID = "wamid.1"


def pressed(token: LeaseToken) -> Key:
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.before_wire(token, key)
    return key


def settle(token: LeaseToken, key: Key, outcome: Sent | InDoubt) -> None:
    LedgerOutbox().settle(token, key, outcome)


def fails(token: LeaseToken, reason: str = "") -> None:
    """By whoever hears it: a webhook's process has no lease."""
    LedgerOutbox().record_event(token.session_id, Undelivered(ID, timezone.now(), reason))


def tick(token: LeaseToken, tick: Tick) -> None:
    LedgerOutbox().record_event(token.session_id, Receipt(ID, tick, timezone.now()))


@pytest.fixture
def delivery(campaign: Campaign, token: LeaseToken) -> Delivery:
    """Taken by WhatsApp."""
    delivery = factories.make_delivery(campaign)
    settle(token, pressed(token), Sent(ID, timezone.now()))
    return reread(delivery)


def test_it_fails_once_and_is_never_sent_again(delivery: Delivery, token: LeaseToken) -> None:
    fails(token)
    first = reread(delivery).ended_at
    assert (delivery.status, delivery.reason) == (Status.FAILED, "undelivered")
    assert delivery.sent_at is not None
    fails(token)
    tick(token, Tick.SENT)
    assert (reread(delivery).status, delivery.ended_at) == (Status.FAILED, first)
    assert isinstance(LedgerOutbox().next(token), Idle)
    assert delivery.attempts == 1


def test_a_reason_that_the_ledger_knows_is_kept_and_no_other(
    delivery: Delivery, token: LeaseToken
) -> None:
    fails(token, "not_on_whatsapp")
    assert reread(delivery).reason == "not_on_whatsapp"


@pytest.mark.parametrize("first", ["failure", "arrival"])
def test_what_arrived_is_believed_whichever_is_told_first(
    delivery: Delivery, token: LeaseToken, first: str
) -> None:
    steps = [lambda: fails(token), lambda: tick(token, Tick.DELIVERED)]
    for step in steps if first == "failure" else steps[::-1]:
        step()
    assert (reread(delivery).status, delivery.reason) == (Status.DELIVERED, "")
    assert delivery.ended_at is None
    assert delivery.delivered_at is not None


def test_a_failure_before_the_ack_waits_for_the_rows_id(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery, key = factories.make_delivery(campaign), pressed(token)
    fails(token)
    for _time in range(2):  # the answer to the first may have got lost
        settle(token, key, Sent(ID, timezone.now()))
    assert (reread(delivery).status, delivery.reason) == (Status.FAILED, "undelivered")
    assert delivery.pressed_at is not None
    assert not EarlyReceipt.objects.exists()


@pytest.mark.parametrize("arrives", [True, False])
def test_a_failure_settles_a_doubt_and_so_does_the_arrival_after_it(
    campaign: Campaign, token: LeaseToken, arrives: bool
) -> None:
    delivery, key = factories.make_delivery(campaign), pressed(token)
    settle(token, key, InDoubt("no_tick", ID))
    fails(token)
    assert reread(delivery).status == Status.FAILED
    if arrives:
        tick(token, Tick.READ)
        assert reread(delivery).status == Status.READ


def test_a_failure_of_a_message_that_nobody_knows_changes_nothing(
    delivery: Delivery, token: LeaseToken
) -> None:
    event = Undelivered("wamid.another", timezone.now())
    LedgerOutbox().record_event(token.session_id, event)
    assert reread(delivery).status == Status.SENT
    assert not EarlyReceipt.objects.exists()


def test_the_report_the_sheet_and_the_page_count_it_as_failed_and_not_as_sent(
    client: Client, owner: Membership
) -> None:
    campaign = factories.make_campaign(owner.business, Campaign.Status.RUNNING, recipients=1)
    delivery = factories.make_delivery(campaign, status="sent")
    Delivery.objects.filter(pk=delivery.pk).update(message_id=ID)
    LedgerOutbox().record_event(delivery.session_id, Undelivered(ID, timezone.now()))
    counts = funnel.fresh(campaign)
    assert (counts.failed, counts.sent, counts.open) == (1, 0, 0)
    (row,) = export_sheet._rows(campaign)
    assert "falhou" in " ".join(map(str, row)).lower()
    page = client.get(campaign.business.address("delivery_detail", campaign.pk, delivery.pk))
    said = page.content.decode()
    assert "O WhatsApp avisou que não entregou" in said
    assert "Enviada" in said


def test_numbers_that_turn_out_to_have_no_whatsapp_stop_a_campaign_as_those_known_before(
    campaign: Campaign,
) -> None:
    Campaign.objects.update(launched_at=timezone.now() - timedelta(hours=1))
    for number in range(circuit_breaker.LAST):
        row = factories.make_delivery(campaign, status="sent")
        Delivery.objects.filter(pk=row.pk).update(message_id=str(number))
    for number in range(11):
        told = Undelivered(str(number), timezone.now(), "not_on_whatsapp")
        LedgerOutbox().record_event(row.session_id, told)
    assert circuit_breaker.check(campaign.pk) == PauseReason.TOO_MANY_INVALID
