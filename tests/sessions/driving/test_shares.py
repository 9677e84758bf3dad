"""How many links each host keeps, which it gives back, and when it connects one."""

from datetime import timedelta
from itertools import pairwise
from uuid import uuid4

import pytest
from django.db.models.functions import Now

from campaigns.ledger.due import WORK
from sessions.driving import host as hosts
from sessions.driving import leases, runners, shares
from sessions.driving.claim_due import claim_for_host
from sessions.driving.host import Host
from sessions.driving.hosted import Hosted
from sessions.driving.shares import CONNECTS, Spaced
from sessions.models import Lease, Runner, WhatsAppSession
from tests import factories
from tests.sessions.driving.test_host_looks import host, send_one

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["host"]


def another(capacity: int | None = 500, *, node: str = "b", silent: timedelta = timedelta()) -> Runner:  # fmt: skip
    """A runner elsewhere; with a capacity it is a host."""
    beat = Now() - silent
    return Runner.objects.create(
        pk=uuid4(), node=node, host="elsewhere", pid=1, born=0, capacity=capacity, heartbeat=beat
    )


def make_links(number: int) -> None:
    business = factories.make_business()
    for _one in range(number):
        factories.make_session(business, transport="inprocess")


def taken(runner: runners.Heartbeat) -> int:
    """How many links this host takes where all are free."""
    return len(claim_for_host(runner, WORK, limit=100).due)


@pytest.mark.parametrize(
    ("own", "others", "links", "share"),
    [
        (500, [], 7, 7),
        (500, [500], 7, 4),
        (500, [500, 500], 7, 3),
        (500, [500] * 9, 7, 1),
        # Who has room for few leaves the rest to the others.
        (500, [2], 7, 5),
        (500, [1, 2], 9, 6),
        (500, [3, 500], 9, 3),
        (3, [500, 500], 9, 3),
        # More than there is room for.
        (5, [2], 9, 5),
    ],
)
def test_a_host_takes_its_even_share(own: int, others: list[int], links: int, share: int) -> None:
    for capacity in others:
        another(capacity)
    make_links(links)
    with runners.running(own) as runner:
        assert taken(runner) == share
        assert claim_for_host(runner, WORK, limit=100).share == share
        assert taken(runner) == 0


def test_neither_a_visit_nor_a_silent_host_has_a_share() -> None:
    another(None)
    another(silent=timedelta(minutes=1))
    make_links(3)
    assert not runners.host_lives()
    with runners.running(500) as runner:
        assert runners.host_lives()
        assert taken(runner) == 3


def test_links_that_nobody_may_open_count_for_nobody() -> None:
    another()
    make_links(4)
    business = factories.make_business()
    for state in ("logged_out", "banned", "conflict", "unlinked"):
        factories.make_session(business, transport="inprocess", state=state)
    with runners.running(500) as runner:
        assert claim_for_host(runner, WORK, limit=100).share == 2


def by_moment(host: Host) -> list[Hosted]:
    return sorted(host._in_hand(), key=lambda one: one.due_at)


@pytest.mark.parametrize("beside", [1, 2])
def test_the_hosts_of_a_machine_connect_one_by_one_and_what_has_work_goes_first(
    host: Host, beside: int
) -> None:
    Runner.objects.filter(pk=host.runner.id).update(capacity=500)
    if beside == 2:
        another(node="a")
    make_links(10)
    business = factories.make_business()
    urgent = [factories.make_session(business, transport="inprocess") for _each in range(2)]
    for session in urgent:
        send_one(session)
    host.connecting = Spaced(CONNECTS)
    host._look()
    links = by_moment(host)
    assert len(links) == 12 // beside
    for one, after in pairwise(links):
        assert after.due_at - one.due_at >= 0.99 * beside / CONNECTS
        hosts.Host._wake(host, after)  # by whoever wakes it
        assert after.due_at > one.due_at
    assert {one.held.token.session_id for one in links[:2]} == {one.pk for one in urgent}


