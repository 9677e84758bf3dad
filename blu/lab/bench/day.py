"""bench day: a day of a million recipients in `real` pacing, run ever faster, until something can't follow.

Intervals are divided by the multiple, and nothing else is changed of the pacing but the hours, which are open; all
recipients are people who have written before, since of others a session may begin 200 chats a day. One host over the
`inprocess` transport, which sends at once: so it is the engine that is measured, and no wire.
"""

import multiprocessing as mp
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import time as clock_time
from datetime import timedelta
from typing import Any

import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone

from blu.db import clock
from blu.lab.bench import seeding
from blu.lab.bench.measuring import Figure
from blu.lab.bench.taking import own_mb, taken
from campaigns.ledger import snapshot
from campaigns.limits import pacing
from campaigns.models import Delivery
from campaigns.models.limits import CLOSES, INTERVAL_SECONDS, NEW_CHATS, OPENS
from contacts.models import Topic
from sessions.models import Lease, Link, WhatsAppSession

ROWS = 1_000_000
BUSINESSES, SESSIONS = 100, 500
MULTIPLES = (2, 4, 8, 12, 16, 20, 24, 32, 48)
SECONDS = 30.0  # of each multiple, once the host has all links
OPENS_WITHIN = 300.0
FOLLOWS = 0.95  # of what the pacing lets go
A_DAY = (CLOSES.hour - OPENS.hour) * 3600 // INTERVAL_SECONDS  # messages of one session, at most
OLD = timedelta(days=60)  # a link for which no warm-up is left

_ALL_DAY = pacing.Hours(clock_time(0), clock_time.max, sundays=True)
_WARM = """
INSERT INTO wa_sessions_chat (session_id, phone, wa_id, looked_up_at, warm_at)
SELECT %s, contact.phone, ltrim(contact.phone, '+'), now(), now()
  FROM contacts_subscription s JOIN contacts_contact contact ON contact.id = s.contact_id WHERE s.topic_id = %s
"""


def measure(rows: int) -> Iterator[Figure]:
    """A line for each multiple, until one isn't followed."""
    settings.SIMULATOR_URL = "http://127.0.0.1:1"  # only for what is refused without a simulator
    number = max(1, min(SESSIONS, rows // 20))
    _sessions(number, rows // number)
    for multiple in MULTIPLES:
        figure = _run(rows, number, multiple)
        yield figure
        if figure.floor and figure.figure < FOLLOWS * figure.floor:
            return


def _sessions(number: int, people: int) -> None:
    """Sessions in `real` pacing, linked long ago, some of each business; each with a running campaign to its own people."""
    businesses = [
        seeding.business(f"Day{one}") for one in range(-(-number * BUSINESSES // SESSIONS))
    ]
    for one in range(number):
        business = businesses[one % len(businesses)]
        topic = Topic.objects.create(business=business, name=f"Novidades {one}")
        before = one // len(businesses) * people
        seeding.subscribers(business, topic, people, after=before, settled=False)
        session = seeding.session(business, f"day-{one}", transport="inprocess")
        with connection.cursor() as cursor:
            cursor.execute(_WARM, [session.pk, topic.pk])
        snapshot.take(seeding.campaign(business, topic, session).pk)
    WhatsAppSession.objects.update(pacing=WhatsAppSession.Pacing.REAL)
    Link.objects.update(linked_at=timezone.now() - OLD)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _run(rows: int, number: int, multiple: int) -> Figure:
    """A host at this multiple: what it presses in a while, of what the pacing lets go."""
    connections.close_all()
    started = timezone.now()
    host = mp.get_context("fork").Process(target=_host, args=(multiple,))
    host.start()
    assert host.pid is not None
    try:
        _until_open(number, started)
        process, seconds = psutil.Process(host.pid), clock.scaled(SECONDS)
        with taken({"host": process}, threads_of="host") as took:
            before = _pressed()
            begun = time.monotonic()
            time.sleep(seconds)
            lasted = time.monotonic() - begun
            pressed = _pressed() - before
        memory = own_mb(process)
    finally:
        host.kill()
        host.join()
        Lease.objects.update(expires_at=None, runner=None)
        Link.objects.update(retry_at=None)
    return Figure(
        bench="day", rows=rows, unit="messages per second (floor: what the pacing lets go)",
        figure=pressed / lasted, floor=number / INTERVAL_SECONDS * multiple,
        peak_mb=round(memory, 1), target=f">= {FOLLOWS}",
        more={
            "multiple": multiple,
            "sessions": number,
            "a_day_and_session": A_DAY,
            "of_them_new_chats": NEW_CHATS,
            "cores_host": round(took.cpu["host"] / lasted, 2),
            "cores_database": round(took.cpu["database"] / lasted, 2),
            "connections": took.most_connections,
            "threads": took.most_threads,
        },
    )  # fmt: skip


def _until_open(number: int, started: Any) -> None:
    """Return once the host has opened all links."""
    opened = Link.objects.filter(proven_at__gt=started)
    deadline = time.monotonic() + OPENS_WITHIN
    while opened.count() < number:
        if time.monotonic() > deadline:
            raise RuntimeError("the host did not open all links")
        time.sleep(0.5)


def _pressed() -> int:
    return Delivery.objects.filter(pressed_at__isnull=False).count()


def _host(multiple: int) -> None:
    """`manage.py run_host`, whose intervals are so much shorter, at any hour."""
    usual = pacing._limits

    def shorter(session: WhatsAppSession, is_limited: bool | None) -> pacing.Limits:
        limits = usual(session, is_limited)
        return replace(limits, interval=limits.interval / multiple, hours=_ALL_DAY)

    pacing._limits = shorter
    call_command("run_host")
