"""The outbox: how the drive claims, presses, settles and hears, in the ledger.

Every step is one statement with its own commit, fenced by the lease. This
module implements `sessions.interfaces.Outbox`; the statements are in `campaigns.ledger.sql`.
"""

from __future__ import annotations

import json
from datetime import datetime
from time import monotonic
from typing import Any

from blu.db import prepared_sql
from campaigns.ledger import sql as statements
from campaigns.lifecycle import finish_if_done
from campaigns.limits import circuit_breaker, pacing
from campaigns.limits.fresh_limits import FreshLimits
from campaigns.limits.pacing import Closed, Gate, Limits
from campaigns.messages import content
from campaigns.models import Reply
from campaigns.models.ledger_states import Reason, Status
from campaigns.models.notice_rules import UNDER_QUOTA
from campaigns.replies import newcomers
from campaigns.replies.incoming import hear_reply, learn_address, obey_earlier
from sessions import wire_values
from sessions.driving import runner_clock
from sessions.events import Address, Incoming, OfMessages, Receipt, Text
from sessions.interfaces import (
    Idle,
    InDoubt,
    Key,
    LeaseLost,
    LeaseToken,
    NotSent,
    Outcome,
    Outgoing,
    Sent,
    UncertainMessage,
)

LOOK_EVERY = 10  # settled rows a campaign between two looks of the circuit breaker
TAKING_TURNS = 3  # campaigns; with more of them some are looked at sooner
LOOK_AGAIN = 1.0  # seconds, where rows come faster than any real pacing lets them

TABLES = {"delivery": "campaigns_delivery", "notice": "campaigns_notice"}
AT_ONCE = 50  # rows that one look for the next message goes through, a millisecond each
LOOK_FOR_NOTICES = 1.0  # seconds between two looks while deliveries are being claimed


