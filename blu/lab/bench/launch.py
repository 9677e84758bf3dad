"""bench launch: a campaign's snapshot against the same INSERT … SELECT without its triggers, and among many stops against
itself without one.
"""

from collections.abc import Iterator

from django.db import connection, transaction

from blu.lab.bench import seeding
from blu.lab.bench.measuring import Figure, median, peak_mb, seconds
from campaigns.ledger import snapshot
from campaigns.models import Campaign
from contacts.models import Topic

ROWS = 1_000_000
ROUNDS = 3
STOPS = 100_000


def measure(rows: int) -> Iterator[Figure]:
    """Launch to `rows` recipients and the bare statement in turn; the medians."""
    business = seeding.business("Launch")
    topic = Topic.objects.create(business=business, name="Novidades")
    seeding.subscribers(business, topic, rows)
    campaign = seeding.campaign(business, topic, seeding.session(business, "launch"))
    launches, floors = [], []
    for _round in range(ROUNDS):
        launches.append(seconds(lambda: _launch(campaign)))
        _empty(campaign)
        floors.append(seconds(lambda: _bare(campaign)))
        _empty(campaign)
    yield Figure(
        bench="launch", rows=rows, unit="seconds", figure=median(launches), floor=median(floors),
        peak_mb=peak_mb(), target="<= 1.3", more={"rows_per_second": round(rows / median(launches))},
    )  # fmt: skip
    seeding.stops(min(STOPS, rows))
    among_stops = []
    for _round in range(ROUNDS):
        among_stops.append(seconds(lambda: _launch(campaign)))
        _empty(campaign)
    yield Figure(
        bench="launch with stops", rows=rows, unit="seconds", figure=median(among_stops),
        floor=median(launches), peak_mb=peak_mb(), target="<= 1.15 (floor: without a stop)",
        more={"stops": min(STOPS, rows)},
    )  # fmt: skip


def _launch(campaign: Campaign) -> None:
    assert snapshot.take(campaign.pk) > 0


def _bare(campaign: Campaign) -> None:
    """The same statement on the table without its own triggers; foreign keys stay."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_delivery DISABLE TRIGGER USER")
    with transaction.atomic():
        assert snapshot.insert(campaign) > 0
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_delivery ENABLE TRIGGER USER")


def _empty(campaign: Campaign) -> None:
    """As before a launch: no rows, no dead ones either, and nothing left for a checkpoint to do."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE campaigns_campaign DISABLE TRIGGER USER")
        cursor.execute("UPDATE campaigns_campaign SET status = 'launching'")
        cursor.execute("ALTER TABLE campaigns_campaign ENABLE TRIGGER USER")
        cursor.execute("TRUNCATE campaigns_delivery CASCADE")
        cursor.execute("VACUUM campaigns_campaign")
