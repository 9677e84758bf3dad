"""A row fails for its text only when the page was fine: three tries, and others' messages went between them."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from blu.accounts.models import Membership
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Notice
from campaigns.models.ledger_states import Status
from sessions.interfaces import InDoubt, Key, LeaseToken, NotSent, Outcome, Sent
from sessions.models import Lease
from tests import factories
from tests.campaigns.ledger.claiming import claim, reread
from tests.clients import Client
from tests.leasing import hold

NOT_TAKEN = NotSent("draft_differs", permanent=False, of_text=True)

pytestmark = pytest.mark.django_db


def is_settled(token: LeaseToken, row: Delivery | Notice, outcome: Outcome) -> None:
    """One visit's claim of this row, of which nothing is remembered but what the ledger holds."""
    others = Delivery.objects.filter(status=Status.QUEUED)
    others.exclude(pk=row.pk if isinstance(row, Delivery) else 0).update(
        not_before=timezone.now() + timedelta(days=1)
    )
    type(row).objects.filter(pk=row.pk).update(not_before=timezone.now() - timedelta(days=1))
    kind = "delivery" if isinstance(row, Delivery) else "notice"
    outbox = LedgerOutbox()
    assert claim(token, outbox).key == Key(kind, row.pk)
    if not isinstance(outcome, NotSent):
        outbox.before_wire(token, Key(kind, row.pk))
    outbox.settle(token, Key(kind, row.pk), outcome)
    row.refresh_from_db()


def another_goes(campaign: Campaign, token: LeaseToken, phone: str = "") -> Delivery:
    other = factories.make_delivery(campaign)
    is_settled(token, other, Sent(f"3EB0{other.pk}", timezone.now()))
    if phone:
        Delivery.objects.filter(pk=other.pk).update(phone=phone)
    return other


def a_new_holder(token: LeaseToken) -> LeaseToken:
    """The process was killed: the lease runs out, and somebody else takes it."""
    Lease.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    return hold(token.session_id)


def test_the_tries_are_counted_over_openings_and_killed_processes(
    campaign: Campaign, token: LeaseToken
) -> None:
    row = factories.make_delivery(campaign)
    for tries in (1, 2, 3):
        is_settled(token, row, NOT_TAKEN)
        assert row.text_tries == tries
        assert row.status == (Status.FAILED if tries == 3 else Status.QUEUED)
        another_goes(campaign, token)
        token = a_new_holder(token)
    assert (row.reason, row.ended_at is not None, row.pressed_at) == ("text", True, None)


def test_tries_between_which_nothing_went_are_one(campaign: Campaign, token: LeaseToken) -> None:
    row = factories.make_delivery(campaign)
    for _time in range(5):
        is_settled(token, row, NOT_TAKEN)
        token = a_new_holder(token)
    assert (row.status, row.reason, row.text_tries) == (Status.QUEUED, "retry", 1)
    assert row.not_before > timezone.now()


def test_only_another_persons_message_that_was_ticked_since_counts(
    campaign: Campaign, token: LeaseToken
) -> None:
    row = factories.make_delivery(campaign)
    before = another_goes(campaign, token)
    is_settled(token, row, NOT_TAKEN)
    another_goes(campaign, token, phone=row.phone)
    doubtful = factories.make_delivery(campaign)
    is_settled(token, doubtful, InDoubt("no_tick"))
    elsewhere = factories.make_campaign(campaign.business, Campaign.Status.RUNNING)
    theirs = hold(elsewhere.session_id or 0)
    another_goes(elsewhere, theirs)
    # Its tick came now, but it was written before.
    Delivery.objects.filter(pk=before.pk).update(sent_at=timezone.now())
    is_settled(token, row, NOT_TAKEN)
    assert row.text_tries == 1


def test_three_rows_that_fail_alike_go_back_to_the_queue(
    campaign: Campaign, token: LeaseToken
) -> None:
    rows = [factories.make_delivery(campaign) for _number in range(3)]
    for _visit in range(4):
        for row in rows[:2]:
            is_settled(token, row, NOT_TAKEN)
        # The driver has found that it is the page, and says no more of the third.
        is_settled(token, rows[2], NotSent("page_odd", permanent=False))
        token = a_new_holder(token)
    assert {(row.status, row.reason) for row in rows} == {(Status.QUEUED, "retry")}
    assert [row.text_tries for row in rows] == [1, 1, 0]


def test_a_notice_is_counted_as_well_and_a_notice_to_another_counts(
    campaign: Campaign, token: LeaseToken
) -> None:
    session = campaign.session
    assert session is not None
    row = factories.make_notice(session)
    for number in range(3):
        is_settled(token, row, NOT_TAKEN)
        other = factories.make_notice(session, phone=f"+551198888000{number}")
        is_settled(token, other, Sent(f"3EB0N{number}", timezone.now()))
    assert (reread_notice(row).status, row.reason) == (Status.FAILED, "text")


def reread_notice(row: Notice) -> Notice:
    row.refresh_from_db()
    return row


def test_an_answer_that_got_lost_is_settled_once(campaign: Campaign, token: LeaseToken) -> None:
    row = factories.make_delivery(campaign)
    outbox = LedgerOutbox()
    key = claim(token, outbox).key
    for _time in range(2):
        outbox.settle(token, key, NOT_TAKEN)
    assert (reread(row).text_tries, row.status) == (1, Status.QUEUED)
    Delivery.objects.filter(pk=row.pk).update(text_tries=F("text_tries") + 1)
    another_goes(campaign, token)
    is_settled(token, row, NOT_TAKEN)
    outbox.settle(token, key, NOT_TAKEN)
    assert (reread(row).text_tries, row.status) == (3, Status.FAILED)


def test_the_page_says_that_whatsapp_did_not_take_the_text(
    client: Client, owner: Membership, running: Campaign
) -> None:
    row = factories.make_delivery(running, status=Status.FAILED, reason="text")
    page = client.get(f"/campanhas/{running.pk}/destinatarios/{row.pk}/").content.decode()
    assert "O WhatsApp não aceitou este texto em três tentativas" in page