def test_of_links_with_work_a_host_leases_no_more_than_it_connects_until_its_next_look(
    host: Host,
) -> None:
    """So that other hosts take the rest meanwhile."""
    business = factories.make_business()
    for _each in range(12):
        send_one(factories.make_session(business, transport="inprocess"))
    host.connecting = Spaced(2 / hosts.LOOK_EVERY)
    for _look in range(2):
        host._look()
        assert len(host._links) == 2


def test_of_links_without_work_it_leases_what_it_connects_within_the_time_of_a_lease(
    host: Host,
) -> None:
    """So that those of a killed host are soon another's, however long it takes to connect them."""
    in_time = 12
    make_links(in_time + 1)
    host.connecting = Spaced(in_time / leases.TTL)
    for _look in range(2):
        host._look()
        assert len(host._links) == in_time


def test_what_gets_work_before_it_is_connected_is_connected_first(host: Host) -> None:
    make_links(4)
    host.connecting = Spaced(1.0)
    host._look()
    *before, last = by_moment(host)
    send_one(WhatsAppSession.objects.get(pk=last.held.token.session_id))
    host._look()
    assert by_moment(host) == [last, *before]


def test_a_host_that_gets_another_beside_it_connects_half_as_often_from_then_on(host: Host) -> None:
    Runner.objects.filter(pk=host.runner.id).update(capacity=500)
    make_links(4)
    host.connecting = Spaced(1.0)
    host._look()
    another(node="a", capacity=0)
    host._look()
    for one, after in pairwise(by_moment(host)):
        assert after.due_at - one.due_at >= 0.99 * 2


def test_what_is_above_its_share_is_given_back_first_what_is_not_connected_yet(host: Host) -> None:
    Runner.objects.filter(pk=host.runner.id).update(capacity=500)
    make_links(6)
    host._look()
    opened = host._in_hand()[:3]
    for one in opened:
        one.drive = object()  # type: ignore[assignment]
    another()
    host.leaving = Spaced(float("inf"))
    host._look()
    assert {one for one in host._in_hand() if not one.is_leaving} == set(opened)


def test_what_is_above_its_share_is_given_back_first_what_has_nothing_to_send(host: Host) -> None:
    Runner.objects.filter(pk=host.runner.id).update(capacity=500)
    make_links(6)
    busy = send_one(factories.make_session(factories.make_business(), transport="inprocess"))
    host._look()
    for one in host._due():
        one.busy, one.drive = False, object()  # type: ignore[assignment]
    another()
    host.leaving = Spaced(float("inf"))
    host._look()
    leaving = [one for one in host._links.values() if one.is_leaving]
    assert len(leaving) == 3
    assert busy.session_id not in {one.held.token.session_id for one in leaving}
    host._look()
    assert sum(one.is_leaving for one in host._links.values()) == 3


def test_what_a_host_gives_back_is_for_others_at_once(host: Host) -> None:
    Runner.objects.filter(pk=host.runner.id).update(capacity=500)
    make_links(4)
    for _opened in range(2):
        host._look()
        for one in host._due():
            host._step(one)
    with runners.running(500) as other:
        host.leaving = Spaced(float("inf"))
        host._look()
        for one in host._due():
            host._step(one)
        assert len(host._links) == 2
        assert Lease.objects.filter(runner=None).count() == 2
        assert taken(other) == 2
        host._look()
        assert len(host._links) == 2


def test_the_moments_of_a_slow_machine_are_not_made_up_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(shares, "monotonic", lambda: now)
    spaced = Spaced(10.0)
    assert [round(spaced.moment(), 1) for _each in range(3)] == [100.0, 100.1, 100.2]
    assert int(spaced.room(1.0) + 0.01) == 7
    now = 200.0
    assert round(spaced.moment(), 1) == 200.0


def test_the_numbers_leave_room_for_what_is_promised_of_a_killed_and_of_a_stopped_host() -> None:
    """What comes of them is measured by `bench failover`."""
    leased = leases.TTL + 2 * hosts.LOOK_EVERY
    assert leased <= 45
    assert leased + hosts.CAPACITY / CONNECTS <= 120
    assert 2 * hosts.CLOSE_WITHIN + runners.JOINS_WITHIN < 20
