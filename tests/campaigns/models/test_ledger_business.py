"""Invariant 1: one delivery per contact and campaign; everything of one business."""

import pytest
from django.db import IntegrityError, transaction

from campaigns.models import Campaign, Delivery, Notice
from campaigns.models.ledger_states import Status
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def foreign() -> Campaign:
    """Another business's campaign, with a topic, a segment and a session of its own."""
    business = factories.make_business("Corretora Sul")
    return factories.make_campaign(business, segment=factories.make_segment(business))


def test_a_contact_is_in_a_campaign_once(campaign: Campaign) -> None:
    delivery = factories.make_delivery(campaign)
    with pytest.raises(IntegrityError, match="delivery_once"), transaction.atomic():
        factories.make_delivery(campaign, delivery.contact)


def test_a_read_row_does_not_make_room_for_a_second_one(campaign: Campaign) -> None:
    delivery = factories.make_delivery(campaign, status=Status.READ)
    with pytest.raises(IntegrityError, match="delivery_once"), transaction.atomic():
        factories.make_delivery(campaign, delivery.contact)


def test_another_row_is_not_turned_into_a_second_one(campaign: Campaign) -> None:
    first, second = (factories.make_delivery(campaign) for _number in range(2))
    with pytest.raises(IntegrityError, match="delivery_once"), transaction.atomic():
        Delivery.objects.filter(pk=second.pk).update(contact=first.contact)


@pytest.mark.parametrize(
    ("field", "key"),
    [
        ("topic", "campaign_topic_business"),
        ("segment", "campaign_segment_business"),
        ("session", "campaign_session_business"),
    ],
)
def test_a_campaign_takes_nothing_of_another_business(
    campaign: Campaign, foreign: Campaign, field: str, key: str
) -> None:
    with pytest.raises(IntegrityError, match=key), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(**{field: getattr(foreign, field)})


def test_a_delivery_takes_no_contact_of_another_business(
    campaign: Campaign, foreign: Campaign
) -> None:
    stranger = factories.make_contact(foreign.business)
    assert campaign.topic is not None
    with pytest.raises(IntegrityError, match="delivery_contact_business"), transaction.atomic():
        Delivery.objects.create(
            campaign=campaign, contact=stranger, business_id=campaign.business_id,
            phone=stranger.phone, session_id=campaign.session_id,
        )  # fmt: skip


def test_a_delivery_is_of_its_campaigns_business(campaign: Campaign, foreign: Campaign) -> None:
    delivery = factories.make_delivery(campaign)
    with pytest.raises(IntegrityError, match="delivery_campaign_business"), transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(campaign=foreign)


def test_a_campaign_with_rows_does_not_move_to_another_business(
    campaign: Campaign, foreign: Campaign
) -> None:
    factories.make_delivery(campaign)
    with pytest.raises(IntegrityError), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(business=foreign.business)


def test_a_notice_goes_through_a_session_of_its_business(
    campaign: Campaign, foreign: Campaign
) -> None:
    member = factories.make_membership(campaign.business)
    phone = factories.make_proven_number(member)
    with pytest.raises(IntegrityError, match="notice_session_business"), transaction.atomic():
        Notice.objects.create(
            business=campaign.business, session_id=foreign.session_id, kind="self_test",
            cause="a", phone=phone, text="Oi", asked_by=member.user,
        )  # fmt: skip


def test_an_event_causes_one_notice(campaign: Campaign) -> None:
    notice = factories.make_notice(campaign.session, "stop_confirmation")
    notice.pk = None
    with pytest.raises(IntegrityError, match="notice_once"), transaction.atomic():
        notice.save()


def test_a_subscription_joins_contact_and_topic_of_one_business(
    campaign: Campaign, foreign: Campaign
) -> None:
    contact = factories.make_contact(campaign.business)
    assert foreign.topic is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.subscribe(contact, foreign.topic)


def test_a_campaign_is_not_running_before_it_is_complete(campaign: Campaign) -> None:
    for missing in ({"topic": None}, {"session": None}, {"body": ""}, {"launched_at": None}):
        with pytest.raises(IntegrityError, match="complete_when_launched"), transaction.atomic():
            Campaign.objects.filter(pk=campaign.pk).update(**missing)
