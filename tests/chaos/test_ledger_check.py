"""What the chaos says of a ledger and the truth: a proof is worth what its judge notices."""

import random
from datetime import timedelta
from typing import Any, cast

import pytest
from django.utils import timezone

from blu.lab.chaos import ledger_check, opt_outs, progress
from blu.lab.chaos.ledger_check import Verdict, judge
from campaigns.messages.content import text_for
from campaigns.models import Campaign, Delivery, Reply
from campaigns.models.ledger_states import Status
from campaigns.replies.keywords import reading
from sessions.models import Link
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
        "account": session.phone,
        "to": delivery.phone,
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
    for _doubt in range(3):
        factories.make_delivery(campaign, status=Status.UNCERTAIN, reason="no_tick")
    found = judge([campaign], [])
    assert found.complaints(in_flight=26) == [
        "1 in doubt without a reason",
        "4 in doubt of 26 in flight",
    ]
    assert found.complaints(in_flight=27) == ["1 in doubt without a reason"]
    # Of a few, a share says nothing.
    assert found.complaints(in_flight=19) == ["1 in doubt without a reason"]


def test_of_doubts_of_a_direct_link_which_seals_after_its_press_no_share_is_judged(
    campaign: Campaign,
) -> None:
    assert campaign.session is not None
    Link.objects.filter(session=campaign.session).update(transport="direct")
    for _doubt in range(10):
        factories.make_delivery(campaign, status=Status.UNCERTAIN, reason="crash")
    found = judge([campaign], [])
    assert (found.uncertain, found.complaints(in_flight=20)) == (10, [])


def test_the_longest_pause_is_that_of_one_session_between_two_messages(campaign: Campaign) -> None:
    assert ledger_check.longest_pause([campaign]) == 0
    other = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    now = timezone.now()
    for of, seconds in ((campaign, 0), (campaign, 7), (campaign, 40), (other, 500)):
        at = now + timedelta(seconds=seconds)
        row = factories.make_delivery(of, status=Status.SENT, message_id=f"M{seconds}")
        Delivery.objects.filter(pk=row.pk).update(sent_at=at)
    assert ledger_check.longest_pause([campaign, other]) == 33


# Replies


def as_written(campaign: Campaign, message_id: str) -> dict[str, Any]:
    assert campaign.session is not None
    return {"id": message_id, "account": campaign.session.phone, "text": "SAIR"}


def kept(campaign: Campaign, message_id: str) -> Reply:
    assert campaign.session is not None
    return Reply.objects.create(
        session=campaign.session, business=campaign.business, message_id=message_id,
        phone="+5511987654321", text="SAIR", at=timezone.now(),
    )  # fmt: skip


def test_a_reply_that_is_in_the_inbox_is_fine(campaign: Campaign) -> None:
    kept(campaign, "R1")
    found = judge([campaign], [], [as_written(campaign, "R1")])
    assert (found.replies, found.replies_lost, found.replies_made_up) == (1, 0, 0)
    assert found.complaints(in_flight=0) == []


def test_a_reply_that_no_inbox_or_only_anothers_holds_is_lost(campaign: Campaign) -> None:
    other = factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)
    kept(other, "R2")
    wrote = [as_written(campaign, "R1"), as_written(campaign, "R2")]
    found = judge([campaign], [], wrote)
    assert found.replies_lost == 2
    assert found.complaints(in_flight=10) == ["2 replies lost"]


def test_a_reply_that_nobody_wrote_is_made_up(campaign: Campaign) -> None:
    kept(campaign, "R1")
    found = judge([campaign], [], [])
    assert found.complaints(in_flight=10) == ["1 replies that nobody wrote"]


def test_replies_to_accounts_outside_the_chaos_do_not_count(campaign: Campaign) -> None:
    stranger = {"id": "R1", "account": "+5511900000000", "text": "Oi"}
    assert judge([campaign], [], [stranger]).replies == 0


def test_the_end_waits_until_every_reply_was_read_or_time_is_up(campaign: Campaign) -> None:
    truth = {"replies": [as_written(campaign, "R1")]}
    assert not progress.replies_kept([campaign], lambda: truth, 0)
    kept(campaign, "R1")
    assert progress.replies_kept([campaign], lambda: truth, 0)


def test_a_late_proof_is_waited_for_where_a_row_is_in_doubt(campaign: Campaign) -> None:
    sent(campaign)
    assert not progress.in_doubt([campaign])
    factories.make_delivery(campaign, status=Status.UNCERTAIN)
    assert progress.in_doubt([campaign])


def test_a_few_people_of_each_campaign_ask_to_stop(campaign: Campaign) -> None:
    said: list[tuple[str, ...]] = []

    class Simulator:
        def say(self, *words: str) -> dict[str, Any]:
            said.append(words)
            return {}

    asking = opt_outs.Talkers(Simulator(), [campaign], random.Random(1))
    assert not asking.stop_one()
    row = factories.make_delivery(campaign, status=Status.DELIVERED, message_id="M1")
    assert [asking.stop_one(), asking.stop_one()] == [True, False]
    for _n in range(3):
        factories.make_delivery(campaign, status=Status.DELIVERED, message_id=f"M{_n + 2}")
    assert [asking.stop_one() for _ in range(3)] == [True, True, False]
    assert campaign.session is not None
    assert said[0] == (row.phone, campaign.session.phone, "SAIR")
    assert [words[2] for words in said] == list(opt_outs.DRESSINGS[:3])
    assert len({words[0] for words in said}) == 3


@pytest.mark.parametrize("text", opt_outs.DRESSINGS)
def test_each_of_fifty_dressings_is_read_as_a_stop(text: str) -> None:
    assert reading(text).answer == "stop"


def test_fifty_dressings_are_fifty() -> None:
    assert len(set(opt_outs.DRESSINGS)) == 50


def test_a_message_to_who_had_stopped_and_a_stop_not_heard_are_told(campaign: Campaign) -> None:
    asking = opt_outs.Talkers(cast(Any, None), [campaign], random.Random(1))
    assert asking.complaints() == []
    row = factories.make_delivery(campaign, status=Status.DELIVERED, message_id="M1")
    asking.words[row.phone] = "quero sair"
    assert asking.complaints() == ["not heard as a stop: 'quero sair'"]
    factories.make_stop(campaign.business, row.phone)
    assert asking.complaints() == []
    Delivery.objects.filter(pk=row.pk).update(sending_at=timezone.now() + timedelta(minutes=1))
    assert asking.complaints() == ["1 messages to people who had stopped"]
