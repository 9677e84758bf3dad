"""bench ledger: two drives at once over the memory transport, against raw psycopg.

The floor does the least that any ledger must (claim a row, mark it pressed, settle it, a durable
commit each) on the same table with its triggers, in two processes with a prepared connection each.
The drives do all of the product: leases, consent, pacing, polling, the text, and the wire to a
simulator that syncs each message to its disk.
"""

import multiprocessing as mp
import threading
import time
from collections.abc import Callable, Iterator
from multiprocessing.synchronize import Barrier

import psycopg
from django.conf import settings
from django.db import connection, connections

from blu.bench import memory_account, scratch, seeding
from blu.bench.measuring import Figure, children_peak_mb, median
from campaigns import snapshot
from campaigns.models import Campaign, Delivery
from campaigns.outbox import LedgerOutbox
from campaigns.transitions import Status
from contacts.models import Topic
from sessions import runners
from sessions.drive import Drive
from sessions.events import Link
from sessions.registry import home_of, transport_for

ROWS = 6_000
ROUNDS = 3
DRIVES = 2
LONG = 600.0

_CLAIM = """
UPDATE campaigns_delivery SET status = 'sending', sending_at = now(), fence = 1, attempts = attempts + 1
 WHERE id = (SELECT id FROM campaigns_delivery
              WHERE campaign_id = %s AND session_id = %s AND status = 'queued'
              ORDER BY warm DESC, not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
_PRESSED = "UPDATE campaigns_delivery SET pressed_at = now() WHERE id = %s"
_SETTLED = (
    "UPDATE campaigns_delivery SET status = 'sent', sent_at = now(), message_id = %s WHERE id = %s"
)

# What one process does with the campaign of its number; it meets the others at the barrier.
Work = Callable[[Campaign, Barrier], None]


def measure(rows: int) -> Iterator[Figure]:
    """Both in turn, some rounds, on fresh campaigns of `rows` recipients in all; the medians."""
    with scratch.simulator() as url:
        settings.SIMULATOR_URL = settings.WHATSAPP_WEB_URL = url
        memory_account.silence(url)
        campaigns = [
            _prepared(number, rows // (2 * ROUNDS * DRIVES), url) for number in range(DRIVES)
        ]
        drives, floors = [], []
        for _round in range(ROUNDS):
            floors.append(_per_second([next(mine) for mine in campaigns], _raw))
            drives.append(_per_second([next(mine) for mine in campaigns], _drive))
    yield Figure(
        bench="ledger", rows=rows, unit="messages per second", figure=median(drives),
        floor=median(floors), peak_mb=children_peak_mb(), target=">= 0.25",
    )  # fmt: skip


def _prepared(number: int, rows: int, url: str) -> Iterator[Campaign]:
    """One drive's business, session and known chats; then a fresh running campaign each time."""
    business = seeding.business(f"Ledger{number}")
    topic = Topic.objects.create(business=business, name="Novidades")
    seeding.subscribers(business, topic, rows)
    session = seeding.session(business, f"ledger-{number}")
    memory_account.link(session, url, f"+5511980000{number:03d}")
    seeding.known_chats(session)

    def launched() -> Iterator[Campaign]:
        while True:
            campaign = seeding.campaign(business, topic, session)
            snapshot.take(campaign.pk)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE campaigns_delivery")
            yield campaign

    return launched()


def _per_second(campaigns: list[Campaign], work: Work) -> float:
    """Run `work` on each campaign in a process of its own, all at once; messages a second in all."""
    rows = sum(campaign.deliveries.count() for campaign in campaigns)
    connections.close_all()
    context = mp.get_context("fork")
    barrier = context.Barrier(len(campaigns) + 1)
    processes = [context.Process(target=work, args=(campaign, barrier)) for campaign in campaigns]
    for process in processes:
        process.start()
    barrier.wait(LONG)
    start = time.perf_counter()
    for process in processes:
        process.join(LONG)
    taken = time.perf_counter() - start
    left = Delivery.objects.filter(campaign__in=campaigns).exclude(status=Status.SENT).count()
    if left or any(process.exitcode for process in processes):
        raise RuntimeError(f"{left} rows were not sent")
    Campaign.objects.update(status=Campaign.Status.DONE)
    return rows / taken


def _raw(campaign: Campaign, barrier: Barrier) -> None:
    parameters = connection.get_connection_params()
    keys = ("host", "dbname", "user", "password")
    with psycopg.connect(autocommit=True, **{key: parameters[key] for key in keys}) as raw:
        raw.prepare_threshold = 0
        barrier.wait(LONG)
        while row := raw.execute(_CLAIM, [campaign.pk, campaign.session_id]).fetchone():
            raw.execute(_PRESSED, row)
            raw.execute(_SETTLED, [f"3EB0{row[0]:016X}", row[0]])


def _drive(campaign: Campaign, barrier: Barrier) -> None:
    assert campaign.session is not None
    with runners.running() as runner:
        held = runner.take(campaign.session.link.pk)
        assert held is not None
        transport = transport_for(campaign.session.link)
        assert transport.open(home_of(campaign.session.link)).link is Link.ONLINE
        drive = Drive(held.grip, transport, LedgerOutbox(), lost=held, stop=threading.Event())
        drive.prepare()
        barrier.wait(LONG)
        drive.run(time.monotonic() + LONG)
        transport.close()