class LedgerOutbox:
    """The ledger as the drive of one session sees it, for a visit or for months.

    Between calls it keeps only hints, of a few campaigns: losing them changes nothing that is sent. A message
    may be pressed and settled in another thread than the one that claims.
    `limits` may be shared by all outboxes of a process.
    """

    def __init__(self, limits: FreshLimits | None = None) -> None:
        self._limits = limits or FreshLimits()
        self._last_campaign = 0
        self._looked_under = 0
        self._looked_at = 0.0
        self._settled = 0
        self._claimed_of: set[int] = set()
        self._notices_at = 0.0
        self._idle = False
        self._due_in_a_row = 0
        self._reopens: datetime | None = None

    def next(self, token: LeaseToken) -> Outgoing | Idle:
        """Claim one row, notices first, then campaigns in turn; LeaseLost when the fence is old.

        The interval holds for all of them, the rest of the gate for campaigns only. Where nothing was
        left a moment ago, or one row only, one statement, which writes nothing, says whether there is more.
        """
        self._look(token)
        if self._idle:
            idle, is_due = self._glance(token)
            if not is_due:
                self._due_in_a_row = 0
                return idle
            self._due_in_a_row += 1
        return self._claim(token)

    def _claim(self, token: LeaseToken) -> Outgoing | Idle:
        self._idle = False
        limits = self._limits.of(token.session_id)
        waits_until = pacing.interval_ends(limits, now=runner_clock.now())
        if waits_until:
            return Idle(waits_until)
        notice = self._claim_notice(token, limits)
        if notice:
            return notice
        gate = pacing.day_gate(limits, now=runner_clock.now())
        if isinstance(gate, Closed):
            return Idle(gate.until)
        return self._claim_delivery(token, gate)

    def _claim_delivery(self, token: LeaseToken, gate: Gate) -> Outgoing | Idle:
        """The first row that may go; those before it that may not are settled as what they are, so many at once that
        the lease is looked at and answers are heard between them.
        """
        for _row in range(AT_ONCE):
            row = prepared_sql.one(statements.CLAIM_DELIVERY, self._claim_values(token, gate))
            self._reopens = gate.reopens
            if row is None:
                self._idle, self._due_in_a_row = True, 0
                return self._glance(token)[0]
            self._idle = self._due_in_a_row == 1
            self._last_campaign = row["campaign_id"]
            self._claimed_of.add(self._last_campaign)
            if row["status"] == Status.SENDING:
                claimed = _outgoing(row)
                if not _is_absent(row):
                    return claimed
                self.settle(token, claimed.key, NotSent(Reason.NOT_ON_WHATSAPP, permanent=True))
                self._look(token)
            elif row["reason"] == Reason.STOP:
                obey_earlier(contact_id=row["contact_id"])
        return Idle(runner_clock.now())

    def before_wire(self, token: LeaseToken, key: Key, message_id: str = "") -> None:
        """Commit pressed_at just before the wire; LeaseLost when the row or the lease is not ours."""
        values: dict[str, Any] = {"id": key.id, "session": token.session_id, "fence": token.fence}
        values["message_id"] = message_id
        _fenced(statements.PRESS.format(table=TABLES[key.kind]), values)

    def settle(self, token: LeaseToken, key: Key, outcome: Outcome) -> None:
        """Write what became of a claimed row; LeaseLost where it isn't ours to write.

        Repeating it changes nothing.
        """
        values: dict[str, Any] = {"id": key.id, "session": token.session_id, "fence": token.fence}
        sql, left, more = _settlement(outcome)
        table, values = TABLES[key.kind], values | more
        if prepared_sql.count(sql.format(table=table), values) == 0:
            _fenced(statements.SETTLED.format(table=table, left=left), values)
        if key.kind == "delivery":
            self._settled += 1

    def record_lookup(self, token: LeaseToken, key: Key, address: Address | None) -> None:
        """Remember WhatsApp's own ids of the row's number, or that it has none.

        NotSent where they show that the person asked to stop before anybody knew their number, or wrote
        something that a person has to decide on: the next claim says which.
        """
        table, values = TABLES[key.kind], {"id": key.id, "session": token.session_id}
        if address is None:
            prepared_sql.count(statements.NOT_ON_WHATSAPP.format(table=table), values)
            return
        told = wire_values.storable_address(address)
        barred = newcomers.meet(token.session_id, table, key.id, told)
        if barred is None:
            barred = self._learn(table, values, told)
        # A notice has a rule of its own, and one kind goes out under a stop.
        if key.kind == "notice" and barred is not None:
            barred = not prepared_sql.one(statements.STILL_ALLOWED, values)
        if barred:
            raise NotSent(Reason.RETRY, permanent=False)

    def _learn(self, table: str, values: dict[str, Any], told: Address) -> bool | None:
        """Keep what WhatsApp told of somebody who is known; True where nothing may go to them now, None of no row."""
        row = prepared_sql.one(statements.PHONE.format(table=table), values)
        if row is None:
            return None
        return learn_address(session_id=values["session"], phone=row["phone"], address=told)

    def record_event(self, session_id: int, event: OfMessages) -> None:
        """Keep a receipt, a failure or a reply; repeating it changes nothing."""
        event = wire_values.storable_event(event)
        if isinstance(event, Incoming):
            reply = hear_reply(session_id=session_id, incoming=event)
            if reply and reply.delivery and reply.kind == Reply.Kind.STOP:
                circuit_breaker.check(reply.delivery.campaign_id)
            self._notices_at = 0.0  # it may have to be confirmed
            return
        values = {"session": session_id, "message_id": event.message_id, "at": event.at}
        if isinstance(event, Receipt):
            values |= {"step": event.tick.value, "reason": ""}
        else:
            why = _reason(event.reason, Reason.UNDELIVERED)
            values |= {"step": Status.FAILED, "reason": why or Reason.UNDELIVERED}
        prepared_sql.count(statements.RECEIPT, values)

    def recover(self, token: LeaseToken) -> int:
        """Move what an older holder left in `sending`: back to the queue, or in doubt if pressed."""
        values = {"session": token.session_id, "fence": token.fence}
        return sum(
            prepared_sql.count(statements.RECOVER.format(table=table), values)
            for table in TABLES.values()
        )

    def uncertain_messages(self, token: LeaseToken) -> list[UncertainMessage]:
        """Rows in doubt that were not looked for yet, or of the last hour, newest first: their exact
        text, and what else went to that person.
        """
        values = {"session": token.session_id}
        deliveries = [
            _doubt(
                "delivery",
                row,
                _text(row),
            )
            for row in prepared_sql.rows(statements.DOUBTFUL_DELIVERIES, values)
        ]
        notices = [
            _doubt("notice", row, row["text"])
            for row in prepared_sql.rows(statements.DOUBTFUL_NOTICES, values)
        ]
        return deliveries + notices

    def confirm_sent(self, token: LeaseToken, key: Key, sent: Sent) -> None:
        """Turn a row in doubt into sent; LeaseLost when the fence is old.

        Where a person or a receipt was quicker nothing is left to do.
        """
        values: dict[str, Any] = {"session": token.session_id, "fence": token.fence, "id": key.id}
        values |= {"message_id": sent.message_id, "at": sent.at, "tick": sent.tick.value}
        moved = prepared_sql.count(statements.PROVED.format(table=TABLES[key.kind]), values)
        if not moved and prepared_sql.one(statements.HELD_ON_ANY_LINK, values) is None:
            raise LeaseLost

    def awaiting_receipts(self, token: LeaseToken) -> list[tuple[str, str]]:
        """(WhatsApp id, message id) of recent messages whose next tick is still to come."""
        rows = prepared_sql.rows(statements.AWAITING, {"session": token.session_id})
        return [(row["wa_id"], row["message_id"]) for row in rows]

    def _look(self, token: LeaseToken) -> None:
        """Let the circuit breaker check the campaigns that sent enough messages since its last check.

        Before the first claim under a lease it checks all of the session's campaigns.
        """
        if self._looked_under != token.fence:
            circuit_breaker.check_session(token.session_id)
            self._looked_under = token.fence
        enough = LOOK_EVERY * min(max(1, len(self._claimed_of)), TAKING_TURNS)
        if self._settled < enough or monotonic() - self._looked_at <= LOOK_AGAIN:
            return
        due, self._claimed_of = self._claimed_of, set()
        self._looked_at, self._settled = monotonic(), 0
        for pk in due:
            circuit_breaker.check(pk)

    def _claim_notice(self, token: LeaseToken, limits: Limits) -> Outgoing | None:
        if monotonic() - self._notices_at < LOOK_FOR_NOTICES:
            return None
        now = runner_clock.now()
        again = pacing.new_chats_again(limits, now=now)
        values = {
            "session": token.session_id,
            "fence": token.fence,
            "under_quota": list(UNDER_QUOTA),
            "used_up": again is not None,
            "again": again if limits.by_quota else pacing.tomorrow(now, limits),
        }
        while row := prepared_sql.one(statements.CLAIM_NOTICE, values):
            if row["status"] == Status.SENDING:
                key = Key("notice", row["id"])
                return Outgoing(key, _address(row), Text(row["text"]))
        self._notices_at = monotonic()
        return None

    def _claim_values(self, token: LeaseToken, gate: Gate) -> dict[str, Any]:
        return {
            "session": token.session_id,
            "fence": token.fence,
            "last": self._last_campaign,
            "warm_only": gate.warm_only,
            "closed": list(gate.closed_area_codes),
        }

    def _glance(self, token: LeaseToken) -> tuple[Idle, bool]:
        """When something may be due, and whether it is by now; LeaseLost where the lease is lost.

        Where no notice is due by now, the next claim need not look for one.
        """
        row = prepared_sql.one(
            statements.GLANCE, {"session": token.session_id, "fence": token.fence}
        )
        if row is None or not row["held"]:
            raise LeaseLost
        if row["over"]:
            finish_if_done(session_id=token.session_id)
        self._notices_at = 0.0 if row["notice"] else monotonic()
        due: datetime | None = row["due"]
        return Idle(max(due, self._reopens) if due and self._reopens else due), row["now"]


