"""Enqueues what is due and not being worked on.

`manage.py watch` calls `dispatch_due` every ten seconds, one leader at a time. A task that django-q2
loses is enqueued again, so nothing waits for ever.
"""

from datetime import timedelta

import structlog
from django.contrib.sessions.models import Session
from django.db.models import DateTimeField, ExpressionWrapper
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from blu.accounts import closing as businesses
from blu.db import clock
from blu.db.cached_by_cost import pages
from blu.jobs import queue
from campaigns.alerts import incidents
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from campaigns.replies import holds, strangers
from campaigns.reports import exports
from contacts.imports.retention import discard_forgotten, tidy
from contacts.models import Import
from contacts.optin import asking
from contacts.retention import nightly
from contacts.takeout import services as takeouts
from sessions.driving import nodes
from sessions.linking import moves
from sessions.linking import services as session_services
from sessions.models import OPEN_PAIRING, Pairing

log = structlog.get_logger()

LOST_TASK = 40.0  # seconds after which a job that didn't start is enqueued again
STALE_PAIRING = 600.0  # seconds after which nobody waits any more
SWEEP = 300  # seconds between two looks for what is out of date
RECENT = 2 * 86_400.0  # seconds in which a cancellation may still be unfinished


def dispatch_due(*, steady: bool = True) -> int:
    """Enqueue every launch, cancellation, import and e-mail that is due. Returns the number of tasks.

    `steady` says that the database answered for long enough to tell a dead node from one that
    could not give a sign of life.
    """
    end_stale_pairings()
    enqueued = enqueue_campaigns() + enqueue_imports()
    # After an outage of ours every session looks silent until it was visited.
    return enqueued + (incidents.update() if steady else 0)


def tidy_gone_nodes() -> int:
    """Give back the tasks that a node had taken when it died. Returns the number of tasks."""
    gone = [standing.name for standing in nodes.standings().values() if standing.gone]
    return sum(
        queue.give_back(cluster, node)
        for node in gone
        for cluster in (queue.JOBS, queue.browser_cluster(node))
    )


def end_stale_pairings() -> int:
    """End the attempts to link that were left open. Returns the number ended."""
    stale = Pairing.objects.filter(
        status__in=OPEN_PAIRING, requested_at__lt=_ago(clock.scaled(STALE_PAIRING))
    )
    return sum(
        session_services.end_pairing(pairing.pk, Pairing.Status.EXPIRED) for pairing in stale
    )


def enqueue_campaigns() -> int:
    """Enqueue launches and cancellations whose task got lost. Returns the number of tasks."""
    lost = Campaign.objects.filter(updated_at__lt=_ago(clock.scaled(LOST_TASK)))
    launching = lost.filter(status=Campaign.Status.LAUNCHING).values_list("pk", flat=True)
    cancelled = lost.filter(
        status=Campaign.Status.CANCELLED,
        ended_at__gt=_ago(RECENT),
        pk__in=Delivery.objects.filter(status=Status.QUEUED).values("campaign"),
    ).values_list("pk", flat=True)
    tasks = [("blu.tasks.take_snapshot", pk) for pk in launching]
    tasks += [("blu.tasks.cancel_rows", pk) for pk in cancelled]
    Campaign.objects.filter(pk__in=[pk for _task, pk in tasks]).update(updated_at=Now())
    for task, pk in tasks:
        queue.enqueue(task, pk)
    return len(tasks)


def enqueue_imports() -> int:
    """Enqueue imports that were never started, or were cut off. Returns the number of tasks.

    A task too many finds the import's lock taken and leaves it alone.
    """
    unfinished = (Import.Status.READING, Import.Status.QUEUED, Import.Status.RUNNING)
    lost = Import.objects.filter(
        status__in=unfinished, enqueued_at__lt=_ago(clock.scaled(LOST_TASK))
    )
    ids = list(lost.values_list("pk", flat=True))
    Import.objects.filter(pk__in=ids).update(enqueued_at=Now())
    for pk in ids:
        queue.enqueue("blu.tasks.run_import", pk)
    return len(ids)


def tidy_forgotten_imports() -> int:
    """Discard spreadsheets that were left unfinished, with their files. Returns the number discarded.

    Now and then also deletes the rows with a problem of a month ago.
    """
    tidy()
    return discard_forgotten()


def tidy_exports() -> int:
    """Delete what was prepared and is past its time, every SWEEP seconds. Returns the number of files."""
    return exports.sweep() + takeouts.sweep() if pages.add("exports-swept", True, SWEEP) else 0


def tidy_strangers() -> int:
    """Delete the words of strangers, every SWEEP seconds. Returns the number of people."""
    return strangers.sweep() if pages.add("strangers-swept", True, SWEEP) else 0


def tidy_opt_ins() -> int:
    """Delete requests on public pages that nobody confirmed, every SWEEP seconds. Returns the number deleted."""
    return asking.sweep() if pages.add("opt-ins-swept", True, SWEEP) else 0


def tidy_web_sessions() -> int:
    """Delete the sessions of browsers that have expired, every SWEEP seconds. Returns the number deleted."""
    if not pages.add("web-sessions-swept", True, SWEEP):
        return 0
    return Session.objects.filter(expire_date__lt=Now()).delete()[0]


def forget_old() -> int:
    """Enqueue tonight's runs of retention, every SWEEP seconds. Returns the number of tasks."""
    return nightly.enqueue_due() if pages.add("retention-looked", True, SWEEP) else 0


def end_moves() -> int:
    """Unlink the devices that accounts have moved away from, once nobody goes back. Returns how many."""
    return moves.end_due()


def close_businesses() -> int:
    """Enqueue the deletions of businesses that are under way. Returns the number of tasks."""
    due = businesses.due()
    for pk in due:
        queue.enqueue("blu.tasks.close_business", pk)
    return len(due)


def settle_holds() -> int:
    """Carry out what people decided of doubtful answers, and skip what waited too long. Returns how many."""
    return holds.carry_out()


def _ago(seconds: float) -> "ExpressionWrapper[CombinedExpression]":
    """So many seconds before now, by the database's clock."""
    return ExpressionWrapper(Now() - timedelta(seconds=seconds), output_field=DateTimeField())
