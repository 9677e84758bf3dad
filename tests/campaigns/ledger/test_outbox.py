"""The outbox: claim, press, settle, hear, recover."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from blu.accounts.models import Business
from campaigns.ledger.outbox import AT_ONCE, LedgerOutbox
from campaigns.ledger.sql import ABSENT_FOR
from campaigns.models import Campaign, Delivery, Notice
from campaigns.models.ledger_states import Status
from contacts import stops
from contacts.models import Source, State, Subscription
from sessions.driving import leases
from sessions.events import Address, Receipt, Text, Tick
from sessions.interfaces import Idle, InDoubt, Key, LeaseLost, LeaseToken, NotSent, Outgoing, Sent
from sessions.models import Chat, Lease, Link
from tests import factories
from tests.campaigns.ledger.claiming import claim, reread
from tests.leasing import hold

pytestmark = pytest.mark.django_db

WEEK_AGO = timezone.now() - timedelta(days=ABSENT_FOR, hours=1)


def sent(message_id: str = "3EB0A") -> Sent:
    return Sent(message_id, timezone.now())


def test_a_claim_takes_one_row_with_its_finished_text(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign, variables={"nome": "Lúcia"})
    factories.make_delivery(campaign)
    claimed = claim(token)
    assert claimed.key == Key("delivery", delivery.pk)
    assert claimed.content.body == "Olá, Lúcia!\n\nResponda SAIR"
    assert Delivery.objects.filter(status=Status.SENDING).count() == 1
    assert reread(delivery).fence == token.fence


def test_rows_that_may_not_go_are_gone_through_in_portions_between_which_others_are_heard(
    campaign: Campaign, token: LeaseToken
) -> None:
    for _one in range(AT_ONCE + 1):
        stopped = factories.make_delivery(campaign)
        stops.keep(business_id=campaign.business_id, keys=[stopped.phone], source=Source.WHATSAPP)
    last = factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    pause = outbox.next(token)
    assert isinstance(pause, Idle)
    assert pause.until is not None
    assert pause.until <= timezone.now()
    assert Delivery.objects.filter(status=Status.SKIPPED).count() == AT_ONCE
    assert claim(token, outbox).key.id == last.pk


def test_a_claim_waits_for_no_disk_but_press_and_settlement_do(
    campaign: Campaign, token: LeaseToken
) -> None:
    """What a crash forgets of a claim is claimed again; of a press it must forget nothing."""

    def waits(step: Callable[[], object]) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = on")
            step()
            cursor.execute("SHOW synchronous_commit")
            return cursor.fetchone() == ("on",)

    key = Key("delivery", factories.make_delivery(campaign).pk)
    outbox = LedgerOutbox()
    assert not waits(lambda: outbox.next(token))
    assert waits(lambda: outbox.before_wire(token, key))
    assert waits(lambda: outbox.settle(token, key, sent()))


def test_a_contact_who_revoked_after_launch_is_skipped(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign)
    Subscription.objects.update(state=State.REVOKED)
    assert isinstance(LedgerOutbox().next(token), Idle)
    assert (reread(delivery).status, delivery.reason) == (Status.SKIPPED, "no_consent")


def test_an_old_fence_claims_nothing(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign)
    with pytest.raises(LeaseLost):
        LedgerOutbox().next(LeaseToken(token.session_id, token.fence - 1))
    assert reread(delivery).status == Status.QUEUED


def test_an_expired_lease_claims_nothing(campaign: Campaign, token: LeaseToken) -> None:
    factories.make_delivery(campaign)
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(LeaseLost):
        LedgerOutbox().next(token)


def test_a_paused_campaign_gives_nothing(campaign: Campaign, token: LeaseToken) -> None:
    factories.make_delivery(campaign)
    Campaign.objects.update(status=Campaign.Status.PAUSED)
    assert LedgerOutbox().next(token) == Idle(None)


def test_warm_chats_go_before_new_ones(campaign: Campaign, token: LeaseToken) -> None:
    factories.make_delivery(campaign)
    warm = factories.make_delivery(campaign, warm=True)
    assert claim(token).key.id == warm.pk


def test_two_running_campaigns_take_turns(
    business: Business, campaign: Campaign, token: LeaseToken
) -> None:
    other = factories.make_campaign(business, Campaign.Status.RUNNING, session=campaign.session)
    for one in (campaign, other):
        for _number in range(2):
            factories.make_delivery(one)
    outbox = LedgerOutbox()
    keys = [claim(token, outbox).key.id for _number in range(4)]
    campaigns = [Delivery.objects.get(pk=key).campaign_id for key in keys]
    assert campaigns == [campaign.pk, other.pk, campaign.pk, other.pk]


def test_a_row_waits_for_its_time_and_the_outbox_says_until_when(
    campaign: Campaign, token: LeaseToken
) -> None:
    later = timezone.now() + timedelta(hours=1)
    factories.make_delivery(campaign, not_before=later)
    assert LedgerOutbox().next(token) == Idle(later)


def test_a_notice_goes_before_deliveries(
    business: Business, campaign: Campaign, token: LeaseToken
) -> None:
    factories.make_delivery(campaign)
    notice = factories.make_notice(campaign.session, "stop_confirmation", text="Pronto.")
    assert claim(token) == Outgoing(
        Key("notice", notice.pk), Address(notice.phone), Text("Pronto.")
    )


def test_press_and_settle_lead_to_sent(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.before_wire(token, key)
    assert reread(delivery).pressed_at is not None
    outbox.settle(token, key, sent("3EB0B"))
    assert (reread(delivery).status, delivery.message_id) == (Status.SENT, "3EB0B")
    assert delivery.sent_at is not None


def test_pressing_under_an_old_fence_is_refused(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign)
    key = claim(token).key
    Lease.objects.update(fence=token.fence + 1)
    with pytest.raises(LeaseLost):
        LedgerOutbox().before_wire(token, key)
    assert reread(delivery).pressed_at is None


def test_settling_a_row_that_somebody_else_took_is_refused(
    campaign: Campaign, token: LeaseToken
) -> None:
    factories.make_delivery(campaign)
    key = claim(token).key
    Delivery.objects.update(fence=token.fence + 1)
    with pytest.raises(LeaseLost):
        LedgerOutbox().settle(token, key, sent())


def test_certainly_not_sent_goes_back_to_the_queue_for_later(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.before_wire(token, key)
    outbox.settle(token, key, NotSent("slow", permanent=False))
    assert (reread(delivery).status, delivery.pressed_at) == (Status.QUEUED, None)
    assert delivery.not_before > timezone.now()


def test_a_number_without_whatsapp_fails_with_its_reason(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.settle(token, key, NotSent("not_on_whatsapp", permanent=True))
    assert (reread(delivery).status, delivery.reason) == (Status.FAILED, "not_on_whatsapp")


def known_absent(delivery: Delivery, **fields: Any) -> None:
    """WhatsApp said that it doesn't know the number: just now, unless told otherwise."""
    told = {"looked_up_at": timezone.now(), "session_id": delivery.session_id} | fields
    Chat.objects.create(phone=delivery.phone, **told)


