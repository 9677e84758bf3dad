"""The outbox: how the drive claims, presses, settles and hears, in the ledger.

Every step is one statement with its own commit, fenced by the lease (design.md section 5). This
module implements `sessions.interfaces.Outbox`; the statements are in `campaigns.statements`.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from time import monotonic
from typing import Any

from blu.lib import clock
from campaigns import breaker, marks, message, pacing, prepared, statements
from campaigns.inbox import hear_reply
from campaigns.models import Reply
from campaigns.notice_rules import UNDER_QUOTA
from campaigns.pacing import Closed, Gate, Limits
from campaigns.services import finish_if_done
from campaigns.transitions import Reason, Status
from sessions import services
from sessions.events import Address, Entering, Incoming, Mark, PhoneSeen, Receipt, Text
from sessions.interfaces import (
    Grip,
    Idle,
    InDoubt,
    Key,
    LeaseLost,
    Outcome,
    Outgoing,
    Sent,
    UncertainMessage,
)

LOOK_EVERY = 10  # settled rows of a campaign between two looks of the circuit breaker
LOOK_AGAIN = 1.0  # seconds, where rows come faster than any real pacing lets them

TABLES = {"delivery": "campaigns_delivery", "notice": "campaigns_notice"}
LOOK_FOR_NOTICES = 1.0  # seconds between two looks while deliveries are being claimed


class LedgerOutbox:
    """The ledger as the drive of one visit sees it; keeps only hints between calls."""

    def __init__(self) -> None:
        self._last_campaign = 0
        self._early: dict[str, Receipt] = {}
        self._limits: Limits | None = None
        self._looked = False
        self._looked_at = 0.0
        self._settled: Counter[int] = Counter()
        self._notices_at = 0.0

    def next(self, grip: Grip) -> Outgoing | Idle:
        """Claim one row, notices first, then campaigns in turn; LeaseLost when the fence is old.

        The interval holds for all of them, the rest of the gate for campaigns only.
        """
        self._limits = limits = self._limits or pacing.limits_of(grip.session_id)
        waits_until = pacing.interval_ends(limits, now=clock.now())
        if waits_until:
            return Idle(waits_until)
        notice = self._claim_notice(grip, limits)
        if notice:
            return notice
        self._look(grip)
        gate = pacing.gate(limits)
        if isinstance(gate, Closed):
            return Idle(gate.until)
        while True:
            row = prepared.one(statements.CLAIM_DELIVERY, self._claim_values(grip, gate))
            if row is None:
                return self._nothing(grip, gate)
            self._last_campaign = row["campaign_id"]
            if row["status"] == Status.SENDING:
                return _outgoing(row)

    def before_wire(self, grip: Grip, key: Key) -> None:
        """Commit pressed_at just before the wire; LeaseLost when the row or the lease is not ours."""
        values = {"id": key.id, "session": grip.session_id, "fence": grip.fence}
        _fenced(statements.PRESS.format(table=TABLES[key.kind]), values)

    def settle(self, grip: Grip, key: Key, outcome: Outcome) -> None:
        """Write what became of a claimed row; LeaseLost when zero rows changed."""
        values: dict[str, Any] = {"id": key.id, "session": grip.session_id, "fence": grip.fence}
        sql, more = _settlement(outcome)
        _fenced(sql.format(table=TABLES[key.kind]), values | more)
        if key.kind == "delivery":
            self._settled[self._last_campaign] += 1
        early = self._early.pop(more.get("message_id", ""), None)
        if early:
            self.record_event(grip.session_id, early)

    def record_lookup(self, grip: Grip, key: Key, address: Address | None) -> None:
        """Remember WhatsApp's own id of the row's number, or that it has none."""
        values = {
            "id": key.id,
            "session": grip.session_id,
            "wa_id": address.wa_id if address else "",
        }
        prepared.count(statements.RESOLVED.format(table=TABLES[key.kind]), values)

    def record_event(self, session_id: int, event: Receipt | Incoming | PhoneSeen) -> None:
        """Keep a receipt, a reply or a sign of the phone; repeating it changes nothing."""
        if isinstance(event, PhoneSeen):
            services.phone_seen(session_id, at=event.at)
            return
        if isinstance(event, Incoming):
            reply = hear_reply(session_id=session_id, incoming=event)
            if reply and reply.delivery and reply.kind == Reply.Kind.STOP:
                breaker.look(reply.delivery.campaign_id)
            self._notices_at = 0.0  # it may have to be confirmed
            return
        values = {
            "session": session_id,
            "message_id": event.message_id,
            "tick": event.tick.value,
            "at": event.at,
        }
        known = [
            prepared.one(statements.RECEIPT.format(table=table), values)
            for table in TABLES.values()
        ]
        if not any(row and row["known"] for row in known):
            # It came before the ack: kept until the row has its message id.
            self._early[event.message_id] = event

    def entering(self, grip: Grip, entering: Entering) -> None:
        """Commit a mark for a chat that is about to be opened; LeaseLost when the fence is old."""
        marks.enter(grip, entering)

    def read_out(self, grip: Grip, chat: str) -> None:
        """Take the mark of a chat away, after its replies were kept."""
        marks.read_out(grip, chat)

    def marks(self, grip: Grip) -> list[Mark]:
        """The marks that are left, before anything is opened."""
        return marks.left(grip)

    def recover(self, grip: Grip) -> int:
        """Move what an older holder left in `sending`: back to the queue, or in doubt if pressed."""
        values = {"session": grip.session_id, "fence": grip.fence}
        return sum(
            prepared.count(statements.RECOVER.format(table=table), values)
            for table in TABLES.values()
        )

    def has_in_flight(self, session_id: int) -> bool:
        """Whether a driver has, or had when it died, a row of this session in hand."""
        row = prepared.one(statements.LEFT_BEHIND, {"session": session_id})
        return bool(row and row["any"])

    def uncertain_messages(self, grip: Grip) -> list[UncertainMessage]:
        """Rows in doubt that nobody looked for yet, or of the last hour, newest first: their exact
        text, and what else went to that person.
        """
        values = {"session": grip.session_id}
        deliveries = [
            _doubt(
                "delivery",
                row,
                message.render(row["body"], row["footer"], json.loads(row["variables"])),
            )
            for row in prepared.rows(statements.DOUBTFUL_DELIVERIES, values)
        ]
        notices = [
            _doubt("notice", row, row["text"])
            for row in prepared.rows(statements.DOUBTFUL_NOTICES, values)
        ]
        return deliveries + notices

    def confirm_sent(self, grip: Grip, key: Key, sent: Sent) -> None:
        """Turn a row in doubt into sent; LeaseLost when the fence is old.

        Where a person or a receipt was quicker nothing is left to do.
        """
        values: dict[str, Any] = {"session": grip.session_id, "fence": grip.fence, "id": key.id}
        values |= {"message_id": sent.message_id, "at": sent.at, "tick": sent.tick.value}
        moved = prepared.count(statements.PROVED.format(table=TABLES[key.kind]), values)
        if not moved and prepared.one(statements.HELD_ON_ANY_LINK, values) is None:
            raise LeaseLost

    def awaiting_receipts(self, grip: Grip) -> list[tuple[str, str]]:
        """(WhatsApp id, message id) of recent messages whose next tick is still to come."""
        rows = prepared.rows(statements.AWAITING, {"session": grip.session_id})
        return [(row["wa_id"], row["message_id"]) for row in rows]

    def _look(self, grip: Grip) -> None:
        """Let the circuit breaker look at each campaign that has come far enough since its last look.

        Before the first claim at all: at what earlier visits sent, and at what was answered since.
        """
        if not self._looked:
            breaker.look_at_session(grip.session_id)
            self._looked = True
        due = [pk for pk, settled in self._settled.items() if settled >= LOOK_EVERY]
        if not due or monotonic() - self._looked_at <= LOOK_AGAIN:
            return
        self._looked_at = monotonic()
        for pk in due:
            del self._settled[pk]
            breaker.look(pk)

    def _claim_notice(self, grip: Grip, limits: Limits) -> Outgoing | None:
        if monotonic() - self._notices_at < LOOK_FOR_NOTICES:
            return None
        now = clock.now()
        values = {
            "session": grip.session_id,
            "fence": grip.fence,
            "under_quota": list(UNDER_QUOTA),
            "used_up": pacing.new_chats_are_used_up(limits, now=now),
            "tomorrow": pacing.tomorrow(now, limits),
        }
        while row := prepared.one(statements.CLAIM_NOTICE, values):
            if row["status"] == Status.SENDING:
                key = Key("notice", row["id"])
                return Outgoing(key, _address(row), Text(row["text"]))
        self._notices_at = monotonic()
        return None

    def _claim_values(self, grip: Grip, gate: Gate) -> dict[str, Any]:
        return {
            "session": grip.session_id,
            "fence": grip.fence,
            "last": self._last_campaign,
            "warm_only": gate.warm_only,
            "closed": list(gate.closed_area_codes),
        }

    def _nothing(self, grip: Grip, gate: Gate) -> Idle:
        """Why there was nothing to claim: a lost lease, an end, or a later time."""
        self._notices_at = 0.0
        values = {"session": grip.session_id, "fence": grip.fence}
        if prepared.one(statements.HELD, values) is None:
            raise LeaseLost
        finish_if_done(session_id=grip.session_id)
        row = prepared.one(statements.NEXT_DUE, {"session": grip.session_id})
        due: datetime | None = row["due"] if row else None
        return Idle(max(due, gate.reopens) if due and gate.reopens else due)


def _outgoing(row: dict[str, Any]) -> Outgoing:
    text = message.render(row["body"], row["footer"], json.loads(row["variables"]))
    return Outgoing(Key("delivery", row["id"]), _address(row), Text(text))


def _doubt(kind: str, row: dict[str, Any], text: str) -> UncertainMessage:
    known = frozenset(row["known"])
    return UncertainMessage(
        Key(kind, row["id"]), _address(row), Text(text), row["pressed_at"], known
    )


def _address(row: dict[str, Any]) -> Address:
    return Address(row["phone"], row["wa_id"] or "")


def _settlement(outcome: Outcome) -> tuple[str, dict[str, Any]]:
    """The statement that writes an outcome, and what it needs beside the row and the fence."""
    if isinstance(outcome, Sent):
        return statements.SETTLE_SENT, {
            "message_id": outcome.message_id,
            "at": outcome.at,
            "tick": outcome.tick.value,
        }
    if isinstance(outcome, InDoubt):
        return statements.SETTLE_IN_DOUBT, {
            "message_id": outcome.message_id,
            "reason": _reason(outcome.reason, Reason.LINK_LOST),
        }
    if outcome.permanent:
        return statements.SETTLE_FAILED, {"reason": _reason(outcome.reason, Reason.REFUSED)}
    return statements.SETTLE_RETRY, {}


def _reason(reason: str, otherwise: Reason) -> str:
    """The ledger's word for a transport's reason; its own text stays in the logs."""
    return reason if reason in Reason.values else str(otherwise)


def _fenced(sql: str, values: dict[str, Any]) -> None:
    if prepared.count(sql, values) == 0:
        raise LeaseLost
