"""A stop and a claim in the same millisecond: what is claimed after a stop is committed goes nowhere."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from campaigns.ledger import decisions
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.lifecycle import finish_if_done
from campaigns.models import Campaign, Delivery, Hold, Reply
from campaigns.models.ledger_states import Status
from campaigns.replies import holds
from contacts import stops
from contacts.models import Source
from sessions.events import Address, Incoming, Text
from sessions.interfaces import LeaseToken
from tests import factories
from tests.concurrency import together
from tests.concurrency.waiting import Beside, owner_connection
from tests.forked import Fork, Tell
from tests.leasing import leased

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

PEOPLE = 60
at_once = partial(together.at_once, apart=15)


def hear(tell: Tell, session_id: int, begins: str, text: str) -> str:
    """Hear an answer of each person; the ids of the rows that nobody had claimed once that was kept."""
    rows = list(Delivery.objects.order_by("pk").values_list("pk", "phone"))
    left = []
    for number, (pk, phone) in enumerate(rows):
        at_once(begins, number)
        event = Incoming(Address(phone), f"A{number}", Text(text), timezone.now())
        LedgerOutbox().record_event(session_id, event)
        if Delivery.objects.get(pk=pk).status != Status.SENDING:
            left.append(pk)
    return ",".join(map(str, left))


def keep_stop(tell: Tell, business_id: int, begins: str) -> str:
    """The same by a bare stop, which touches no consent."""
    left = []
    rows = list(Delivery.objects.order_by("pk").values_list("pk", "phone"))
    for number, (pk, phone) in enumerate(rows):
        at_once(begins, number)
        stops.keep(business_id=business_id, keys=[phone], source=Source.WHATSAPP)
        if Delivery.objects.get(pk=pk).status != Status.SENDING:
            left.append(pk)
    return ",".join(map(str, left))


def claim(tell: Tell, begins: str) -> str:
    """Claim each person's row, in the order in which they answer."""
    for number, pk in enumerate(Delivery.objects.order_by("pk").values_list("pk", flat=True)):
        at_once(begins, number)
        rows = Delivery.objects.filter(pk=pk, status=Status.QUEUED)
        rows.update(status=Status.SENDING, sending_at=timezone.now())
    return ""


@pytest.fixture
def campaign(transactional_db: None) -> Campaign:
    campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    for _number in range(PEOPLE):
        factories.make_delivery(campaign)
    return campaign


def both(fork: Fork, campaign: Campaign, work: Callable[..., str], *args: object) -> set[int]:
    """Let both run; the rows that were unclaimed when the stop was committed."""
    begins = together.soon()
    claiming = fork(claim, begins)
    stopping = fork(work, *(begins if arg is Ellipsis else arg for arg in args))
    claiming.result()
    left = {int(pk) for pk in filter(None, stopping.result().split(","))}
    assert Delivery.objects.count() == PEOPLE
    return left


def sent(rows: set[int]) -> set[int]:
    went = Delivery.objects.filter(pk__in=rows, sending_at__isnull=False)
    return set(went.values_list("pk", flat=True))


def test_after_a_bare_stop_nothing_is_claimed(fork: Fork, campaign: Campaign) -> None:
    left = both(fork, campaign, keep_stop, campaign.business_id, ...)
    assert sent(left) == set()
    assert set(Delivery.objects.values_list("status", flat=True)) <= {"sending", "skipped"}


@pytest.mark.parametrize(("text", "kind"), [("SAIR", "stop"), ("número errado", "hold")])
def test_after_an_answer_was_kept_nothing_is_claimed(
    fork: Fork, campaign: Campaign, text: str, kind: str
) -> None:
    left = both(fork, campaign, hear, campaign.session_id, ..., text)
    assert Reply.objects.filter(kind=kind).count() == PEOPLE
    assert sent(left) == set()
    assert Hold.objects.count() == (PEOPLE if kind == "hold" else 0)


def test_a_claim_waits_for_a_stop_in_flight(campaign: Campaign) -> None:
    """The same without chance: as blu_web or anybody writes it."""
    assert campaign.session_id
    token: LeaseToken | None = leased(campaign.session_id)
    assert token
    with transaction.atomic():
        Delivery.objects.exclude(pk=Delivery.objects.order_by("pk").values("pk")[:1]).update(
            status=Status.CANCELLED
        )
    (delivery,) = Delivery.objects.filter(status=Status.QUEUED)
    with owner_connection() as other:
        other.execute(
            "INSERT INTO contacts_stop (business_id, key, why, source, evidence_kind, evidence_ref)"
            " VALUES (%s, %s, 'asked', 'member', '', '')",
            [campaign.business_id, delivery.phone],
        )
        claiming = Beside(lambda: LedgerOutbox().next(token))
        claiming.waits()
        other.commit()
        claiming.result()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.reason) == (Status.SKIPPED, "stop")


def test_a_doubt_heard_while_a_decision_begins_to_count_holds_anew(campaign: Campaign) -> None:
    delivery = Delivery.objects.order_by("pk").first()
    assert delivery
    hear_doubt(campaign, delivery, "A1")
    holds.decide(hold=Hold.objects.get(), decision="go_on", actor=factories.make_user())
    Hold.objects.update(decided_at=timezone.now() - timedelta(minutes=11))
    with transaction.atomic():
        assert holds.carry_out()
        hearing = Beside(lambda: hear_doubt(campaign, delivery, "A2"))
        hearing.waits()
    hearing.result()
    assert Hold.objects.get(done_at=None).reply.message_id == "A2"


def hear_doubt(campaign: Campaign, delivery: Delivery, message_id: str) -> None:
    event = Incoming(Address(delivery.phone), message_id, Text("número errado"), timezone.now())
    assert campaign.session_id
    LedgerOutbox().record_event(campaign.session_id, event)


def test_a_row_that_a_person_queued_again_is_not_left_in_a_campaign_that_ends_meanwhile(
    transactional_db: None,
) -> None:
    campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    delivery = factories.make_delivery(campaign, status=Status.UNCERTAIN)
    Delivery.objects.filter(pk=delivery.pk).update(pressed_at=timezone.now())
    ana = factories.make_user()
    with transaction.atomic():
        decisions.decide(delivery=delivery, arrived=False, actor=ana, reason="não vi")
        ending = Beside(lambda: finish_if_done(session_id=campaign.session_id or 0))
        ending.waits()
    assert ending.result() == 0
    campaign.refresh_from_db()
    delivery.refresh_from_db()
    assert (campaign.status, delivery.status) == (Campaign.Status.RUNNING, Status.QUEUED)