def _outgoing(row: dict[str, Any]) -> Outgoing:
    return Outgoing(Key("delivery", row["id"]), _address(row), Text(_text(row)))


def _text(row: dict[str, Any]) -> str:
    data = json.loads(row["variables"])
    return content.render(row["body"], row["footer"], data, leaves_at=row["sending_at"])


def _doubt(kind: str, row: dict[str, Any], text: str) -> UncertainMessage:
    known = frozenset(row["known"])
    return UncertainMessage(
        Key(kind, row["id"]), _address(row), Text(text), row["pressed_at"], known
    )


def _is_absent(row: dict[str, Any]) -> bool:
    """Whether WhatsApp said of late that it doesn't know the number."""
    return bool(row["chat"] and row["chat"][3])


def _address(row: dict[str, Any]) -> Address:
    wa_id, lid, username = (row["chat"] or ("", "", ""))[:3]
    return Address(row["phone"], wa_id, lid, username)


def _settlement(outcome: Outcome) -> tuple[str, str, dict[str, Any]]:
    """The statement that writes an outcome, how it leaves the row, and what both need beside its key."""
    if isinstance(outcome, Sent):
        more = {"message_id": outcome.message_id, "at": outcome.at, "tick": outcome.tick.value}
        return statements.SETTLE_SENT, statements.LEFT_SENT, more
    if isinstance(outcome, InDoubt):
        reason = _reason(outcome.reason, Reason.LINK_LOST)
        more = {"message_id": outcome.message_id, "reason": reason}
        return statements.SETTLE_IN_DOUBT, statements.LEFT_IN_DOUBT, more
    if outcome.permanent:
        more = {"reason": _reason(outcome.reason, Reason.REFUSED)}
        return statements.SETTLE_FAILED, statements.LEFT_FAILED, more
    if outcome.of_text:
        return statements.SETTLE_TEXT, statements.LEFT_BY_TEXT, {}
    return statements.SETTLE_RETRY, statements.LEFT_TO_RETRY, {}


def _reason(reason: str, otherwise: Reason) -> str:
    """The ledger's code for a transport's reason; the transport's text stays in the logs."""
    return reason if reason in Reason.values else str(otherwise)


def _fenced(sql: str, values: dict[str, Any]) -> None:
    if prepared_sql.count(sql, values) == 0:
        raise LeaseLost
