"""The numbers of a campaign: what each counts, and how old they may be."""

from datetime import timedelta

import pytest
from django.utils import timezone

from blu.db.cached_by_cost import pages
from campaigns.models import Delivery, Reply
from campaigns.reports import funnel
from tests.factories import make_business, make_campaign, make_delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return make_campaign(
        make_business(), status="running", launched_at=timezone.now() - timedelta(hours=1)
    )


def test_each_step_counts_those_who_came_at_least_that_far(campaign):
    for status in (
        "queued",
        "sending",
        "sent",
        "delivered",
        "read",
        "read",
        "failed",
        "uncertain",
        "skipped",
        "cancelled",
    ):
        make_delivery(campaign, status=status)
    counts = funnel.funnel(campaign)
    assert counts.recipients == 10
    assert (counts.queued, counts.sending, counts.open) == (1, 1, 2)
    assert (counts.sent, counts.delivered, counts.read) == (4, 3, 2)
    assert (counts.failed, counts.uncertain, counts.skipped, counts.cancelled) == (1, 1, 1, 1)


def test_replied_and_opted_out_count_people_not_messages(campaign):
    delivery = make_delivery(campaign, status="read", replied_at=timezone.now())
    for n, kind in enumerate(["message", "stop", "stop"]):
        Reply.objects.create(
            business=campaign.business,
            session=campaign.session,
            message_id=str(n),
            phone=delivery.phone,
            contact=delivery.contact,
            delivery=delivery,
            kind=kind,
            text="x",
            at=timezone.now(),
        )
    counts = funnel.funnel(campaign)
    assert (counts.replied, counts.opted_out) == (1, 1)


def test_other_campaigns_are_not_counted(campaign):
    make_delivery(make_campaign(campaign.business, status="running"), status="read")
    assert funnel.funnel(campaign) == funnel.Funnel()


def test_counts_are_kept_for_a_moment_and_made_anew_when_the_campaign_changes_state(campaign):
    make_delivery(campaign)
    assert funnel.funnel(campaign).recipients == 1
    make_delivery(campaign)
    assert funnel.funnel(campaign).recipients == 1
    campaign.status = "paused"
    assert funnel.funnel(campaign).recipients == 2
    pages.clear()
    campaign.status = "running"
    assert funnel.funnel(campaign).recipients == 2


def test_pace_is_that_of_the_last_minutes(campaign):
    for _each in range(5):
        make_delivery(campaign, status="sent")
    make_delivery(campaign)
    Delivery.objects.filter(status="sent").update(sent_at=timezone.now() - timedelta(minutes=1))
    pace = funnel.pace(campaign, funnel.fresh(campaign))
    assert pace.per_hour == 20
    assert pace.ends_at is not None
    assert abs(pace.ends_at - timezone.now() - timedelta(minutes=3)) < timedelta(seconds=5)


def test_nothing_sent_lately_promises_no_end(campaign):
    make_delivery(
        campaign,
        status="sent",
    )
    make_delivery(campaign)
    Delivery.objects.filter(status="sent").update(sent_at=timezone.now() - timedelta(hours=2))
    assert funnel.pace(campaign, funnel.fresh(campaign)) == funnel.Pace(0, None)
