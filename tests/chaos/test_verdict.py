"""What the chaos says of a ledger and the truth: a proof is worth what its judge notices."""

from typing import Any

import pytest

from blu.chaos.verdict import Verdict, judge
from campaigns.message import text_for
from campaigns.models import Campaign, Delivery
from campaigns.transitions import Status
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign(db: None) -> Campaign:
    return factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)


def as_seen(delivery: Delivery, message_id: str = "M1") -> dict[str, Any]:
    session = delivery.campaign.session
    assert session is not None
    return {
        "id": message_id,
        "account": session.phone.lstrip("+"),
        "to": delivery.phone.lstrip("+"),
        "text": text_for(delivery),
    }


def sent(campaign: Campaign, message_id: str = "M1") -> Delivery:
    return factories.make_delivery(campaign, status=Status.SENT, message_id=message_id)


def test_a_message_that_was_sent_and_seen_once_is_fine(campaign: Campaign) -> None:
    found = judge([campaign], [as_seen(sent(campaign))])
    assert found == Verdict(repeated=0, lost=0, with_evidence=0, uncertain=0, recipients=1)
    assert found.complaints(in_flight=0) == []


def test_a_message_seen_twice_is_repeated(campaign: Campaign) -> None:
    row = sent(campaign)
    found = judge([campaign], [as_seen(row), as_seen(row, "M2")])
    assert found.repeated == 1
    assert found.complaints(in_flight=10) == ["1 repeated"]


def test_another_text_to_the_same_person_is_not_repeated(campaign: Campaign) -> None:
    row = sent(campaign)
    other = as_seen(row, "M2") | {"text": "Outro aviso"}
    assert judge([campaign], [as_seen(row), other]).repeated == 0


def test_a_row_that_says_sent_and_nobody_saw_is_lost(campaign: Campaign) -> None:
    sent(campaign)
    assert judge([campaign], []).lost == 1


@pytest.mark.parametrize("status", [Status.QUEUED, Status.SENDING])
def test_a_row_left_open_is_lost(campaign: Campaign, status: str) -> None:
    factories.make_delivery(campaign, status=status)
    assert judge([campaign], []).lost == 1


def test_a_message_that_was_seen_and_the_ledger_calls_failed_is_lost(campaign: Campaign) -> None:
    row = factories.make_delivery(campaign, status=Status.FAILED)
    assert judge([campaign], []).lost == 0
    assert judge([campaign], [as_seen(row)]).lost == 1


def test_a_doubt_whose_message_was_seen_had_evidence(campaign: Campaign) -> None:
    row = factories.make_delivery(campaign, status=Status.UNCERTAIN, reason="no_tick")
    assert judge([campaign], []).with_evidence == 0
    found = judge([campaign], [as_seen(row)])
    assert found.with_evidence == 1
    assert found.complaints(in_flight=10) == ["1 in doubt although there was evidence"]


def test_doubts_need_a_reason_and_must_be_few(campaign: Campaign) -> None:
    factories.make_delivery(campaign, status=Status.UNCERTAIN)
    factories.make_delivery(campaign, status=Status.UNCERTAIN, reason="no_tick")
    found = judge([campaign], [])
    assert found.complaints(in_flight=13) == [
        "1 in doubt without a reason",
        "2 in doubt of 13 in flight",
    ]
    assert found.complaints(in_flight=14) == ["1 in doubt without a reason"]
