"""The doorbell's clockwork: what is due and not being worked on is rung for (design.md section 2).

`manage.py watch` calls `go_round` every few seconds, one leader at a time. A ring that django-q2
loses is rung again, so nothing waits for ever.
"""

from datetime import timedelta
from typing import Any

import structlog
from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

from blu.lib import clock, queue
from campaigns.models import Campaign, Delivery
from campaigns.transitions import Status
from contacts.models import Import
from sessions import services as session_services
from sessions.models import VISITABLE, Pairing, State, WhatsAppSession

log = structlog.get_logger()

RING_AGAIN = 30.0  # seconds before a session that didn't answer is rung again
REPLY_CHECK = 600.0  # seconds between visits of a session with nothing to send
REPLY_CHECK_TRIAL = 15.0  # the same on the simulator, where somebody is watching
LOST_TASK = 60.0  # seconds after which a job that didn't start is rung again
STUCK_IMPORT = 1500.0  # longer than django-q2 lets a task run

# Sessions with something to claim, to reconcile, or whose replies were not read for a while.
_DUE = """
SELECT s.id, s.node FROM wa_sessions_whatsappsession s
  JOIN wa_sessions_lease lease ON lease.session_id = s.id
 WHERE s.linked_at IS NOT NULL
   AND (s.state = ANY(%(visitable)s)
        OR (s.state = %(restricted)s AND s.state_until <= now()))
   AND (lease.expires_at IS NULL OR lease.expires_at < now())
   AND (s.rung_at IS NULL OR s.rung_at < now() - make_interval(secs => %(again)s))
   AND (EXISTS (SELECT 1 FROM campaigns_notice n
                 WHERE n.session_id = s.id AND n.status = 'queued' AND n.not_before <= now())
     OR (coalesce(s.idle_until, now()) <= now() AND EXISTS (
                SELECT 1 FROM campaigns_campaign c
                 WHERE c.session_id = s.id AND c.status = 'running'
                   AND EXISTS (SELECT 1 FROM campaigns_delivery d
                                WHERE d.campaign_id = c.id AND d.session_id = s.id
                                  AND d.status = 'queued' AND d.not_before <= now())))
     OR EXISTS (SELECT 1 FROM campaigns_delivery d
                 WHERE d.session_id = s.id AND d.status = 'sending')
     OR EXISTS (SELECT 1 FROM campaigns_notice n
                 WHERE n.session_id = s.id AND n.status = 'sending')
     OR s.visited_at IS NULL
     OR s.visited_at < now() - make_interval(secs =>
            CASE WHEN s.pacing = 'trial' THEN %(trial_check)s ELSE %(check)s END))
 ORDER BY s.rung_at NULLS FIRST, s.id
"""


def go_round() -> int:
    """One round: ring for every session, pairing, launch, cancellation and import that is due."""
    return ring_sessions() + ring_pairings() + ring_campaigns() + ring_imports()


def ring_sessions() -> int:
    """Enqueue a visit for each session that is due; how many."""
    values: dict[str, Any] = {
        "visitable": list(VISITABLE),
        "restricted": State.RESTRICTED,
        "again": clock.scaled(RING_AGAIN),
        "check": clock.scaled(REPLY_CHECK),
        "trial_check": clock.scaled(REPLY_CHECK_TRIAL),
    }
    with connection.cursor() as cursor:
        cursor.execute(_DUE, values)
        due = cursor.fetchall()
    for session_id, node in due:
        WhatsAppSession.objects.filter(pk=session_id).update(rung_at=timezone.now())
        queue.enqueue(
            "blu.tasks.visit", session_id, cluster=queue.browser_cluster(node or settings.NODE)
        )
    return len(due)


def ring_pairings() -> int:
    """Ring again for attempts that nobody opened; end those that were left open."""
    now = timezone.now()
    stale = now - timedelta(seconds=clock.scaled(600))
    for pairing in Pairing.objects.filter(
        status__in=session_services.OPEN_PAIRING, requested_at__lt=stale
    ):
        session_services.end_pairing(pairing.pk, Pairing.Status.EXPIRED)
    again = now - timedelta(seconds=clock.scaled(RING_AGAIN))
    waiting = Pairing.objects.select_related("session").filter(
        Q(session__lease__expires_at__isnull=True) | Q(session__lease__expires_at__lt=now),
        Q(session__rung_at__isnull=True) | Q(session__rung_at__lt=again),
        status__in=session_services.OPEN_PAIRING,
        requested_at__lt=now - timedelta(seconds=clock.scaled(15)),
    )
    for pairing in waiting:
        WhatsAppSession.objects.filter(pk=pairing.session_id).update(rung_at=now)
        session_services.ring_pairing(pairing)
    return len(waiting)


def ring_campaigns() -> int:
    """Ring again for launches and cancellations whose task got lost."""
    lost = timezone.now() - timedelta(seconds=clock.scaled(LOST_TASK))
    launching = Campaign.objects.filter(status=Campaign.Status.LAUNCHING, updated_at__lt=lost)
    cancelled = Campaign.objects.filter(
        status=Campaign.Status.CANCELLED,
        ended_at__lt=lost,
        ended_at__gt=timezone.now() - timedelta(days=2),
        pk__in=Delivery.objects.filter(status=Status.QUEUED).values("campaign"),
    )
    rings = [("blu.tasks.take_snapshot", pk) for pk in launching.values_list("pk", flat=True)]
    rings += [("blu.tasks.cancel_rows", pk) for pk in cancelled.values_list("pk", flat=True)]
    for task, pk in rings:
        queue.enqueue(task, pk)
    launching.update(updated_at=timezone.now())
    return len(rings)


def ring_imports() -> int:
    """Ring again for imports that never started; those cut off are redelivered by django-q2 itself."""
    now = timezone.now()
    lost = Import.objects.filter(
        Q(status=Import.Status.QUEUED, rung_at__lt=now - timedelta(seconds=clock.scaled(LOST_TASK)))
        | Q(
            status=Import.Status.RUNNING,
            rung_at__lt=now - timedelta(seconds=clock.scaled(STUCK_IMPORT)),
        )
    )
    ids = list(lost.values_list("pk", flat=True))
    Import.objects.filter(pk__in=ids).update(rung_at=now)
    for pk in ids:
        queue.enqueue("blu.tasks.run_import", pk)
    return len(ids)
