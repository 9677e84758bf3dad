"""The doorbell's clockwork: what is due and not being worked on is rung for (design.md section 2).

`manage.py watch` calls `go_round` every ten seconds, one leader at a time. A ring that django-q2
loses is rung again, so nothing waits for ever.
"""

from datetime import timedelta

import structlog
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from blu.db import clock
from blu.db.cached_by_cost import pages
from blu.jobs import queue
from campaigns.alerts import warnings
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from campaigns.replies import strangers
from campaigns.reports import exports
from contacts.imports.retention import discard_forgotten, tidy
from contacts.models import Import
from sessions.driving import nodes
from sessions.linking import services as session_services
from sessions.models import OPEN_PAIRING, Pairing

log = structlog.get_logger()

LOST_TASK = 40.0  # seconds after which a job that didn't start is rung again
STALE_PAIRING = 600.0  # seconds after which nobody waits any more
SWEEP = 300  # seconds between two looks for what is out of date
RECENT = 2 * 86_400.0  # seconds in which a cancellation may still be unfinished


def go_round(*, steady: bool = True) -> int:
    """One round: ring for every launch, cancellation and import that is due.

    `steady` says that the database answered for long enough to tell a dead node from one that
    could not give a sign of life.
    """
    end_stale_pairings()
    rung = ring_campaigns() + ring_imports()
    # After an outage of ours every session looks silent until it was visited.
    return rung + (warnings.look() if steady else 0)


def tidy_gone_nodes() -> int:
    """What a node had taken when it died is done by others; how many tasks."""
    gone = [standing.name for standing in nodes.standings().values() if standing.gone]
    return sum(
        queue.give_back(cluster, node)
        for node in gone
        for cluster in (queue.JOBS, queue.browser_cluster(node))
    )


def end_stale_pairings() -> int:
    """End the attempts that were left open and that nobody waits for any more; how many."""
    stale = Pairing.objects.filter(
        status__in=OPEN_PAIRING, requested_at__lt=_ago(clock.scaled(STALE_PAIRING))
    )
    return sum(
        session_services.end_pairing(pairing.pk, Pairing.Status.EXPIRED) for pairing in stale
    )


def ring_campaigns() -> int:
    """Ring again for launches and cancellations whose task got lost."""
    lost = Campaign.objects.filter(updated_at__lt=_ago(clock.scaled(LOST_TASK)))
    launching = lost.filter(status=Campaign.Status.LAUNCHING).values_list("pk", flat=True)
    cancelled = lost.filter(
        status=Campaign.Status.CANCELLED,
        ended_at__gt=_ago(RECENT),
        pk__in=Delivery.objects.filter(status=Status.QUEUED).values("campaign"),
    ).values_list("pk", flat=True)
    rings = [("blu.tasks.take_snapshot", pk) for pk in launching]
    rings += [("blu.tasks.cancel_rows", pk) for pk in cancelled]
    Campaign.objects.filter(pk__in=[pk for _task, pk in rings]).update(updated_at=Now())
    for task, pk in rings:
        queue.enqueue(task, pk)
    return len(rings)


def ring_imports() -> int:
    """Ring again for imports that nobody works on: never started, or cut off.

    Whoever is rung for in vain finds the import's lock taken and leaves it alone.
    """
    unfinished = (Import.Status.READING, Import.Status.QUEUED, Import.Status.RUNNING)
    lost = Import.objects.filter(status__in=unfinished, rung_at__lt=_ago(clock.scaled(LOST_TASK)))
    ids = list(lost.values_list("pk", flat=True))
    Import.objects.filter(pk__in=ids).update(rung_at=Now())
    for pk in ids:
        queue.enqueue("blu.tasks.run_import", pk)
    return len(ids)


def tidy_forgotten_imports() -> int:
    """Spreadsheets that nobody came back to are discarded with their files; how many.

    Now and then also the rows with a problem of a month ago.
    """
    tidy()
    return discard_forgotten()


def tidy_exports() -> int:
    """Exports that nobody fetched in time are deleted, one look every SWEEP seconds; how many."""
    return exports.sweep() if pages.add("exports-swept", True, SWEEP) else 0


def tidy_strangers() -> int:
    """Words of people who turned out to be none of ours are forgotten, as exports are; of how many people."""
    return strangers.sweep() if pages.add("strangers-swept", True, SWEEP) else 0


def _ago(seconds: float) -> "ExpressionWrapper[CombinedExpression]":
    """So many seconds before now, by the database's clock."""
    return ExpressionWrapper(Now() - timedelta(seconds=seconds), output_field=DateTimeField())
