"""When campaigns are through."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from blu.db.retry import retry_while_away
from blu.lab.chaos import ledger_check
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status

REPLIES_SECONDS = 90.0  # for the replies that are still unread when everything was sent
QUIET = 12.0  # seconds without an open row before the ledger is judged, where a proof may come late
SETTLED = 4.0  # the same where no row is in doubt: people's answers come until then


def is_open(campaigns: list[Campaign]) -> bool:
    """Whether any row is still to be sent, or a launch still to be frozen."""
    rows = Delivery.objects.filter(
        campaign__in=campaigns, status__in=(Status.QUEUED, Status.SENDING)
    )
    launching = Campaign.objects.filter(
        pk__in=[campaign.pk for campaign in campaigns], status=Campaign.Status.LAUNCHING
    )
    return retry_while_away(lambda: rows.exists() or launching.exists())


def in_doubt(campaigns: list[Campaign]) -> bool:
    """Whether a late proof may still settle a row."""
    rows = Delivery.objects.filter(campaign__in=campaigns, status=Status.UNCERTAIN)
    return retry_while_away(rows.exists)


def replies_kept(
    campaigns: list[Campaign], truth: Callable[[], dict[str, Any]], deadline: float
) -> bool:
    """Wait until all that people wrote is in the ledger; False at the deadline (monotonic seconds).

    Sessions with nothing to send are visited for replies every few seconds in a trial.
    """
    while True:
        wrote = ledger_check.written(campaigns, truth()["replies"])
        if retry_while_away(lambda wrote=wrote: wrote <= ledger_check.inbox(campaigns)):  # type: ignore[misc]
            return True
        if time.monotonic() > deadline:
            return False
        time.sleep(2)


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
