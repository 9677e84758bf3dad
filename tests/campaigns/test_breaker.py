"""The circuit breaker: it pauses, explains, and looks only at what came since a person resumed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import breaker, services
from campaigns.models import Campaign, Delivery, Reply
from campaigns.transitions import Status
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return factories.make_campaign(factories.make_business(), Campaign.Status.RUNNING)


def rows(campaign: Campaign, number: int, status: str, **values: object) -> list[Delivery]:
    made = [factories.make_delivery(campaign, status=status) for _number in range(number)]
    now = timezone.now()
    Delivery.objects.filter(pk__in=[row.pk for row in made]).update(sending_at=now, **values)
    return made


def stop(delivery: Delivery) -> None:
    Reply.objects.create(
        business_id=delivery.business_id, session_id=delivery.session_id, delivery=delivery,
        message_id=f"A{delivery.pk}", phone=delivery.phone, kind=Reply.Kind.STOP, text="SAIR",
        at=timezone.now(),
    )  # fmt: skip


def status_of(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    return campaign.status


def test_four_of_fifty_who_leave_pause_the_campaign_and_say_so(campaign: Campaign) -> None:
    for delivery in rows(campaign, 50, Status.SENT)[:4]:
        stop(delivery)
    assert "4 das últimas 50 pessoas pediram para sair" in breaker.look(campaign.pk)
    assert status_of(campaign) == Campaign.Status.PAUSED
    assert "(8\N{NO-BREAK SPACE}%; o limite é 6\N{NO-BREAK SPACE}%)" in campaign.pause_reason
    assert campaign.paused_by is None
    assert campaign.paused_at is not None


def test_three_of_fifty_who_leave_are_no_reason(campaign: Campaign) -> None:
    for delivery in rows(campaign, 50, Status.SENT)[:3]:
        stop(delivery)
    assert breaker.look(campaign.pk) == ""
    assert status_of(campaign) == Campaign.Status.RUNNING


def test_too_many_numbers_without_whatsapp_pause_it(campaign: Campaign) -> None:
    rows(campaign, 45, Status.SENT)
    rows(campaign, 12, Status.FAILED, reason="not_on_whatsapp")
    assert "12 dos últimos 57 números não têm WhatsApp" in breaker.look(campaign.pk)


def test_fewer_than_fifty_people_say_nothing(campaign: Campaign) -> None:
    rows(campaign, 30, Status.FAILED, reason="not_on_whatsapp")
    assert breaker.look(campaign.pk) == ""


def test_what_a_person_has_seen_and_resumed_counts_no_more(campaign: Campaign) -> None:
    for delivery in rows(campaign, 50, Status.SENT)[:10]:
        stop(delivery)
    breaker.look(campaign.pk)
    Delivery.objects.update(sent_at=timezone.now() - timedelta(minutes=1))
    campaign.refresh_from_db()
    services.resume(campaign=campaign, actor=factories.make_user())
    assert breaker.look(campaign.pk) == ""
    assert status_of(campaign) == Campaign.Status.RUNNING
