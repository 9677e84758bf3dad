"""The ledger held against what the recipients saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from campaigns.message import text_for
from campaigns.models import Campaign, Delivery
from campaigns.transitions import Status

PROVEN = (Status.SENT, Status.DELIVERED, Status.READ)
IN_DOUBT_AT_MOST = 0.15  # of the rows in flight at a kill


@dataclass(frozen=True)
class Verdict:
    """What the truth says of the ledger; all but `uncertain` must be nothing.

    repeated: messages that somebody saw a second time. lost: rows that say sent and that nobody
    saw, and messages somebody saw of which the ledger says neither sent nor uncertain, and rows
    left open. with_evidence: rows in doubt whose message was there to be found. reasons: those of
    the rows in doubt, each with how many.
    """

    repeated: int
    lost: int
    with_evidence: int
    uncertain: int
    recipients: int
    reasons: Counter[str] = field(default_factory=Counter)

    def complaints(self, *, in_flight: int) -> list[str]:
        """Every promise that was not kept, a line each; `in_flight` is how many kills hit a send."""
        broken = [
            f"{count} {what}"
            for what, count in (
                ("repeated", self.repeated),
                ("lost", self.lost),
                ("in doubt although there was evidence", self.with_evidence),
                ("in doubt without a reason", self.reasons[""]),
            )
            if count
        ]
        if self.uncertain > IN_DOUBT_AT_MOST * in_flight:
            broken.append(f"{self.uncertain} in doubt of {in_flight} in flight")
        return broken


def judge(campaigns: Iterable[Campaign], messages: Iterable[dict[str, Any]]) -> Verdict:
    """Compare every delivery of the campaigns with the truth's messages, by text and by id."""
    rows = list(Delivery.objects.filter(campaign__in=list(campaigns)).select_related("campaign"))
    messages = list(messages)
    seen = Counter((message["account"], message["to"], message["text"]) for message in messages)
    ids = {str(message["id"]) for message in messages}
    accounts = {
        row.campaign_id: _digits(row.campaign.session.phone) for row in rows if row.campaign.session
    }
    lost = evidence = 0
    for row in rows:
        there = seen[accounts[row.campaign_id], _digits(row.phone), text_for(row)] > 0
        if row.status in PROVEN:
            lost += row.message_id not in ids
        elif row.status == Status.UNCERTAIN:
            evidence += there
        else:
            lost += there or row.status in (Status.QUEUED, Status.SENDING)
    reasons = Counter(row.reason for row in rows if row.status == Status.UNCERTAIN)
    repeated = sum(count - 1 for count in seen.values() if count > 1)
    return Verdict(repeated, lost, evidence, reasons.total(), len(rows), reasons)


def _digits(phone: str) -> str:
    return phone.lstrip("+")
