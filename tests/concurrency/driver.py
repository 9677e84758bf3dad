"""What real processes do on a test's database, and can be made to stall in where it hurts (tests/forked.py)."""

import threading
from typing import Any

from campaigns.ledger import snapshot as snapshots
from campaigns.ledger.due import WORK
from campaigns.ledger.outbox import LedgerOutbox
from sessions.driving import visit as visits
from sessions.driving.retrying_outbox import RetryingOutbox
from sessions.interfaces import Outgoing
from tests.forked import Tell, stall


def visit(tell: Tell, session_id: int, at: str = "") -> str:
    """One visit; stalls once, at the first message that gets as far as `at`: claimed, pressed or sent."""

    class Stalling(LedgerOutbox):
        left = at

        def next(self, *values: Any) -> Any:
            claimed = super().next(*values)
            if isinstance(claimed, Outgoing):
                self._gets_as_far_as("claimed")
            return claimed

        def before_wire(self, *values: Any) -> None:
            super().before_wire(*values)
            self._gets_as_far_as("pressed")

        def settle(self, *values: Any) -> None:
            self._gets_as_far_as("sent")
            super().settle(*values)

        def _gets_as_far_as(self, word: str) -> None:
            if word == self.left:
                self.left = ""
                stall(tell, word)

    done = visits.visit(
        only=session_id, work=WORK, outbox=RetryingOutbox(Stalling()), stop=threading.Event()
    )
    return f"{done.outcome} {done.sent}"


def snapshot(tell: Tell, campaign_id: int, at: str = "") -> str:
    """One snapshot; with `at` inserted it stalls with its rows inserted and nothing committed."""
    if at == "inserted":
        insert = snapshots.insert

        def stalling(campaign: Any) -> int:
            rows = insert(campaign)
            stall(tell, "inserted")
            return rows

        snapshots.insert = stalling
    return str(snapshots.take(campaign_id))