def test_a_number_that_whatsapp_did_not_know_this_week_fails_without_being_asked_for_again(
    campaign: Campaign, token: LeaseToken
) -> None:
    absent, other = factories.make_delivery(campaign), factories.make_delivery(campaign)
    known_absent(absent)
    assert claim(token).key.id == other.pk
    assert (reread(absent).status, absent.reason) == (Status.FAILED, "not_on_whatsapp")


@pytest.mark.parametrize("since", [{"looked_up_at": WEEK_AGO}, {"warm_at": WEEK_AGO}, {"lid": "7"}])
def test_after_a_week_or_once_the_person_was_heard_the_number_is_asked_for_again(
    campaign: Campaign, token: LeaseToken, since: dict[str, Any]
) -> None:
    row = factories.make_delivery(campaign)
    known_absent(row, **since)
    assert claim(token).key.id == row.pk


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (NotSent("contact_blocked", permanent=True), "contact_blocked"),
        (NotSent("a wire said so", permanent=True), "refused"),
        (InDoubt("the connection ended"), "link_lost"),
    ],
)
def test_the_ledger_says_why_in_its_own_words(
    campaign: Campaign, token: LeaseToken, outcome: NotSent | InDoubt, reason: str
) -> None:
    delivery = factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    if isinstance(outcome, InDoubt):
        outbox.before_wire(token, key)
    outbox.settle(token, key, outcome)
    assert reread(delivery).reason == reason


