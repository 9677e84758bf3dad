"""How soon a campaign's first message is pressed: launched as by a person, one after the other, at random moments, while
nothing else is sent. What comes between is the jobs cluster, which takes the snapshot, and the host, which is told of it.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import connection

from blu.accounts.models import User
from blu.db import clock
from blu.lab.bench import fleet, linked_accounts, seeding
from blu.lab.bench.fleet import Fleet
from blu.lab.bench.hosts import Host
from blu.lab.bench.measuring import Figure, median
from campaigns import lifecycle
from campaigns.models import Campaign
from contacts.models import Topic
from sessions.models import WhatsAppSession

LAUNCHES = 20
APART = 2.0  # seconds between two at most, from the first press of the one
STOPS_WITHIN = 30.0  # seconds

# From the statement that launches it, some milliseconds before that is committed.
_WAITED = """
SELECT extract(epoch FROM min(row.pressed_at) - campaign.launched_at)::float,
       extract(epoch FROM min(row.not_before) - campaign.launched_at)::float
  FROM campaigns_campaign campaign JOIN campaigns_delivery row ON row.campaign_id = campaign.id
 WHERE campaign.id = ANY(%s) GROUP BY campaign.id
"""


def measure(links: Fleet, host: Host) -> Figure:
    """The longest of all launches from the launch to the first press."""
    several = links.several[: LAUNCHES + 1]
    with _jobs():
        # The first one only finds that the cluster is there.
        first, *campaigns = links.launched([_launched(session) for session in several])
        fleet.until_settled([first, *campaigns])
    with connection.cursor() as cursor:
        cursor.execute(_WAITED, [[campaign.pk for campaign in campaigns]])
        waited, taken = zip(*cursor.fetchall(), strict=True)
    return Figure(
        bench="failover launch", rows=len(campaigns), unit="seconds, the longest", figure=max(waited),
        floor=None, peak_mb=fleet.mb(host), target="<= 1",
        more={
            "median_seconds": round(median(waited), 3),
            "median_seconds_until_the_snapshot": round(median(taken), 3),
            "longest_seconds_until_the_snapshot": round(max(taken), 3),
        },
    )  # fmt: skip


def _launched(session: WhatsAppSession) -> Campaign:
    topic = Topic.objects.get(business=session.business)
    draft = seeding.draft(session.business, topic, session)
    linked_accounts.told_apart(draft)
    time.sleep(clock.scaled(random.uniform(0, APART)))
    campaign = lifecycle.launch(
        campaign_id=draft.pk, business=session.business, actor=User.objects.get()
    )
    pressed = campaign.deliveries.filter(pressed_at__isnull=False)
    linked_accounts.until(pressed.exists)
    return campaign


@contextmanager
def _jobs() -> Iterator[None]:
    """`manage.py cluster` that takes snapshots, as on every node."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "cluster"],
        cwd=settings.BASE, env=os.environ | {"Q_CLUSTER_NAME": "jobs", "BLU_DATABASE_ROLE": "blu_jobs"},
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
