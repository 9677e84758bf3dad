"""The doorbell's clockwork: what is due and not being worked on is rung for (design.md section 2).

`manage.py watch` calls `go_round` every few seconds, one leader at a time. A ring that django-q2
loses is rung again, so nothing waits for ever.
"""

from datetime import timedelta
from typing import Any

import structlog
from django.db import connection
from django.db.models import DateTimeField, ExpressionWrapper, Q
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now

from blu.lib import clock, queue
from blu.lib.kept import pages
from campaigns import alerts, exports
from campaigns.models import Campaign, Delivery
from campaigns.models.proof import VALID
from campaigns.transitions import Status
from contacts import services as contact_services
from contacts.models import Import
from sessions import nodes
from sessions import services as session_services
from sessions.models import Pairing, WhatsAppSession
from sessions.nodes import Placement
from sessions.states import VISITED, VISITED_IN_TIME

log = structlog.get_logger()

RING_AGAIN = 30.0  # seconds before a session that didn't answer is rung again
REPLY_CHECK = 600.0  # seconds between visits of a session with nothing to send
TEST_CHECK = 20.0  # the same while somebody watches for a test, or writes, on their own phone
REPLY_CHECK_TRIAL = 15.0  # the same on the simulator, where somebody is watching
LOST_TASK = 40.0  # seconds after which a job that didn't start is rung again
LOST_PAIRING = 15.0  # the same for a person who waits for a code
STALE_PAIRING = 600.0  # seconds after which nobody waits any more
SWEEP = 300  # seconds between two looks for exports that are out of date
RECENT = 2 * 86_400.0  # seconds in which a cancellation may still be unfinished

# Sessions with something to claim or to settle, then those whose replies were not read for a while.
# What a dead driver had in hand is settled also where the session may not be opened, on any node.
_DUE = """
SELECT id, node, transport, well FROM (
  SELECT s.id, s.node, s.transport, s.visited_at,
      (s.linked_at IS NOT NULL
   AND (s.state = ANY(%(visited)s)
        OR s.state = ANY(%(in_time)s) AND s.state_until <= statement_timestamp())) AS well,
      (EXISTS (SELECT 1 FROM campaigns_notice n
                WHERE n.session_id = s.id AND n.status = 'queued' AND n.not_before <= statement_timestamp())
    OR (coalesce(s.idle_until, statement_timestamp()) <= statement_timestamp() AND EXISTS (
               SELECT 1 FROM campaigns_campaign c
                WHERE c.session_id = s.id AND c.status = 'running'
                  AND EXISTS (SELECT 1 FROM campaigns_delivery d
                               WHERE d.campaign_id = c.id AND d.session_id = s.id
                                 AND d.status = 'queued' AND d.not_before <= statement_timestamp())))
) AS work,
      (EXISTS (SELECT 1 FROM campaigns_delivery d
                WHERE d.session_id = s.id AND d.status = 'sending')
    OR EXISTS (SELECT 1 FROM campaigns_notice n
                WHERE n.session_id = s.id AND n.status = 'sending')) AS left_behind,
      (s.visited_at IS NULL
    OR s.visited_at < statement_timestamp() - make_interval(secs =>
           CASE WHEN s.pacing = 'trial' THEN %(trial_check)s
                WHEN EXISTS (SELECT 1 FROM campaigns_notice n
                              WHERE n.session_id = s.id AND n.message_id <> '' AND n.kind = 'self_test'
                                AND n.status = 'sent'
                                AND n.sent_at > statement_timestamp() - interval '5 minutes')
                  OR EXISTS (SELECT 1 FROM campaigns_numberproof p
                              WHERE p.session_id = s.id AND p.how = 'wrote' AND p.proven_at IS NULL
                                AND p.asked_at > statement_timestamp() - %(valid)s)
                THEN %(test_check)s ELSE %(check)s END)) AS replies
    FROM wa_sessions_whatsappsession s
    JOIN wa_sessions_lease lease ON lease.session_id = s.id
   WHERE (lease.expires_at IS NULL OR lease.expires_at < statement_timestamp())
     AND (s.rung_at IS NULL OR s.rung_at < statement_timestamp() - make_interval(secs => %(again)s))) due
 WHERE left_behind OR well AND (work OR replies)
 ORDER BY left_behind OR work DESC, visited_at NULLS FIRST, id
"""


