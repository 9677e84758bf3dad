"""Each night forgets what is older than a business keeps, in slices, and writes down what it forgot."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from blu import tasks
from blu.accounts.models import Business, Membership
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, Delivery, Notice, Reply
from campaigns.models.ledger_states import Status
from contacts.erasure.services import erase
from contacts.models import Import, ImportProblem, Retention, RetentionRun
from contacts.retention import nightly
from sessions.events import Address, Incoming, Text
from sessions.models import Chat
from tests import factories
from tests.clients import Client

pytestmark = pytest.mark.django_db


@pytest.fixture
def enqueued(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr("blu.jobs.queue.enqueue", lambda *said: found.append(said))
    return found


def ago(**period: int) -> datetime:
    return timezone.now() - timedelta(**period)


def make_reply(business: Business, at: datetime, text: str = "Vou atrasar") -> Reply:
    session = factories.make_session(business)
    return Reply.objects.create(
        business=business, session=session, message_id=f"M{session.pk}", phone="+5511987654321",
        text=text, at=at, earlier=[{"text": "antes", "at": at.isoformat(), "kind": "message"}],
    )  # fmt: skip


def make_night(business: Business, day: int = 1) -> RetentionRun:
    return RetentionRun.objects.create(business=business, day=date(2026, 1, day))


def forget(business: Business, day: int = 1) -> RetentionRun:
    night = make_night(business, day)
    assert tasks.forget_old(night.pk)
    night.refresh_from_db()
    assert night.ended_at
    return night


def test_words_older_than_the_period_go_and_younger_stay() -> None:
    business = factories.make_business()
    old, young = make_reply(business, ago(days=731)), make_reply(business, ago(days=729))
    elsewhere = make_reply(factories.make_business(), ago(days=900))
    assert forget(business).replies == 1
    for row, text in ((old, ""), (young, "Vou atrasar"), (elsewhere, "Vou atrasar")):
        row.refresh_from_db()
        assert (row.text, bool(row.earlier)) == (text, bool(text))
    assert old.shown == "O texto passou do prazo de guarda."
    assert forget(business, 2).replies == 0


def test_a_message_that_was_forgotten_is_not_heard_anew() -> None:
    reply = make_reply(factories.make_business(), ago(days=731))
    forget(reply.business)
    event = Incoming(Address(reply.phone), reply.message_id, Text("Vou atrasar"), reply.at)
    factories.make_contact(reply.business, phone=reply.phone)
    LedgerOutbox().record_event(reply.session_id, event)
    reply.refresh_from_db()
    assert reply.text == ""


def test_a_business_that_keeps_less_forgets_more() -> None:
    business = factories.make_business()
    make_reply(business, ago(days=100))
    Retention.objects.create(business=business, replies_days=90)
    assert forget(business).replies == 1


def ended(business: Business, at: datetime, rows: int = 3) -> Campaign:
    campaign = factories.make_campaign(business, Campaign.Status.RUNNING)
    for _number in range(rows):
        factories.make_delivery(campaign, status=Status.SENT)
    Campaign.objects.filter(pk=campaign.pk).update(status="done", ended_at=at)
    return campaign


def test_what_each_message_said_goes_a_year_after_its_campaign(
    client: Client, owner: Membership
) -> None:
    old, young = ended(owner.business, ago(days=366)), ended(owner.business, ago(days=364))
    assert forget(owner.business).deliveries == 3
    assert set(Delivery.objects.filter(campaign=old).values_list("variables__nome", flat=True)) == {
        None
    }
    assert None not in Delivery.objects.filter(campaign=young).values_list(
        "variables__nome", flat=True
    )
    row = Delivery.objects.filter(campaign=old).first()
    assert row
    page = client.get(f"/campanhas/{old.pk}/destinatarios/{row.pk}/").content.decode()
    assert "passou do prazo de guarda" in page
    assert "tudo bem" not in page, "the fallback is not what the person saw"


def test_a_run_works_in_slices_and_goes_on_where_it_stopped(
    monkeypatch: pytest.MonkeyPatch, enqueued: list[Any]
) -> None:
    business = factories.make_business()
    for _number in range(5):
        make_reply(business, ago(days=800))
    ended(business, ago(days=800), rows=5)
    monkeypatch.setattr(nightly, "SLICE", 2)
    night = make_night(business)
    turns = 1
    while not nightly.run(night.pk, seconds=0):
        turns += 1
        assert enqueued[-1] == ("blu.tasks.forget_old", night.pk)
    night.refresh_from_db()
    assert (night.replies, night.deliveries, bool(night.ended_at)) == (5, 5, True)
    assert turns > 3
    assert nightly.run(night.pk), "an ended one is left alone"


def test_rows_of_imports_go_by_the_period_of_their_business() -> None:
    business = factories.make_business()
    Retention.objects.create(business=business, import_rows_days=7)
    for days in (6, 8):
        upload = Import.objects.create(business=business, file_name="x", finished_at=ago(days=days))
        ImportProblem.objects.create(source=upload, row=2, reason="invalid", values=[str(days)])
    assert forget(business).import_rows == 1
    assert ImportProblem.objects.get().values == ["6"]


def test_what_an_erasure_left_in_doubt_loses_its_number_after_a_week() -> None:
    campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    row = factories.make_delivery(campaign, status=Status.UNCERTAIN)
    phone = row.phone
    erase(business=campaign.business, contact=row.person)
    Chat.objects.create(session_id=row.session_id, phone=phone)
    assert forget(campaign.business).erased == 0
    Delivery.objects.update(ended_at=ago(days=8))
    assert forget(campaign.business, 2).erased == 1
    row.refresh_from_db()
    assert (row.phone, row.variables, row.status) == ("", {}, Status.UNCERTAIN)
    assert not Chat.objects.exists()


@pytest.mark.parametrize(("days", "text"), [(1, "Oi"), (3, "")])
def test_texts_to_ourselves_and_codes_stay_as_long_as_they_are_counted(
    days: int, text: str
) -> None:
    """A code went to whom we may not know, and a test has somebody's data for an example."""
    session = factories.make_session(factories.make_business())
    test = factories.make_notice(session, status=Status.SENT)
    stop = factories.make_notice(session, Notice.Kind.STOP_CONFIRMATION, status=Status.SENT)
    waiting = factories.make_notice(session)
    factories.age_notices(days=days)
    forget(session.business)
    said = dict(Notice.objects.values_list("pk", "text"))
    assert said == {test.pk: text, stop.pk: "Oi", waiting.pk: "Oi"}


