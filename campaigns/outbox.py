"""The outbox: how the drive claims, presses, settles and hears, in the ledger.

Every step is one statement with its own commit, fenced by the lease (design.md section 5). This
module implements `sessions.ports.Outbox`; the statements are in `campaigns.statements`.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection

from campaigns import message, pacing, statements
from campaigns.inbox import hear_reply
from campaigns.pacing import Closed, Gate, Limits
from campaigns.services import finish_if_done
from campaigns.transitions import Reason, Status
from sessions.ports import (
    Address,
    Doubt,
    Grip,
    Idle,
    Incoming,
    InDoubt,
    Key,
    LeaseLost,
    Outcome,
    Outgoing,
    Receipt,
    Sent,
)

TABLES = {"delivery": "campaigns_delivery", "notice": "campaigns_notice"}


class LedgerOutbox:
    """The ledger as the drive of one visit sees it; keeps only hints between calls."""

    def __init__(self) -> None:
        self._last_campaign = 0
        self._early: dict[str, Receipt] = {}
        self._limits: Limits | None = None

    def next(self, grip: Grip) -> Outgoing | Idle:
        """Claim one row, notices first, then campaigns in turn; LeaseLost when the fence is old."""
        notice = self._claim_notice(grip)
        if notice:
            return notice
        self._limits = self._limits or pacing.limits_of(grip.session_id)
        gate = pacing.gate(self._limits)
        if isinstance(gate, Closed):
            return Idle(gate.until)
        while True:
            row = _one(statements.CLAIM_DELIVERY, self._claim_values(grip, gate))
            if row is None:
                return self._nothing(grip, gate)
            self._last_campaign = row["campaign_id"]
            if row["status"] == Status.SENDING:
                return _outgoing(row)

    def pressing(self, grip: Grip, key: Key) -> None:
        """Commit pressed_at just before the wire; LeaseLost when the row or the lease is not ours."""
        values = {"id": key.id, "session": grip.session_id, "fence": grip.fence}
        _fenced(statements.PRESS.format(table=TABLES[key.kind]), values)

    def settle(self, grip: Grip, key: Key, outcome: Outcome) -> None:
        """Write what became of a claimed row; LeaseLost when zero rows changed."""
        table = TABLES[key.kind]
        values: dict[str, Any] = {"id": key.id, "session": grip.session_id, "fence": grip.fence}
        if isinstance(outcome, Sent):
            values |= {
                "message_id": outcome.message_id,
                "at": outcome.at,
                "tick": outcome.tick.value,
            }
            _fenced(statements.SETTLE_SENT.format(table=table), values)
            early = self._early.pop(outcome.message_id, None)
            if early:
                self.heard(grip, early)
        elif isinstance(outcome, InDoubt):
            _fenced(
                statements.SETTLE_IN_DOUBT.format(table=table),
                values | {"reason": _reason(outcome.reason)},
            )
        elif outcome.permanent:
            _fenced(
                statements.SETTLE_FAILED.format(table=table),
                values | {"reason": _reason(outcome.reason)},
            )
        else:
            _fenced(statements.SETTLE_RETRY.format(table=table), values)

    def resolved(self, grip: Grip, key: Key, address: Address | None) -> None:
        """Remember WhatsApp's own id of the row's number, or that it has none."""
        values = {
            "id": key.id,
            "session": grip.session_id,
            "wa_id": address.wa_id if address else "",
        }
        _run(statements.RESOLVED.format(table=TABLES[key.kind]), values)

    def heard(self, grip: Grip, event: Receipt | Incoming) -> None:
        """Take a receipt or a reply into the ledger; repeating it changes nothing."""
        if isinstance(event, Incoming):
            hear_reply(session_id=grip.session_id, incoming=event)
            return
        values = {
            "session": grip.session_id,
            "message_id": event.message_id,
            "tick": event.tick.value,
            "at": event.at,
        }
        known = [_one(statements.RECEIPT.format(table=table), values) for table in TABLES.values()]
        if not any(row and row["known"] for row in known):
            # It came before the ack: kept until the row has its message id.
            self._early[event.message_id] = event

    def recover(self, grip: Grip) -> int:
        """Move what an older holder left in `sending`: back to the queue, or in doubt if pressed."""
        values = {"session": grip.session_id, "fence": grip.fence}
        return sum(
            _run(statements.RECOVER.format(table=table), values) for table in TABLES.values()
        )

    def doubtful(self, grip: Grip) -> list[Doubt]:
        """Rows of the last hour in doubt, with their exact text and what else went to that person."""
        values = {"session": grip.session_id}
        deliveries = [
            _doubt(
                "delivery",
                row,
                message.render(row["body"], row["footer"], json.loads(row["variables"])),
            )
            for row in _all(statements.DOUBTFUL_DELIVERIES, values)
        ]
        notices = [
            _doubt("notice", row, row["text"]) for row in _all(statements.DOUBTFUL_NOTICES, values)
        ]
        return deliveries + notices

    def proved(self, grip: Grip, key: Key, sent: Sent) -> None:
        """Turn a row in doubt into sent; LeaseLost when the fence is old.

        Where a person or a receipt was quicker nothing is left to do.
        """
        values = {"session": grip.session_id, "fence": grip.fence, "id": key.id}
        values |= {"message_id": sent.message_id, "at": sent.at, "tick": sent.tick.value}
        if not _run(statements.PROVED.format(table=TABLES[key.kind]), values) and not _all(
            statements.HELD, values
        ):
            raise LeaseLost

    def awaiting(self, grip: Grip) -> list[tuple[str, str]]:
        """(WhatsApp id, message id) of recent messages whose next tick is still to come."""
        with connection.cursor() as cursor:
            cursor.execute(statements.AWAITING, {"session": grip.session_id})
            return [(row[0], row[1]) for row in cursor.fetchall()]

    def _claim_notice(self, grip: Grip) -> Outgoing | None:
        row = _one(statements.CLAIM_NOTICE, {"session": grip.session_id, "fence": grip.fence})
        if row is None:
            return None
        return Outgoing(Key("notice", row["id"]), row["phone"], row["text"], row["wa_id"] or None)

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
        if _one(statements.HELD, {"session": grip.session_id, "fence": grip.fence}) is None:
            raise LeaseLost
        finish_if_done(session_id=grip.session_id)
        row = _one(statements.NEXT_DUE, {"session": grip.session_id})
        due: datetime | None = row["due"] if row else None
        return Idle(max(due, gate.reopens) if due and gate.reopens else due)


def _outgoing(row: dict[str, Any]) -> Outgoing:
    text = message.render(row["body"], row["footer"], json.loads(row["variables"]))
    return Outgoing(Key("delivery", row["id"]), row["phone"], text, row["wa_id"] or None)


def _doubt(kind: str, row: dict[str, Any], text: str) -> Doubt:
    known = frozenset(row["known"])
    return Doubt(Key(kind, row["id"]), row["phone"], row["wa_id"], text, row["pressed_at"], known)


def _reason(reason: str) -> str:
    """The ledger's word for a transport's reason; its own text stays in the logs."""
    return reason if reason in Reason.values else str(Reason.REFUSED)


def _one(sql: str, values: dict[str, Any]) -> dict[str, Any] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
        if row is None or cursor.description is None:
            return None
        return dict(zip([column.name for column in cursor.description], row, strict=True))


def _all(sql: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _run(sql: str, values: dict[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)


def _fenced(sql: str, values: dict[str, Any]) -> None:
    if _run(sql, values) == 0:
        raise LeaseLost