def go_round(*, steady: bool = True) -> int:
    """One round: ring for every session, pairing, launch, cancellation and import that is due.

    `steady` says that the database answered for long enough to tell a dead node from one that
    could not give a sign of life.
    """
    rung = ring_sessions(steady=steady) + ring_pairings() + ring_campaigns() + ring_imports()
    # After an outage of ours every session looks silent until it was visited.
    return rung + (alerts.look() if steady else 0)


def ring_sessions(*, steady: bool = True) -> int:
    """Enqueue a visit for each session that is due and finds a free slot; how many.

    What finds none stays due: a visit that waits in a queue could go to no other node.
    """
    values: dict[str, Any] = {
        "visited": list(VISITED),
        "in_time": list(VISITED_IN_TIME),
        "again": clock.scaled(RING_AGAIN),
        "check": clock.scaled(REPLY_CHECK),
        "test_check": clock.scaled(TEST_CHECK),
        "valid": VALID,
        "trial_check": clock.scaled(REPLY_CHECK_TRIAL),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, values)
        due = cursor.fetchall()
    placement = Placement(nodes.standings(), steady=steady) if due else None
    rung = 0
    for session_id, home_on, transport, well in due:
        bound = well and transport == WhatsAppSession.Transport.BROWSER
        node = placement.choose(home_on if bound else "") if placement else None
        if node is not None:
            _ring_session(session_id, node)
            rung += 1
    return rung


def _ring_session(session_id: int, node: str) -> None:
    WhatsAppSession.objects.filter(pk=session_id).update(rung_at=Now())
    queue.enqueue("blu.tasks.visit", session_id, cluster=queue.browser_cluster(node))


def tidy_gone_nodes() -> int:
    """What a node had taken when it died is done by others; how many tasks."""
    gone = [standing.name for standing in nodes.standings().values() if standing.gone]
    return sum(
        queue.give_back(cluster, node)
        for node in gone
        for cluster in (queue.JOBS, queue.browser_cluster(node))
    )


def ring_pairings() -> int:
    """Ring again for attempts that nobody opened; end those that were left open."""
    for pairing in Pairing.objects.filter(
        status__in=session_services.OPEN_PAIRING, requested_at__lt=_ago(clock.scaled(STALE_PAIRING))
    ):
        session_services.end_pairing(pairing.pk, Pairing.Status.EXPIRED)
    again = _ago(clock.scaled(RING_AGAIN))
    waiting = Pairing.objects.select_related("session").filter(
        Q(session__lease__expires_at__isnull=True) | Q(session__lease__expires_at__lt=Now()),
        Q(session__rung_at__isnull=True) | Q(session__rung_at__lt=again),
        status__in=session_services.OPEN_PAIRING,
        requested_at__lt=_ago(clock.scaled(LOST_PAIRING)),
    )
    for pairing in waiting:
        WhatsAppSession.objects.filter(pk=pairing.session_id).update(rung_at=Now())
        session_services.ring_pairing(pairing)
    return len(waiting)


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
    contact_services.tidy()
    return contact_services.discard_forgotten()


def tidy_exports() -> int:
    """Exports that nobody fetched in time are deleted, one look every SWEEP seconds; how many."""
    return exports.sweep() if pages.add("exports-swept", True, SWEEP) else 0


def _ago(seconds: float) -> "ExpressionWrapper[CombinedExpression]":
    """So many seconds before now, by the database's clock."""
    return ExpressionWrapper(Now() - timedelta(seconds=seconds), output_field=DateTimeField())
