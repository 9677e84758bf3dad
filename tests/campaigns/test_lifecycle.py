"""Pause, resume, cancel, finish, test and duplicate: campaigns move by conditional updates."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.translation import override

from blu.accounts.models import User
from blu.accounts.refused import Refused
from campaigns import lifecycle
from campaigns.compose import drafts
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from contacts.models import Contact
from tests import factories
from tests.concurrency.waiting import Beside, owner_connection

pytestmark = pytest.mark.django_db

Enqueued = list[tuple[str, tuple[object, ...]]]


@pytest.fixture
def running(db: None) -> Campaign:
    return factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)


@pytest.fixture
def actor(db: None) -> User:
    return factories.make_user(name="Ana")


def status_of(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    return campaign.status


def test_pausing_says_why_and_resuming_forgets_it(running: Campaign, actor: User) -> None:
    lifecycle.pause(campaign=running, actor=actor)
    assert status_of(running) == Campaign.Status.PAUSED
    assert running.why_paused == f"Pausada por {actor}."
    with override("en"):
        assert running.why_paused == f"Paused by {actor}."
    lifecycle.resume(campaign=running, actor=actor)
    assert (status_of(running), running.why_paused) == (Campaign.Status.RUNNING, "")


def test_a_stale_page_pauses_nothing_that_is_over(running: Campaign, actor: User) -> None:
    Campaign.objects.update(status=Campaign.Status.DONE)
    for step in (lifecycle.pause, lifecycle.resume, lifecycle.cancel):
        with pytest.raises(Refused):
            step(campaign=running, actor=actor)
    assert status_of(running) == Campaign.Status.DONE


def test_cancelling_lets_the_rows_follow_on_commit(
    running: Campaign,
    actor: User,
    enqueued: Enqueued,
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        lifecycle.cancel(campaign=running, actor=actor)
    assert enqueued == [("blu.tasks.cancel_rows", (running.pk,))]
    assert running.ended_at is not None


def test_cancelling_moves_what_waits_and_leaves_what_was_sent(
    running: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lifecycle, "CHUNK", 2)
    for _number in range(5):
        factories.make_delivery(running)
    sent = factories.make_delivery(running, status=Status.SENT)
    other = factories.make_delivery(
        factories.make_campaign(running.business, Campaign.Status.RUNNING)
    )
    Campaign.objects.filter(pk=running.pk).update(status=Campaign.Status.CANCELLED)
    assert lifecycle.cancel_rows(running.pk) == 5
    assert lifecycle.cancel_rows(running.pk) == 0
    for row, status in ((sent, Status.SENT), (other, Status.QUEUED)):
        row.refresh_from_db()
        assert row.status == status


def test_rows_of_a_running_campaign_are_not_cancelled(running: Campaign) -> None:
    factories.make_delivery(running)
    assert lifecycle.cancel_rows(running.pk) == 0


@pytest.mark.django_db(transaction=True)
def test_a_row_claimed_while_its_chunk_is_cancelled_is_kept(running: Campaign) -> None:
    claimed, waiting = (factories.make_delivery(running) for _number in range(2))
    Campaign.objects.update(status=Campaign.Status.CANCELLED)
    with owner_connection() as other:
        other.execute(
            "UPDATE campaigns_delivery SET status = 'sending' WHERE id = %s", [claimed.pk]
        )
        cancelling = Beside(lambda: lifecycle.cancel_rows(running.pk))
        cancelling.waits()
        other.commit()
        assert cancelling.result() == 1
    for row, status in ((claimed, Status.SENDING), (waiting, Status.CANCELLED)):
        row.refresh_from_db()
        assert row.status == status


@pytest.mark.parametrize(
    ("row", "done"),
    [
        (Status.QUEUED, False),
        (Status.SENDING, False),
        (Status.SENT, True),
        (Status.UNCERTAIN, True),
        (Status.FAILED, True),
        (Status.SKIPPED, True),
    ],
)
def test_a_campaign_is_done_when_no_row_is_open(running: Campaign, row: str, done: bool) -> None:
    factories.make_delivery(running, status=row)
    assert running.session_id is not None
    assert lifecycle.finish_if_done(session_id=running.session_id) == int(done)
    assert status_of(running) == (Campaign.Status.DONE if done else Campaign.Status.RUNNING)


def test_a_paused_campaign_is_not_finished_behind_its_owners_back(running: Campaign) -> None:
    Campaign.objects.update(status=Campaign.Status.PAUSED)
    assert running.session_id is not None
    assert lifecycle.finish_if_done(session_id=running.session_id) == 0


@pytest.mark.usefixtures("unworn_tables")
def test_finishing_reads_only_open_rows(running: Campaign) -> None:
    """A drive asks at the end of every visit: a million sent rows must not be read for it."""
    assert running.session_id is not None
    _many_sent(running, 2_000)
    seen: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("UPDATE"):
            execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params, many, context)
            seen.extend(row[0] for row in context["cursor"].fetchall())
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        lifecycle.finish_if_done(session_id=running.session_id)
    plan = "\n".join(seen)
    removed = [int(rows) for rows in re.findall(r"Rows Removed by Filter: (\d+)", plan)]
    assert seen
    assert sum(removed) < 20, plan
    assert "delivery_once" not in plan


def _many_sent(campaign: Campaign, rows: int) -> None:
    """As many rows at their end, and the statistics that a planner has by then."""
    factories.make_delivery(campaign, status=Status.SENT)
    contacts = Contact.objects.bulk_create(
        Contact(business=campaign.business, phone=factories.make_phone()) for _ in range(rows)
    )
    assert campaign.topic is not None
    factories.subscribe_all(contacts, campaign.topic)
    Delivery.objects.bulk_create(
        Delivery(
            business_id=campaign.business_id, campaign=campaign, contact=contact,
            phone=contact.phone, session_id=campaign.session_id,
        )
        for contact in contacts
    )  # fmt: skip
    now = timezone.now()
    Delivery.objects.filter(status=Status.QUEUED).update(status=Status.SENDING, sending_at=now)
    Delivery.objects.filter(status=Status.SENDING).update(status=Status.SENT, sent_at=now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE campaigns_delivery")


def test_a_duplicate_is_a_draft_with_no_rows(running: Campaign, actor: User) -> None:
    factories.make_delivery(running)
    Campaign.objects.update(launched_at=timezone.now() - timedelta(days=1), footer="Clínica")
    running.refresh_from_db()
    copy = drafts.duplicate(campaign=running, actor=actor)
    assert (copy.status, copy.launched_at, copy.footer) == (Campaign.Status.DRAFT, None, "")
    assert (copy.body, copy.topic, copy.session) == (running.body, running.topic, running.session)
    assert copy.created_by == actor
    assert drafts.duplicate(campaign=running, actor=actor) == copy  # a click more
    assert not Delivery.objects.filter(campaign=copy).exists()
