"""A real process that works on a test's database, and can be made to stall where it hurts.

    python -m tests.concurrency.driver visit SESSION [--at claimed|pressed|sent]
    python -m tests.concurrency.driver snapshot CAMPAIGN [--at inserted]
    python -m tests.concurrency.driver seed RECIPIENTS

It says `at WORD` on a line of its own where it stalls, until SIGUSR1, and its result as the last line.
"""

import argparse
import signal
import sys
import threading
from typing import Any

import django

STALL = 120.0


def stall(word: str) -> None:
    """Tell the test, then wait to be killed, or told to go on."""
    sys.stdout.write(f"at {word}\n")
    sys.stdout.flush()
    signal.sigtimedwait({signal.SIGUSR1}, STALL)


def visit(session_id: int, at: str) -> str:
    """One visit; stalls once, at the first message that gets as far as `at`."""
    from campaigns.due import WORK
    from campaigns.outbox import LedgerOutbox
    from sessions import visit as visits
    from sessions.interfaces import Outgoing
    from sessions.retrying_outbox import RetryingOutbox

    class Stalling(LedgerOutbox):
        def next(self, *values: Any) -> Any:
            claimed = super().next(*values)
            if at == "claimed" and isinstance(claimed, Outgoing):
                stall("claimed")
            return claimed

        def before_wire(self, *values: Any) -> None:
            super().before_wire(*values)
            if at == "pressed":
                stall("pressed")

        def settle(self, *values: Any) -> None:
            if at == "sent":
                stall("sent")
            super().settle(*values)

    done = visits.visit(
        only=session_id, work=WORK, outbox=RetryingOutbox(Stalling()), stop=threading.Event()
    )
    return f"{done.outcome} {done.sent}"


def snapshot(campaign_id: int, at: str) -> str:
    """One snapshot; stalls with its rows inserted and nothing committed."""
    from campaigns import snapshot as snapshots

    if at == "inserted":
        insert = snapshots.insert

        def stalling(campaign: Any) -> int:
            rows = insert(campaign)
            stall("inserted")
            return rows

        snapshots.insert = stalling
    return str(snapshots.take(campaign_id))


def seed(recipients: int, _at: str) -> str:
    """A linked session with a running campaign, where no test could make them; the session's id."""
    from django.conf import settings

    from sessions.simulator.client import SimulatorClient
    from tests import factories
    from tests.sessions.linked_account import new_person
    from tests.sessions.linked_session import make_linked_session

    session = make_linked_session(SimulatorClient(settings.SIMULATOR_URL))
    campaign = factories.make_campaign(session.business, "running", session=session)
    for _number in range(recipients):
        contact = factories.make_contact(campaign.business, phone=new_person())
        factories.make_delivery(campaign, contact)
    return str(session.pk)


WORK = {"visit": visit, "snapshot": snapshot, "seed": seed}


def main() -> None:
    """Do one thing and say what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=[*WORK])
    parser.add_argument("number", type=int)
    parser.add_argument("--at", default="")
    options = parser.parse_args()
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
    django.setup()
    sys.stdout.write(f"{WORK[options.what](options.number, options.at)}\n")


if __name__ == "__main__":
    main()
