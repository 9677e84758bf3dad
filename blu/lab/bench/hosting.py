"""bench host: how long a message waits on a host of hundreds of links, with twenty that hang and without.

Messages come due in small batches, as launches do, on all links but twenty; how long each waits until it
is pressed is told by the database's clock. In the second round those twenty never answer.
"""

import multiprocessing as mp
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from blu.lab.bench import seeding
from blu.lab.bench.measuring import Figure, children_peak_mb, median
from campaigns.ledger import snapshot
from contacts.models import Topic
from sessions.driving import link_updates
from sessions.models import Lease, Link, WhatsAppSession
from sessions.transports.inprocess import InProcessTransport, backend

ROWS = 300  # links
HUNG = 20
FOR_EVER = 3600.0  # seconds that a step of a hung link takes
A_BUSINESS = 10  # links
A_LINK = 3  # messages
BATCH, EVERY = 10, 0.2  # links for which something comes due, and seconds between two batches
LONG = 300.0

_LATER = (
    "UPDATE campaigns_delivery SET not_before = now() + interval '1 day' WHERE campaign_id = %s"
)
_DUE = """
UPDATE campaigns_delivery SET not_before = clock_timestamp()
 WHERE id IN (SELECT min(id) FROM campaigns_delivery
               WHERE session_id = ANY(%s) AND status = 'queued' AND not_before > now() GROUP BY session_id)
"""
_WAITED = """
SELECT extract(epoch FROM pressed_at - not_before)::float FROM campaigns_delivery
 WHERE session_id = ANY(%s) AND pressed_at IS NOT NULL AND campaign_id = ANY(%s)
"""


def measure(rows: int) -> Iterator[Figure]:
    """The longest wait of a message on a link that doesn't hang, beside the same where none does."""
    settings.SIMULATOR_URL = "http://127.0.0.1:1"  # only for what is refused without a simulator
    topics = [_topic(number) for number in range(-(-rows // A_BUSINESS))]
    sessions = [_session(topics[number // A_BUSINESS], number) for number in range(rows)]
    hung = min(HUNG, rows // 2)
    alone = _waits(sessions, hung, hangs=False)
    beside = _waits(sessions, hung, hangs=True)
    yield Figure(
        bench="host", rows=rows, unit="seconds, the longest wait", figure=max(beside),
        floor=max(alone), peak_mb=children_peak_mb(), target="<= floor + 1",
        more={
            "hung": hung,
            "messages": len(beside),
            "longer_by_seconds": round(max(beside) - max(alone), 3),
            "median_seconds": round(median(beside), 3),
            "median_seconds_without": round(median(alone), 3),
        },
    )  # fmt: skip


def _topic(number: int) -> Topic:
    business = seeding.business(f"Host{number}")
    topic = Topic.objects.create(business=business, name="Novidades")
    seeding.subscribers(business, topic, A_LINK)
    return topic


def _session(topic: Topic, number: int) -> WhatsAppSession:
    session = seeding.session(topic.business, f"host-{number}", transport="inprocess")
    seeding.known_chats(session)
    return session


def _waits(sessions: list[WhatsAppSession], hung: int, *, hangs: bool) -> list[float]:
    """How many seconds each message waited on the links after the first `hung`, on a host of all."""
    measured = [session.pk for session in sessions[hung:]]
    campaigns = [_later(session) for session in sessions[hung:]]
    connections.close_all()
    homes = {session.link.home for session in sessions[:hung]} if hangs else set()
    started = timezone.now()
    host = mp.get_context("fork").Process(target=_host, args=(homes,))
    host.start()
    try:
        opened = Link.objects.filter(session__in=measured, proven_at__gt=started)
        _until(lambda: opened.count() == len(measured))
        for _message in range(A_LINK):
            for first in range(0, len(measured), BATCH):
                _come_due(measured[first : first + BATCH])
                time.sleep(EVERY)
        _until(lambda: len(_waited(measured, campaigns)) == len(measured) * A_LINK)
        return _waited(measured, campaigns)
    finally:
        host.kill()
        host.join()
        Lease.objects.update(expires_at=None, runner=None)
        Link.objects.update(retry_at=None)


def _later(session: WhatsAppSession) -> int:
    """The id of a running campaign of the session, nothing of which is due yet."""
    topic = Topic.objects.get(business=session.business)
    campaign = seeding.campaign(session.business, topic, session)
    with transaction.atomic():
        snapshot.take(campaign.pk)
        with connection.cursor() as cursor:
            cursor.execute(_LATER, [campaign.pk])
    return campaign.pk


def _come_due(session_ids: list[int]) -> None:
    """One message more of each of these, and hosts are told, as by a launch."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(_DUE, [session_ids])
        for session_id in session_ids:
            link_updates.wake(session_id)


def _waited(session_ids: list[int], campaign_ids: list[int]) -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute(_WAITED, [session_ids, campaign_ids])
        return [seconds for (seconds,) in cursor.fetchall()]


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONG
    while not done():
        if time.monotonic() > deadline:
            raise RuntimeError("the host did not come that far")
        time.sleep(0.2)


def _host(hang: set[str]) -> None:
    """`manage.py run_host`, the links with these homes never answering."""
    make = backend.make

    def made(link: Link, **wiring: Any) -> InProcessTransport:
        transport = make(link, **wiring)
        transport.hang = FOR_EVER if link.home in hang else 0.0
        return transport

    backend.make = made  # type: ignore[assignment]
    call_command("run_host")
