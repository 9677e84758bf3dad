"""Invariant 3: a status moves by the arrows of campaigns.models.ledger_states, whoever writes it."""

from itertools import product

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import ARROWS, Status
from tests import factories
from tests.initial_states import born

# Every way from a status to every other; None of them is left to the code's good will.
PAIRS = [(old, new) for old, new in product(Status.values, Status.values) if old != new]
ALLOWED = [(old, new) for old, new in PAIRS if new in ARROWS.get(old, ())]
REFUSED = [pair for pair in PAIRS if pair not in ALLOWED]


def place(campaign: Campaign, status: str) -> int:
    """A row led to a status, with WhatsApp's id; one that failed had been taken."""
    row = factories.make_delivery(campaign, status=status).pk
    taken = {"sent_at": timezone.now()} if status == Status.FAILED else {}
    Delivery.objects.filter(pk=row).update(message_id="3EB0", **taken)
    return row


def move(row: int, status: str, table: str = "campaigns_delivery") -> None:
    """By raw SQL, with why it failed; and where only a person may: under the person's decision."""
    decided = ", reason = 'undelivered'" if status == Status.FAILED else ""
    if table == "campaigns_delivery":
        decided += f", decision_id = {factories.decide(row, arrived=status == Status.SENT)}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET status = %s{decided} WHERE id = %s", [status, row])


def test_table_covers_every_status() -> None:
    reached = {new for targets in ARROWS.values() for new in targets} | {Status.QUEUED}
    assert reached == set(Status.values)
    assert len(ALLOWED) + len(REFUSED) == len(Status.values) * (len(Status.values) - 1)


def moved(campaign: Campaign, old: str, new: str) -> str:
    """Where a row stands after raw SQL tried to move it, and what the database said to that."""
    row = place(campaign, old)
    said = ""
    try:
        move(row, new)
    except IntegrityError as error:
        said = str(error).splitlines()[0]
    return f"{Delivery.objects.get(pk=row).status} {said}".strip()


def test_a_status_follows_every_arrow(campaign: Campaign) -> None:
    stuck = {pair: moved(campaign, *pair) for pair in ALLOWED}
    assert {pair: said for pair, said in stuck.items() if said != pair[1]} == {}


def test_raw_sql_moves_a_status_by_no_other_way(campaign: Campaign) -> None:
    said = {(old, new): moved(campaign, old, new) for old, new in REFUSED}
    refused = {(old, new): f"{old} status {old} may not become {new}" for old, new in REFUSED}
    assert {pair: words for pair, words in said.items() if words != refused[pair]} == {}


def test_a_status_that_does_not_exist_is_refused(campaign: Campaign) -> None:
    with pytest.raises(IntegrityError):
        place(campaign, "lost")


def test_a_row_begins_queued(campaign: Campaign) -> None:
    contact = factories.make_contact(campaign.business)
    delivery, notice = factories.make_delivery(campaign), factories.make_notice(campaign.session)
    assert born(delivery, "status", Status, contact_id=contact.pk) == {Status.QUEUED}
    assert born(notice, "status", Status, cause="outra") == {Status.QUEUED}


def test_notices_obey_the_same_arrows(campaign: Campaign) -> None:
    notice = factories.make_notice(campaign.session, status=Status.SENT)
    with pytest.raises(IntegrityError, match="status sent may not become queued"):
        move(notice.pk, Status.QUEUED, "campaigns_notice")


@pytest.mark.parametrize("status", [Status.QUEUED, Status.FAILED])
def test_a_pressed_row_is_neither_queued_again_nor_failed(campaign: Campaign, status: str) -> None:
    row = place(campaign, Status.SENDING)
    Delivery.objects.filter(pk=row).update(pressed_at=timezone.now())
    with pytest.raises(IntegrityError, match="it may be on the wire"):
        move(row, status)
    assert Delivery.objects.get(pk=row).status == Status.SENDING


