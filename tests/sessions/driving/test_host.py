"""A host drives hundreds of links with few threads and connections, and a hung one holds up nobody."""

import signal
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import psutil
import psycopg
import pytest
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from contacts.models import Consent, Contact, Source, State, Subscription, Topic
from sessions.driving import host as hosts
from sessions.driving import link_updates, runners
from sessions.models import Lease, Link, Runner, WhatsAppSession
from tests import factories
from tests.eventually import SELDOM, eventually
from tests.forked import Fork, Forked
from tests.sessions.driving.hosting import NAME, run

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

LINKS = 500
HUNG = 20
AGAIN = 100  # of them get a second message
THREADS = 32
STEPS = hosts.THREADS
CONNECTIONS = 10

Hosting = Callable[..., Forked]


@pytest.fixture
def hosting(transactional_db: None, fork: Fork) -> Hosting:
    """Starts hosts on this test's database; what still runs at the end is killed."""
    return partial(fork, run, role="blu_host", simulator="http://127.0.0.1:9", TIME_SCALE=0.2)


def make_links(number: int, *, hung: int = 0, called: str = "Recepção") -> list[WhatsAppSession]:
    """Sessions with an inprocess link and a message to send each, ten to a business."""
    businesses = [factories.make_business() for _tenth in range(0, number, 10)]
    sessions = WhatsAppSession.objects.bulk_create(
        WhatsAppSession(
            business=businesses[n // 10], name=f"Parada {n}" if n < hung else f"{called} {n}",
            pacing="trial", phone=factories.make_phone(),
        )
        for n in range(number)
    )  # fmt: skip
    now = timezone.now()
    links = Link.objects.bulk_create(
        Link(
            session=session, home=f"casa-{session.pk}", phone=session.phone, transport="inprocess",
            linked_at=now, proven_at=now,
        )
        for session in sessions
    )  # fmt: skip
    factories.rest_all(links)
    Lease.objects.bulk_create(Lease(link=link, session_id=link.session_id) for link in links)
    for session, link in zip(sessions, links, strict=True):
        session.active_link = link
    WhatsAppSession.objects.bulk_update(sessions, ["active_link"])
    send_each(sessions)
    return sessions


@transaction.atomic
def send_each(sessions: list[WhatsAppSession]) -> list[Delivery]:
    """A campaign of one message for each, queued: all at once, or a host would take a campaign for done."""
    businesses = {session.business for session in sessions}
    topics = {business.pk: factories.make_topic(business) for business in businesses}
    people = subscribed([topics[session.business_id] for session in sessions])
    campaigns = Campaign.objects.bulk_create(
        Campaign(
            business_id=session.business_id, topic=topics[session.business_id], session=session,
            name="Agenda", body="Olá!", launched_at=timezone.now(),
        )
        for session in sessions
    )  # fmt: skip
    factories.run_all(campaigns)
    return Delivery.objects.bulk_create(
        Delivery(
            campaign=campaign, contact=contact, phone=contact.phone, variables={},
            business_id=campaign.business_id, session_id=campaign.session_id,
        )
        for campaign, contact in zip(campaigns, people, strict=True)
    )  # fmt: skip


def subscribed(topics: list[Topic]) -> list[Contact]:
    """A contact for each of these, subscribed to it."""
    people = Contact.objects.bulk_create(
        Contact(business_id=topic.business_id, name="Lúcia", phone=factories.make_phone())
        for topic in topics
    )
    for kind, more in ((Consent, {"source": Source.PAPER}), (Subscription, {})):
        kind.objects.bulk_create(
            kind(
                business_id=topic.business_id, contact=contact, topic=topic, state=State.GRANTED, **more
            )
            for topic, contact in zip(topics, people, strict=True)
        )  # fmt: skip
    return people


def send_one(session: WhatsAppSession) -> Delivery:
    """The same for one session."""
    (delivery,) = send_each([session])
    return delivery


def sent() -> int:
    return Delivery.objects.filter(sent_at__isnull=False).count()


def threads_of(host: Forked) -> int:
    return psutil.Process(host.pid).num_threads()


def connections_of_hosts(url: str) -> int:
    with psycopg.connect(url) as own:
        query = (
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = %s"
        )
        row = own.execute(query, [NAME]).fetchone()
        return int(row[0]) if row else 0


def test_hundreds_of_links_take_few_threads_and_connections_and_hung_ones_delay_nobody(
    hosting: Hosting, database_env: dict[str, str]
) -> None:
    sessions = make_links(LINKS, hung=HUNG)
    host = hosting()
    eventually(lambda: sent() == LINKS - HUNG, every=SELDOM)
    assert threads_of(host) <= THREADS
    assert connections_of_hosts(database_env["DATABASE_URL"]) <= CONNECTIONS
    # What is new is sent while the twenty still hang.
    again = sessions[:: LINKS // AGAIN]
    send_each(again)
    for session in again:
        link_updates.wake(session.pk)
    eventually(lambda: sent() == LINKS - HUNG + AGAIN - HUNG // (LINKS // AGAIN), every=SELDOM)
    assert threads_of(host) <= THREADS
    assert connections_of_hosts(database_env["DATABASE_URL"]) <= CONNECTIONS
    hung = Q(campaign__session__name__startswith="Parada")
    assert not Delivery.objects.filter(hung).exclude(status=Status.QUEUED).exists()


def test_the_links_of_a_killed_host_are_leased_by_another_and_nothing_is_repeated(
    hosting: Hosting,
) -> None:
    sessions = make_links(40)
    first = hosting()
    eventually(lambda: sent() == 40)
    (gone,) = Runner.objects.values_list("pk", flat=True)
    first.kill()
    send_each(sessions)
    hosting()
    eventually(lambda: sent() == 80)
    assert Lease.objects.filter(runner__isnull=False).exclude(runner=gone).count() == 40
    ids = Delivery.objects.values_list("message_id", flat=True)
    assert len(set(ids)) == 80


def test_a_host_that_is_asked_to_stop_gives_all_its_links_back(hosting: Hosting) -> None:
    make_links(5)
    host = hosting()
    eventually(lambda: sent() == 5)
    host.send(signal.SIGTERM)
    assert host.wait() == 0
    assert not Lease.objects.filter(runner__isnull=False).exists()
    assert not Runner.objects.exists()


def test_a_stop_lets_each_link_finish_the_step_in_hand(hosting: Hosting) -> None:
    """Closed under a step, a link would say that it was lost."""
    send_each(make_links(20, called="Lenta"))
    host = hosting()
    eventually(lambda: sent() >= 10)
    host.send(signal.SIGTERM)
    assert host.wait() == 0
    assert set(Link.objects.values_list("state", flat=True)) <= {"online", "resting"}
    in_hand = (Status.SENDING, Status.UNCERTAIN)
    assert not Delivery.objects.filter(status__in=in_hand).exists()


def test_a_stop_ends_the_process_though_links_hang_and_gives_the_others_back(
    hosting: Hosting,
) -> None:
    make_links(10 + HUNG, hung=HUNG)
    host = hosting()
    eventually(lambda: sent() == 10)
    host.send(signal.SIGTERM)
    assert host.wait() == 0
    left = Lease.objects.filter(runner__isnull=False)
    assert left.exists()
    assert not left.exclude(session__name__startswith="Parada").exists()
    # Nobody waits for them longer than for those of one that was killed.
    assert runners.expire_dead() == 1
    assert not Lease.objects.filter(expires_at__gt=Now()).exists()


def test_a_stop_gives_back_what_waits_for_a_thread_while_all_of_them_hang(
    hosting: Hosting,
) -> None:
    sessions = make_links(THREADS + 10, hung=THREADS + 10)
    host = hosting(None, 0)
    eventually(lambda: Lease.objects.filter(runner__isnull=False).count() == len(sessions))
    eventually(lambda: threads_of(host) >= STEPS)
    host.send(signal.SIGTERM)
    assert host.wait() == 0
    assert Lease.objects.filter(runner__isnull=False).count() <= STEPS
    assert Lease.objects.filter(expires_at=None).count() >= len(sessions) - STEPS


def test_more_hung_links_than_there_are_threads_hold_up_nobody(hosting: Hosting) -> None:
    sessions = make_links(2 * STEPS, hung=2 * STEPS)
    host = hosting()
    eventually(lambda: threads_of(host) >= 2 * STEPS)
    others = make_links(5)
    eventually(lambda: sent() == len(others))
    hung = Delivery.objects.filter(session_id__in=[session.pk for session in sessions])
    assert set(hung.values_list("status", flat=True)) == {Status.QUEUED}


def test_a_lock_on_some_peoples_rows_delays_neither_heartbeat_nor_another_links_message(
    hosting: Hosting, database_env: dict[str, str]
) -> None:
    """More claims wait for it than the host has connections."""
    sessions = make_links(20)
    hosting()
    eventually(lambda: sent() == 20)
    fences = set(Lease.objects.values_list("link_id", "fence"))
    with transaction.atomic():
        blocked = send_each(sessions[:10])
        rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in blocked])
        rows.update(not_before=Now() + timedelta(days=1))
    people = [delivery.contact_id for delivery in blocked]
    with psycopg.connect(database_env["DATABASE_URL"]) as own:
        lock = "SELECT 1 FROM contacts_subscription WHERE contact_id = ANY(%s) FOR UPDATE"
        own.execute(lock, [people])
        rows.update(not_before=Now())
        for session in sessions[:10]:
            link_updates.wake(session.pk)
        eventually(lambda: somebody_waits(database_env["DATABASE_URL"]))
        other = send_one(sessions[15])
        link_updates.wake(other.session_id)
        eventually(lambda: Delivery.objects.get(pk=other.pk).sent_at)
        # Each lease is prolonged, also those under which a claim waits.
        for _beat in range(4):
            last = Lease.objects.latest("expires_at").expires_at
            eventually(lambda last=last: not Lease.objects.filter(expires_at__lte=last).exists())
        assert not rows.filter(sent_at__isnull=False).exists()
    eventually(lambda: rows.filter(sent_at__isnull=False).count() == 10)
    assert set(Lease.objects.values_list("link_id", "fence")) == fences


def somebody_waits(url: str) -> bool:
    with psycopg.connect(url) as own:
        return bool(own.execute("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1").fetchone())


def test_a_link_of_a_visit_is_left_alone(hosting: Hosting) -> None:
    visited, _hosted = make_links(2)
    factories.change_session(visited, transport="simulated")
    hosting()
    eventually(lambda: sent() == 1)
    assert Delivery.objects.get(session_id=visited.pk).status == Status.QUEUED
