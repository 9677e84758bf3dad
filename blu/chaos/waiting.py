"""When campaigns are through."""

from __future__ import annotations

import time

from blu.lib.patience import patiently
from campaigns.models import Campaign, Delivery
from campaigns.transitions import Status

QUIET = 12.0  # seconds without an open row before the ledger is judged


def is_open(campaigns: list[Campaign]) -> bool:
    """Whether any row is still to be sent, or a launch still to be frozen."""
    rows = Delivery.objects.filter(
        campaign__in=campaigns, status__in=(Status.QUEUED, Status.SENDING)
    )
    launching = Campaign.objects.filter(
        pk__in=[campaign.pk for campaign in campaigns], status=Campaign.Status.LAUNCHING
    )
    return patiently(lambda: rows.exists() or launching.exists())


def settle(campaigns: list[Campaign], deadline: float, *, quiet: float = QUIET) -> bool:
    """Wait until no row is open and `quiet` seconds longer, for late proofs; False at the deadline
    (monotonic seconds).
    """
    quiet_since: float | None = None
    while time.monotonic() < deadline:
        if is_open(campaigns):
            quiet_since = None
        elif quiet_since is None:
            quiet_since = time.monotonic()
        elif time.monotonic() - quiet_since > quiet:
            return True
        time.sleep(0.5)
    return False
