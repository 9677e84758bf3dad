"""The ledger held against what the recipients saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from campaigns.messages.content import text_for
from campaigns.models import Campaign, Delivery, Reply
from campaigns.models.ledger_states import Status

PROVEN = (Status.SENT, Status.DELIVERED, Status.READ)
IN_DOUBT_AT_MOST = 0.15  # of the rows in flight at a kill; of a direct link's more, as it seals a message after its press
SEALED_AFTER_THE_PRESS = ("direct",)
ENOUGH = 20  # rows in flight, of which a share says something: of four, two are chance


@dataclass(frozen=True)
class Verdict:
    """What the truth says of the ledger; all but `uncertain` must be nothing.

    repeated: messages that somebody saw a second time. lost: rows that say sent and that nobody
    saw, and messages somebody saw of which the ledger says neither sent nor uncertain, and rows
    left open. replies_lost: what people wrote to an account and its session's inbox does not hold.
    replies_made_up: what an inbox holds and nobody wrote. with_evidence: rows in doubt whose
    message was there to be found. reasons: those of the rows in doubt, each with how many; unsealed: those of
    them whose press may have been long before the wire.
    """

    repeated: int
    lost: int
    with_evidence: int
    uncertain: int
    recipients: int
    replies: int = 0
    replies_lost: int = 0
    replies_made_up: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    unsealed: int = 0

    def complaints(self, *, in_flight: int) -> list[str]:
        """Returns every promise that was not kept, a line each; `in_flight` is the number of kills that hit a send of a
        link that presses right before the wire.
        """
        broken = [
            f"{count} {what}"
            for what, count in (
                ("repeated", self.repeated),
                ("lost", self.lost),
                ("replies lost", self.replies_lost),
                ("replies that nobody wrote", self.replies_made_up),
                ("in doubt although there was evidence", self.with_evidence),
                ("in doubt without a reason", self.reasons[""]),
            )
            if count
        ]
        judged = self.uncertain - self.unsealed
        if in_flight >= ENOUGH and judged > IN_DOUBT_AT_MOST * in_flight:
            broken.append(f"{judged} in doubt of {in_flight} in flight")
        return broken


def judge(
    campaigns: Iterable[Campaign],
    messages: Iterable[dict[str, Any]],
    replies: Iterable[dict[str, Any]] = (),
) -> Verdict:
    """Compare every delivery of the campaigns with the truth's messages, by text and by id, and
    their sessions' inboxes with the truth's `replies`, by id.
    """
    campaigns = list(campaigns)
    wrote, kept = written(campaigns, replies), inbox(campaigns)
    rows = list(Delivery.objects.filter(campaign__in=campaigns).select_related("campaign"))
    messages = list(messages)
    seen = Counter(
        (_digits(message["account"]), _digits(message["to"]), message["text"])
        for message in messages
    )
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
    doubts = [row for row in rows if row.status == Status.UNCERTAIN]
    reasons = Counter(row.reason for row in doubts)
    repeated = sum(count - 1 for count in seen.values() if count > 1)
    return Verdict(
        repeated, lost, evidence, reasons.total(), len(rows),
        len(wrote), len(wrote - kept), len(kept - wrote), reasons, sum(map(_is_unsealed, doubts)),
    )  # fmt: skip


def _is_unsealed(row: Delivery) -> bool:
    session = row.campaign.session
    return session is not None and session.link.transport in SEALED_AFTER_THE_PRESS


def written(
    campaigns: Iterable[Campaign], replies: Iterable[dict[str, Any]]
) -> set[tuple[int, str]]:
    """What people wrote to the campaigns' accounts: (session, WhatsApp's id)."""
    sessions = {
        _digits(campaign.session.phone): campaign.session.pk
        for campaign in campaigns
        if campaign.session
    }
    return {
        (sessions[account], str(reply["id"]))
        for reply in replies
        if (account := _digits(str(reply["account"]))) in sessions
    }


def inbox(campaigns: Iterable[Campaign]) -> set[tuple[int, str]]:
    """What the ledger has kept of it; once each is a constraint of the table."""
    ids = {campaign.session_id for campaign in campaigns}
    return set(Reply.objects.filter(session__in=ids).values_list("session_id", "message_id"))


def longest_pause(campaigns: Iterable[Campaign]) -> float:
    """The longest, in seconds, that a session sent nothing between two messages: what a kill cost."""
    sent = (
        Delivery.objects.filter(campaign__in=list(campaigns), sent_at__isnull=False)
        .order_by("session_id", "sent_at")
        .values_list("session_id", "sent_at")
    )
    pauses = [
        (after - before).total_seconds()
        for (session, before), (same, after) in pairwise(sent)
        if session == same and before and after
    ]
    return max(pauses, default=0.0)


def _digits(phone: str) -> str:
    return phone.lstrip("+")
