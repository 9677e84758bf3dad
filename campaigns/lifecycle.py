"""The one way a campaign's status is written: a conditional UPDATE, by the table of moves."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from blu.lib.moves import sources
from campaigns.campaign_states import MOVES, CampaignStatus
from campaigns.models import Campaign


def move(campaigns: QuerySet[Campaign], status: CampaignStatus, **values: Any) -> int:
    """Move those of `campaigns` that may go to `status` from where they are; returns their number.

    `values` are written with it. A campaign that is there already is not among them.
    """
    before = [source for source in sources(status, MOVES) if source != status]
    written = {"pause_reason": "", "pause_counts": {}, "updated_at": timezone.now()} | values
    return campaigns.filter(status__in=before).update(status=status, **written)
