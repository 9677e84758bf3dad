"""A driver killed or stopped between claim, press and settle: nothing twice, nothing unseen."""

import signal
from collections import Counter

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from sessions.models import Lease, WhatsAppSession
from tests import factories
from tests.concurrency.conftest import Run
from tests.concurrency.driver import visit
from tests.eventually import eventually
from tests.forked import Forked
from tests.sessions.linked_account import new_person
from tests.sessions.linked_session import make_linked_session
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

REACHED = (Status.SENT, Status.DELIVERED, Status.READ)


@pytest.fixture
def session(simulator: SimulatorProcess) -> WhatsAppSession:
    return make_linked_session(simulator)


@pytest.fixture
def campaign(session: WhatsAppSession) -> Campaign:
    return factories.make_campaign(session.business, Campaign.Status.RUNNING, session=session)


def recipients(campaign: Campaign, number: int) -> list[Delivery]:
    return [
        factories.make_delivery(
            campaign, factories.make_contact(campaign.business, phone=new_person())
        )
        for _number in range(number)
    ]


def seen(simulator: SimulatorProcess, session: WhatsAppSession) -> Counter[str]:
    """How often each number saw a message of this session's account."""
    return Counter(message["to"] for message in simulator.messages(account=session.phone))


def seen_by(simulator: SimulatorProcess, delivery: Delivery) -> int:
    return len(simulator.messages(to=delivery.phone))


def status_of(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.status


def finish(run: Run, session: WhatsAppSession) -> None:
    """The next holder: once the lease is free, until the visit is done."""
    beyond_the_lease(session)
    assert run(visit, session.pk).result().startswith("done")


def beyond_the_lease(session: WhatsAppSession) -> None:
    """Return when the lease is over that is held now, if nobody renews it."""
    end = Lease.objects.get(session=session).expires_at
    eventually(lambda: end is None or timezone.now() > end)


def wake(stopped: Forked) -> None:
    """It goes on where it was stopped."""
    stopped.send(signal.SIGCONT)
    stopped.send(signal.SIGUSR1)


def test_killed_after_the_claim_it_is_sent_once_by_the_next(
    run: Run, simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    rows = recipients(campaign, 3)
    driver = run(visit, session.pk, "claimed")
    driver.stalls_at("claimed")
    driver.kill()
    assert [status_of(row) for row in rows].count(Status.SENDING) == 1
    finish(run, session)
    assert all(status_of(row) in REACHED for row in rows)
    assert [seen_by(simulator, row) for row in rows] == [1, 1, 1]


def test_killed_after_the_press_nobody_sends_it_again(
    run: Run, simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    rows = recipients(campaign, 2)
    driver = run(visit, session.pk, "pressed")
    driver.stalls_at("pressed")
    driver.kill()
    finish(run, session)
    doubt, other = sorted(rows, key=lambda row: status_of(row) != Status.UNCERTAIN)
    assert (doubt.status, doubt.reason) == (Status.UNCERTAIN, "crash")
    assert seen_by(simulator, doubt) == 0
    assert (other.status in REACHED, seen_by(simulator, other)) == (True, 1)
    finish(run, session)
    assert seen_by(simulator, doubt) == 0


def test_killed_after_the_wire_it_is_never_sent_twice(
    run: Run, simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    rows = recipients(campaign, 2)
    driver = run(visit, session.pk, "sent")
    driver.stalls_at("sent")
    driver.kill()
    assert sum(seen_by(simulator, row) for row in rows) == 1
    for _visit in range(2):
        finish(run, session)
        assert [seen_by(simulator, row) for row in rows] == [1, 1]
    assert all(status_of(row) in (*REACHED, Status.UNCERTAIN) for row in rows)
    assert sum(row.status == Status.UNCERTAIN for row in rows) <= 1


def test_a_message_of_a_holder_stopped_beyond_its_lease_stays_in_doubt(
    run: Run, simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    """Stopped between its last check and the wire. Nobody kills it: the account it drives is another's
    by now, so when it wakes up nothing goes, and what it says no longer counts.
    """
    (row,) = recipients(campaign, 1)
    stopped = run(visit, session.pk, "pressed")
    stopped.stalls_at("pressed")
    stopped.send(signal.SIGSTOP)
    beyond_the_lease(session)
    finish(run, session)
    assert status_of(row) == Status.UNCERTAIN
    assert seen_by(simulator, row) == 0
    wake(stopped)
    assert stopped.result().startswith("lease lost")
    assert status_of(row) == Status.UNCERTAIN
    assert seen_by(simulator, row) == 0
    assert Lease.objects.get(session=session).fence == 2


def test_a_runner_stopped_for_longer_than_its_lease_lives_closes_its_link_itself(
    run: Run, simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    """Though nobody else has taken it: what it had only claimed goes back, and is sent by the next."""
    rows = recipients(campaign, 2)
    stopped = run(visit, session.pk, "claimed")
    stopped.stalls_at("claimed")
    stopped.send(signal.SIGSTOP)
    beyond_the_lease(session)
    wake(stopped)
    assert stopped.result().startswith("lease lost")
    assert [seen_by(simulator, row) for row in rows] == [0, 0]
    assert Lease.objects.get(session=session).fence == 1
    finish(run, session)
    assert [seen_by(simulator, row) for row in rows] == [1, 1]


def test_a_holder_that_lives_keeps_its_lease_however_long_it_takes(
    run: Run, session: WhatsAppSession, campaign: Campaign
) -> None:
    recipients(campaign, 1)
    slow = run(visit, session.pk, "claimed")
    slow.stalls_at("claimed")
    beyond_the_lease(session)
    assert run(visit, session.pk).result() == "busy 0"
    assert slow.lives()


def test_many_processes_on_two_sessions_send_everything_once(
    run: Run, simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    other = make_linked_session(simulator, business=session.business)
    second = factories.make_campaign(session.business, Campaign.Status.RUNNING, session=other)
    rows = recipients(campaign, 15) + recipients(second, 15)
    processes = [run(visit, one.pk) for one in (session, other) for _number in range(3)]
    said = [process.result() for process in processes]
    assert sorted(int(words.rsplit(" ", 1)[1]) for words in said)[-2:] == [15, 15]
    assert all(status_of(row) in REACHED for row in rows)
    assert set(seen(simulator, session).values()) == {1}
    assert sum((seen(simulator, session) + seen(simulator, other)).values()) == 30


def test_killed_again_and_again_it_still_reaches_everybody_once(
    run: Run, simulator: SimulatorProcess, session: WhatsAppSession, campaign: Campaign
) -> None:
    rows = recipients(campaign, 8)
    for at in ("claimed", "sent", "pressed"):
        driver = run(visit, session.pk, at)
        driver.stalls_at(at)
        driver.kill()
        beyond_the_lease(session)
    finish(run, session)
    for row in rows:
        times = seen_by(simulator, row)
        assert times <= 1
        if status_of(row) in REACHED:
            assert times == 1
        else:
            assert row.status == Status.UNCERTAIN
    assert sum(row.status == Status.UNCERTAIN for row in rows) <= 2