def test_a_row_is_not_pressed_in_the_breath_that_queues_it_again(campaign: Campaign) -> None:
    row = place(campaign, Status.SENDING)
    with pytest.raises(IntegrityError, match="it may be on the wire"), transaction.atomic():
        Delivery.objects.filter(pk=row).update(status=Status.QUEUED, pressed_at=timezone.now())


@pytest.mark.parametrize("status", [Status.QUEUED, Status.FAILED])
def test_only_a_decision_moves_a_doubt(campaign: Campaign, status: str) -> None:
    row = place(campaign, Status.UNCERTAIN)
    with pytest.raises(IntegrityError, match="only a person"), transaction.atomic():
        Delivery.objects.filter(pk=row).update(status=status)
    decision = factories.decide(row, arrived=False)
    Delivery.objects.filter(pk=row).update(status=status, decision_id=decision)
    assert Delivery.objects.get(pk=row).status == status


@pytest.mark.parametrize("lacks", ["reason", "message_id", "sent_at"])
def test_only_whatsapps_word_of_a_message_it_took_fails_what_was_sent(
    campaign: Campaign, lacks: str
) -> None:
    row = place(campaign, Status.SENT)
    told = {"status": Status.FAILED, "reason": "undelivered"} | {
        lacks: None if lacks == "sent_at" else ""
    }
    with pytest.raises(IntegrityError, match="only what WhatsApp says"), transaction.atomic():
        Delivery.objects.filter(pk=row).update(**told)
    assert Delivery.objects.get(pk=row).status == Status.SENT


def test_what_never_left_does_not_arrive(campaign: Campaign) -> None:
    row = factories.make_delivery(campaign, status=Status.FAILED, message_id="3EB0").pk
    with pytest.raises(IntegrityError, match="only what WhatsApp says"), transaction.atomic():
        Delivery.objects.filter(pk=row).update(status=Status.DELIVERED)


def test_an_old_decision_does_not_move_a_second_doubt(campaign: Campaign) -> None:
    row = place(campaign, Status.UNCERTAIN)
    decision = factories.decide(row, arrived=False)
    Delivery.objects.filter(pk=row).update(status=Status.QUEUED, decision_id=decision)
    for status in (Status.SENDING, Status.UNCERTAIN):
        Delivery.objects.filter(pk=row).update(status=status)
    with pytest.raises(IntegrityError, match="only a person"), transaction.atomic():
        Delivery.objects.filter(pk=row).update(status=Status.QUEUED)


def test_a_decision_that_nobody_made_or_about_somebody_else_moves_no_doubt(
    campaign: Campaign,
) -> None:
    row, other = place(campaign, Status.UNCERTAIN), place(campaign, Status.UNCERTAIN)
    arrived = factories.decide(row, arrived=True)
    for made_up in (arrived + 1, factories.decide(other, arrived=False), arrived):
        with pytest.raises(IntegrityError, match="only a person"), transaction.atomic():
            Delivery.objects.filter(pk=row).update(status=Status.QUEUED, decision_id=made_up)


def test_many_rows_at_once_move_or_none(campaign: Campaign) -> None:
    """One UPDATE over everything, as somebody in a hurry would type it."""
    rows = [place(campaign, status) for status in (Status.QUEUED, Status.SENT)]
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.filter(pk__in=rows).update(status=Status.CANCELLED)
    assert Delivery.objects.get(pk=rows[0]).status == Status.QUEUED


@pytest.mark.django_db(transaction=True)
def test_the_role_of_the_web_obeys_the_arrows_too(as_blu_web: psycopg.Connection) -> None:
    campaign = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    row = place(campaign, Status.READ)
    with pytest.raises(psycopg.errors.CheckViolation):
        as_blu_web.execute("UPDATE campaigns_delivery SET status = 'queued' WHERE id = %s", [row])


@pytest.mark.django_db
def test_no_update_of_a_delivery_has_the_database_read_a_condition_anew() -> None:
    """Each message updates its row five times, and a WHEN costs more than the function that asks (0056)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = 'campaigns_delivery'::regclass"
            " AND NOT tgisinternal AND tgtype & 16 <> 0 AND tgqual IS NOT NULL"
        )
        assert cursor.fetchall() == []
