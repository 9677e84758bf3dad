"""bench ledger: two drives at once over the inprocess transport, against raw psycopg; then what stops and holds cost them.

The floor does the least that any ledger must (claim a row, mark it pressed, settle it, a durable
commit each) on a copy of the table without its triggers, keys and further indexes, in two processes with a
prepared connection each. The drives do all of the product but a wire: leases, consent, pacing, polling, the text.
The second figure is the same drives among many stops, against themselves while the gate asks for neither stops nor holds.
"""

import multiprocessing as mp
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Barrier

import psycopg
from django.conf import settings
from django.db import connection, connections

from blu.lab.bench import seeding
from blu.lab.bench.measuring import Figure, children_peak_mb, median
from campaigns.ledger import snapshot
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Campaign, consent_gate
from contacts.models import Topic
from sessions.driving import runners
from sessions.driving.drive import Drive
from sessions.driving.visit_loop import drive_until
from sessions.events import Link
from sessions.registry import backend_of

ROWS = 6_000
ROUNDS = 3
DRIVES = 2
STOPS = 100_000
LONG = 600.0

_CLAIM = """
UPDATE bench_floor SET status = 'sending', sending_at = now(), fence = 1, attempts = attempts + 1
 WHERE id = (SELECT id FROM bench_floor
              WHERE campaign_id = %s AND session_id = %s AND status = 'queued'
              ORDER BY warm DESC, not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id
"""
_WAITING = """
CREATE INDEX ON bench_floor (campaign_id, session_id, warm DESC, not_before, id) WHERE status = 'queued'
"""
_GATE = """
SELECT pg_get_functiondef(tgfoid) FROM pg_trigger
 WHERE tgrelid = 'campaigns_delivery'::regclass AND starts_with(tgname, 'pgtrigger_consent_now_')
"""
_PRESSED = "UPDATE bench_floor SET pressed_at = now() WHERE id = %s"
_SETTLED = "UPDATE bench_floor SET status = 'sent', sent_at = now(), message_id = %s WHERE id = %s"

# What one process does with the campaign of its number; it meets the others at the barrier.
Work = Callable[[Campaign, Barrier], None]


def measure(rows: int) -> Iterator[Figure]:
    """Both in turn, some rounds, each on a fresh campaign of `rows` recipients in all; the medians."""
    settings.SIMULATOR_URL = "http://127.0.0.1:1"  # only for what is refused without a simulator
    campaigns = [_prepared(number, rows // (ROUNDS * DRIVES)) for number in range(DRIVES)]
    drives, floors = [], []
    for _round in range(ROUNDS):
        launched = [next(mine) for mine in campaigns]
        _copy_without_triggers(launched)
        floors.append(_per_second(launched, _raw, "bench_floor"))
        drives.append(_driven(launched))
    yield Figure(
        bench="ledger", rows=rows, unit="messages per second", figure=median(drives),
        floor=median(floors), peak_mb=children_peak_mb(), target=">= 0.25",
    )  # fmt: skip
    seeding.stops(min(STOPS, 100 * rows))
    gated, ungated = [], []
    for _round in range(ROUNDS):
        with _consent_alone():
            ungated.append(_driven([next(mine) for mine in campaigns]))
        gated.append(_driven([next(mine) for mine in campaigns]))
    yield Figure(
        bench="ledger with stops", rows=rows, unit="messages per second", figure=median(gated),
        floor=median(ungated), peak_mb=children_peak_mb(), target=">= 0.9 (floor: asks for no stop or hold)",
    )  # fmt: skip


def _driven(campaigns: list[Campaign]) -> float:
    """What the drives send in a second, until nothing is left."""
    per_second = _per_second(campaigns, _drive, "campaigns_delivery")
    Campaign.objects.update(status=Campaign.Status.DONE)
    return per_second


@contextmanager
def _consent_alone() -> Iterator[None]:
    """The gate asks for consent and no more: in this scratch database, and nowhere else."""
    with connection.cursor() as cursor:
        cursor.execute(_GATE)
        (whole,) = cursor.fetchone()
        alone = whole.replace(consent_gate.NEITHER_STOP_NOR_HOLD, "")
        assert alone != whole
        cursor.execute(alone)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(whole)


def _prepared(number: int, rows: int) -> Iterator[Campaign]:
    """One drive's business, session and known chats; then a fresh running campaign each time."""
    business = seeding.business(f"Ledger{number}")
    topic = Topic.objects.create(business=business, name="Novidades")
    seeding.subscribers(business, topic, rows)
    session = seeding.session(business, f"ledger-{number}", transport="inprocess")
    seeding.known_chats(session)

    def launched() -> Iterator[Campaign]:
        while True:
            campaign = seeding.campaign(business, topic, session)
            snapshot.take(campaign.pk)
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE campaigns_delivery")
            yield campaign

    return launched()


def _copy_without_triggers(campaigns: list[Campaign]) -> None:
    """The same rows in a table with the same columns, for the floor: no trigger, no key to another table, and
    of the indexes only the two without which no row is found.
    """
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_floor")
        cursor.execute("CREATE TABLE bench_floor (LIKE campaigns_delivery INCLUDING DEFAULTS)")
        cursor.execute("ALTER TABLE bench_floor ADD PRIMARY KEY (id)")
        cursor.execute(_WAITING)
        cursor.execute(
            "INSERT INTO bench_floor SELECT * FROM campaigns_delivery WHERE campaign_id = ANY(%s)",
            [[campaign.pk for campaign in campaigns]],
        )
        cursor.execute("VACUUM ANALYZE bench_floor")


def _per_second(campaigns: list[Campaign], work: Work, table: str) -> float:
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
    with connection.cursor() as cursor:
        mine = [campaign.pk for campaign in campaigns]
        cursor.execute(
            f"SELECT count(*) FROM {table} WHERE campaign_id = ANY(%s) AND status <> 'sent'", [mine]
        )
        (left,) = cursor.fetchone()
    if left or any(process.exitcode for process in processes):
        raise RuntimeError(f"{left} rows were not sent")
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
        transport = backend_of(campaign.session.link).make(campaign.session.link)
        assert transport.open().link is Link.ONLINE
        drive = Drive(held.token, transport, LedgerOutbox(), lost=held)
        barrier.wait(LONG)
        drive_until(time.monotonic() + LONG, drive, threading.Event())
        transport.close()
