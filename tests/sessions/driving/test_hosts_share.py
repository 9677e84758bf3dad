"""Several hosts, each a process of its own: links are shared evenly, and go on elsewhere when one is killed."""

import signal
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from campaigns.ledger import snapshot
from campaigns.models import Campaign, Delivery
from sessions.models import Lease, Link, Runner
from tests import factories
from tests.eventually import SELDOM, eventually
from tests.forked import Fork, Forked
from tests.sessions.driving.hosting import run
from tests.sessions.driving.test_host import make_links, send_each, sent

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

Hosting = Callable[..., Forked]


@pytest.fixture
def hosting(transactional_db: None, fork: Fork) -> Hosting:
    """Starts hosts on this test's database; what still runs at the end is killed."""
    return partial(fork, run, role="blu_host", simulator="http://127.0.0.1:9", TIME_SCALE=0.1)


def driven() -> list[int]:
    """How many links each runner holds."""
    held = Lease.objects.filter(runner__isnull=False).values_list("runner", flat=True)
    return sorted(Counter(held).values())


def fences() -> dict[int, int]:
    return dict(Lease.objects.values_list("link", "fence"))


def test_a_host_that_joins_gets_half_of_the_links_and_no_other_is_cut(hosting: Hosting) -> None:
    sessions = make_links(40)
    first = hosting()
    eventually(lambda: sent() == 40, every=SELDOM)
    before = fences()
    hosting()
    eventually(lambda: driven() == [20, 20], every=SELDOM)
    assert sum(fence != before[link] for link, fence in fences().items()) == 20
    send_each(sessions)
    eventually(lambda: sent() == 80, every=SELDOM)
    assert driven() == [20, 20]
    assert len(set(Delivery.objects.values_list("message_id", flat=True))) == 80
    # One that leaves leaves all of its links to the other.
    first.send(signal.SIGTERM)
    assert first.wait() == 0
    eventually(lambda: driven() == [40], every=SELDOM)


def test_a_host_that_joins_in_the_middle_of_the_work_takes_half_of_it(hosting: Hosting) -> None:
    sessions = make_links(12, called="Lenta")
    for _message in range(5):
        send_each(sessions)
    hosting()
    eventually(lambda: sent() >= 12, every=SELDOM)
    hosting()
    eventually(lambda: driven() == [6, 6], every=SELDOM)
    eventually(lambda: sent() == 72, every=SELDOM)
    assert len(set(Delivery.objects.values_list("message_id", flat=True))) == 72
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
def test_the_links_of_a_host_that_is_gone_are_all_online_elsewhere_though_no_watch_tends_it(
    hosting: Hosting, how: signal.Signals
) -> None:
    """By the end of their time alone; one that only stood still closes what it has lost."""
    sessions = make_links(20)
    hosts = [hosting(), hosting()]
    eventually(lambda: driven() == [10, 10] and sent() == 20, every=SELDOM)
    gone = Runner.objects.get(pid=hosts[0].pid)
    lost = set(Lease.objects.filter(runner=gone).values_list("link", flat=True))
    hosts[0].send(how)
    send_each(sessions)
    eventually(lambda: driven() == [20] or sent() == 40, every=SELDOM)
    eventually(lambda: sent() == 40, every=SELDOM)
    taken = Lease.objects.filter(link__in=lost)
    assert set(taken.exclude(runner=gone).values_list("link", flat=True)) == lost
    assert set(Link.objects.filter(pk__in=lost).values_list("state", flat=True)) == {"online"}
    if how == signal.SIGSTOP:
        hosts[0].send(signal.SIGCONT)
        eventually(lambda: driven() == [10, 10], every=SELDOM)
        send_each(sessions)
        eventually(lambda: sent() == 60, every=SELDOM)
    ids = Delivery.objects.values_list("message_id", flat=True)
    assert len(set(ids)) == len(ids)


def test_what_is_launched_is_sent_at_once(fork: Fork) -> None:
    """By itself this host would do something in an hour: the snapshot tells it."""
    (session,) = make_links(1)
    fork(run, 3600.0, role="blu_host", simulator="http://127.0.0.1:9", TIME_SCALE=1.0)
    eventually(lambda: sent() == 1)
    campaign = factories.make_campaign(session.business, Campaign.Status.LAUNCHING, session=session)
    assert campaign.topic is not None
    factories.subscribe(factories.make_contact(session.business), campaign.topic)
    assert snapshot.take(campaign.pk) == 1
    eventually(lambda: sent() == 2)
