"""The doorbell's clockwork: what is enqueued, what isn't, and that a lost task is enqueued again."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from blu.dispatch import dispatcher
from blu.jobs import queue
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from sessions.driving import nodes
from sessions.models import Link, Pairing, State, WhatsAppSession
from tests import factories

pytestmark = pytest.mark.django_db

Enqueued = list[tuple[object, ...]]
AGO = timedelta(minutes=5)


@pytest.fixture(autouse=True)
def enqueued(monkeypatch: pytest.MonkeyPatch) -> Enqueued:
    """What was enqueued: (task, argument). Node a is there, with room."""
    tasks: Enqueued = []
    monkeypatch.setattr(
        queue, "enqueue", lambda task, *args, **_to: tasks.append((task.split(".")[-1], *args))
    )
    nodes.claim(uuid4(), wait=0)
    return tasks


@pytest.fixture
def session(db: None) -> WhatsAppSession:
    """A session that rests, visited a moment ago."""
    return factories.make_session(factories.make_business(), visited_at=timezone.now())


@pytest.fixture
def campaign(session: WhatsAppSession) -> Campaign:
    return factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)


@pytest.fixture
def due(campaign: Campaign) -> Delivery:
    """A row that is due now."""
    return factories.make_delivery(campaign)


# Pairings


def test_an_attempt_that_was_forgotten_ends(session: WhatsAppSession, enqueued: Enqueued) -> None:
    factories.lead(session, State.PAIRING)
    Link.objects.update(linked_at=None)
    asked = timezone.now() - timedelta(minutes=11)
    waiting = Pairing.objects.create(link=session.link, requested_at=asked)
    dispatcher.end_stale_pairings()
    waiting.refresh_from_db()
    assert waiting.status == Pairing.Status.EXPIRED
    assert WhatsAppSession.objects.get(pk=session.pk).state == State.UNLINKED
    assert enqueued == []


# Campaigns


def test_a_launch_whose_task_got_lost_is_rung_for_again(
    campaign: Campaign, enqueued: Enqueued
) -> None:
    campaign = factories.make_campaign(campaign.business, Campaign.Status.LAUNCHING)
    assert dispatcher.enqueue_campaigns() == 0
    Campaign.objects.update(updated_at=timezone.now() - AGO)
    assert dispatcher.enqueue_campaigns() == 1
    assert dispatcher.enqueue_campaigns() == 0
    assert enqueued == [("take_snapshot", campaign.pk)]


def test_a_cancellation_that_left_rows_is_rung_for_again(
    campaign: Campaign, due: Delivery, enqueued: Enqueued
) -> None:
    Campaign.objects.update(
        status=Campaign.Status.CANCELLED,
        ended_at=timezone.now() - AGO,
        updated_at=timezone.now() - AGO,
    )
    assert dispatcher.enqueue_campaigns() == 1
    assert enqueued == [("cancel_rows", campaign.pk)]
    Delivery.objects.update(status=Status.CANCELLED)
    Campaign.objects.update(updated_at=timezone.now() - AGO)
    assert dispatcher.enqueue_campaigns() == 0
