"""A snapshot killed midway leaves nothing, and repeated it freezes everybody once."""

import pytest

from campaigns.models import Campaign, Delivery
from tests import factories
from tests.concurrency.conftest import Run
from tests.concurrency.driver import snapshot

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def launching(db: None) -> Campaign:
    campaign = factories.make_campaign(factories.make_business(), Campaign.Status.LAUNCHING)
    assert campaign.topic is not None
    for _number in range(20):
        factories.subscribe(factories.make_contact(campaign.business), campaign.topic)
    return campaign


def test_killed_midway_and_repeated_adds_nobody_twice(run: Run, launching: Campaign) -> None:
    midway = run(snapshot, launching.pk, "inserted")
    midway.stalls_at("inserted")
    assert not Delivery.objects.exists()
    midway.kill()
    launching.refresh_from_db()
    assert launching.status == Campaign.Status.LAUNCHING
    assert run(snapshot, launching.pk).result() == "20"
    assert run(snapshot, launching.pk).result() == "0"
    assert Delivery.objects.count() == 20
    launching.refresh_from_db()
    assert (launching.status, launching.recipients) == (Campaign.Status.RUNNING, 20)


def test_several_processes_at_once_take_one_snapshot(run: Run, launching: Campaign) -> None:
    processes = [run(snapshot, launching.pk) for _number in range(4)]
    assert sorted(process.result() for process in processes) == ["0", "0", "0", "20"]
    assert Delivery.objects.count() == 20