@pytest.fixture
def at_four(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The clock of São Paulo, which the test moves."""
    now = [datetime(2026, 12, 2, 7, tzinfo=UTC)]

    def local(timezone: Any) -> datetime:
        return now[0].astimezone(timezone)

    monkeypatch.setattr(nightly, "localtime", local)
    monkeypatch.setattr(nightly, "localdate", lambda timezone: local(timezone).date())
    return now


def test_each_business_has_one_run_a_night(enqueued: list[Any], at_four: list[datetime]) -> None:
    two = {factories.make_business().pk, factories.make_business().pk}
    assert nightly.enqueue_due() == 2
    assert {run.business_id for run in RetentionRun.objects.all()} == two
    assert nightly.enqueue_due() == 0, "they are under way"
    RetentionRun.objects.filter(business=min(two)).update(enqueued_at=ago(minutes=11))
    assert nightly.enqueue_due() == 1, "its task got lost"
    RetentionRun.objects.update(ended_at=timezone.now())
    at_four[0] += timedelta(days=1)
    assert nightly.enqueue_due() == 2


def test_by_day_no_run_is_made_before_three(enqueued: list[Any], at_four: list[datetime]) -> None:
    factories.make_business()
    at_four[0] = datetime(2026, 12, 2, 5, 59, tzinfo=UTC)
    assert nightly.enqueue_due() == 0
    assert not RetentionRun.objects.exists()


def test_the_owner_chooses_periods_and_reads_what_each_night_forgot(
    client: Client, owner: Membership
) -> None:
    make_reply(owner.business, ago(days=800))
    forget(owner.business)
    page = client.get("/guarda/").content.decode()
    assert "respostas: 1" in page
    client.post("/guarda/", {"replies_days": 90, "variables_days": 90, "import_rows_days": 7})
    kept = Retention.objects.get()
    assert (kept.replies_days, kept.variables_days, kept.import_rows_days) == (90, 90, 7)
    client.post("/guarda/", {"replies_days": 1, "variables_days": 90, "import_rows_days": 7})
    kept.refresh_from_db()
    assert kept.replies_days == 90