def test_a_doubt_stays_uncertain_and_is_never_claimed_again(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.before_wire(token, key)
    outbox.settle(token, key, InDoubt("no_tick"))
    assert (reread(delivery).status, delivery.reason) == (Status.UNCERTAIN, "no_tick")
    assert outbox.next(token) == Idle(None)


def test_a_zombie_may_turn_its_own_doubt_into_sent(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.before_wire(token, key)
    outbox.settle(token, key, InDoubt("no_tick"))
    outbox.settle(token, key, sent())
    assert reread(delivery).status == Status.SENT


def test_a_new_holder_requeues_what_was_not_pressed_and_doubts_what_was(
    campaign: Campaign, token: LeaseToken
) -> None:
    pressed, untouched = factories.make_delivery(campaign), factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    outbox.before_wire(token, claim(token, outbox).key)
    claim(token, outbox)
    leases.release(token)
    newer = hold(token.session_id)
    assert outbox.recover(newer) == 2
    assert (reread(pressed).status, pressed.reason) == (Status.UNCERTAIN, "crash")
    assert reread(untouched).status == Status.QUEUED


def test_receipts_move_a_row_forward_only(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign, status=Status.SENT, message_id="3EB0C")
    outbox = LedgerOutbox()
    outbox.record_event(token.session_id, Receipt("3EB0C", Tick.READ, timezone.now()))
    outbox.record_event(token.session_id, Receipt("3EB0C", Tick.DELIVERED, timezone.now()))
    assert reread(delivery).status == Status.READ
    assert delivery.delivered_at is not None


def test_a_receipt_before_the_ack_is_kept_for_it(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.before_wire(token, key)
    outbox.record_event(token.session_id, Receipt("3EB0D", Tick.DELIVERED, timezone.now()))
    outbox.settle(token, key, sent("3EB0D"))
    assert reread(delivery).status == Status.DELIVERED


def test_a_test_to_oneself_is_awaited_until_it_has_arrived(
    campaign: Campaign, token: LeaseToken
) -> None:
    outbox, mine = LedgerOutbox(), factories.make_phone()
    for kind in (Notice.Kind.SELF_TEST, Notice.Kind.STOP_CONFIRMATION):
        factories.make_notice(
            campaign.session, kind, phone=mine, status=Status.SENT, message_id=f"3EB0{kind}",
            sent_at=timezone.now(),
        )  # fmt: skip
    assert outbox.awaiting_receipts(token) == [(mine.lstrip("+"), "3EB0self_test")]
    outbox.record_event(token.session_id, Receipt("3EB0self_test", Tick.DELIVERED, timezone.now()))
    assert outbox.awaiting_receipts(token) == []


def test_messages_are_awaited_the_newest_first(campaign: Campaign, token: LeaseToken) -> None:
    for number in (2, 1, 3):
        sent_at = timezone.now() - timedelta(minutes=number)
        row = factories.make_delivery(campaign, status=Status.SENT, message_id=f"3EB0{number}")
        Delivery.objects.filter(pk=row.pk).update(sent_at=sent_at)
    ids = [message_id for _wa_id, message_id in LedgerOutbox().awaiting_receipts(token)]
    assert ids == ["3EB01", "3EB02", "3EB03"]


def test_a_lookup_is_remembered_for_the_next_claim(campaign: Campaign, token: LeaseToken) -> None:
    delivery = factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.record_lookup(token, key, Address(delivery.phone, "551187654321"))
    outbox.settle(token, key, NotSent("slow", permanent=False))
    Delivery.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    assert claim(token, outbox).to.wa_id == "551187654321"


def test_a_campaign_is_done_when_nothing_is_open(campaign: Campaign, token: LeaseToken) -> None:
    factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    outbox.settle(token, claim(token, outbox).key, sent())
    outbox.next(token)
    campaign.refresh_from_db()
    assert campaign.status == Campaign.Status.DONE


@pytest.mark.usefixtures("unworn_tables")
def test_the_claim_walks_the_partial_index_behind_a_paused_campaign(
    campaign: Campaign, token: LeaseToken
) -> None:
    """The plan, not the time: a paused campaign's rows are never read."""
    from campaigns.ledger import sql

    values = {
        "session": token.session_id,
        "fence": token.fence,
        "last": 0,
        "warm_only": False,
        "closed": [],
    }
    with connection.cursor() as cursor:
        # A table of a few rows would be sorted as cheaply: only where the index gives no order is it sorted now.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN {sql.CLAIM_DELIVERY}", values)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "delivery_claim" in plan
    assert "chat_once_by_phone" in plan
    assert "Sort" not in plan.split("CTE picked")[1].split("CTE consent")[0]


def in_doubt(campaign: Campaign, token: LeaseToken) -> Delivery:
    delivery = factories.make_delivery(campaign, variables={"nome": "Lúcia"})
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.before_wire(token, key)
    outbox.settle(token, key, InDoubt("no_tick"))
    return reread(delivery)


def test_a_doubt_is_told_with_its_exact_text_and_what_else_went_there(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = in_doubt(campaign, token)
    other = factories.make_campaign(
        campaign.business, Campaign.Status.RUNNING, session=campaign.session
    )
    factories.make_delivery(other, delivery.contact, status=Status.SENT, message_id="3EB0OLD")
    (doubt,) = LedgerOutbox().uncertain_messages(token)
    assert doubt.key == Key("delivery", delivery.pk)
    assert doubt.content.body == "Olá, Lúcia!\n\nResponda SAIR"
    assert (doubt.pressed_at, doubt.known) == (delivery.pressed_at, frozenset({"3EB0OLD"}))


@pytest.mark.parametrize(
    ("hours_ago", "visited_hours_ago", "told"),
    [(0.5, 0, True), (5, 6, True), (5, None, True), (5, 4, False), (31 * 24, None, False)],
)
def test_a_doubt_is_looked_for_until_a_visit_has_looked_well_after_its_first_hour(
    campaign: Campaign,
    token: LeaseToken,
    hours_ago: float,
    visited_hours_ago: float | None,
    told: bool,
) -> None:
    delivery, now = in_doubt(campaign, token), timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(ended_at=now - timedelta(hours=hours_ago))
    visited = None if visited_hours_ago is None else now - timedelta(hours=visited_hours_ago)
    Link.objects.update(visited_at=visited)
    assert bool(LedgerOutbox().uncertain_messages(token)) is told


def test_no_doubt_is_left_out_for_being_one_of_many(campaign: Campaign, token: LeaseToken) -> None:
    for _number in range(30):
        in_doubt(campaign, token)
    assert len(LedgerOutbox().uncertain_messages(token)) == 30


def test_a_test_to_oneself_proves_no_delivery_of_the_same_text(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = in_doubt(campaign, token)
    factories.make_notice(
        campaign.session, phone=delivery.phone, text="Olá, Lúcia!", message_id="3EB0T"
    )
    outbox = LedgerOutbox()
    (doubt,) = outbox.uncertain_messages(token)
    assert doubt.known == frozenset({"3EB0T"})
    outbox.confirm_sent(token, doubt.key, sent("3EB0T"))
    assert reread(delivery).status == Status.UNCERTAIN


def test_a_delivery_proves_no_notice_of_the_same_text(
    campaign: Campaign, token: LeaseToken
) -> None:
    delivery = factories.make_delivery(campaign, status=Status.SENT, message_id="3EB0S")
    notice = factories.make_notice(campaign.session, phone=delivery.phone, text="Olá!")
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    outbox.before_wire(token, key)
    outbox.settle(token, key, InDoubt("no_tick"))
    (doubt,) = outbox.uncertain_messages(token)
    assert (doubt.key, doubt.known) == (Key("notice", notice.pk), frozenset({"3EB0S"}))
    outbox.confirm_sent(token, key, sent("3EB0S"))
    notice.refresh_from_db()
    assert notice.status == Status.UNCERTAIN


def test_a_proof_settles_one_doubt_and_no_other(campaign: Campaign, token: LeaseToken) -> None:
    first, second = in_doubt(campaign, token), in_doubt(campaign, token)
    outbox = LedgerOutbox()
    for delivery in (first, second):
        outbox.confirm_sent(token, Key("delivery", delivery.pk), sent("3EB0P"))
    assert (reread(first).status, reread(second).status) == (Status.SENT, Status.UNCERTAIN)


def test_a_proof_under_an_old_fence_is_refused(campaign: Campaign, token: LeaseToken) -> None:
    delivery = in_doubt(campaign, token)
    with pytest.raises(LeaseLost):
        LedgerOutbox().confirm_sent(
            LeaseToken(token.session_id, token.fence - 1), Key("delivery", delivery.pk), sent()
        )
    assert reread(delivery).status == Status.UNCERTAIN
