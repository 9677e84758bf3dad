"""Many direct links in the hands of hosts: what one network swallows is no other's matter, and a killed host's go on elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest

from blu.accounts.refused import Refused
from blu.jobs import queue
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from sessions.linking import services
from sessions.models import Lease, Pairing, Runner, WhatsAppSession
from sessions.simulator.client import CallRefused
from sessions.states import State
from sessions.transports.direct.store import APPLICATION
from tests import factories
from tests.eventually import SELDOM, eventually
from tests.forked import Forked
from tests.sessions.driving.test_hosts_share import driven
from tests.sessions.linked_account import new_account
from tests.sessions.transports.direct.test_direct_host import begin, host, new_session
from tests.sessions.transports.direct.test_direct_host_faults import (
    launched,
    reached,
    seen_as_told,
    settled,
    state_of,
)
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.nodes, pytest.mark.django_db(transaction=True)]

__all__ = ["begin", "host"]

CUT, OTHERS = 20, 4
CONNECTIONS = 10

Begin = Callable[..., Forked]
Fleet = Callable[[int], list[WhatsAppSession]]


@pytest.fixture
def fleet(
    transactional_db: None, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> Fleet:
    """Links so many accounts by the hosts that run."""
    monkeypatch.setattr(queue, "enqueue", lambda *_args, **_to: "")

    def linked(number: int) -> list[WhatsAppSession]:
        actor = factories.make_user()
        accounts = {new_session(actor).pk: new_account() for _one in range(number)}
        sessions = list(WhatsAppSession.objects.filter(pk__in=accounts))
        shown: set[str] = set()

        def all_are_linked() -> bool:
            for session in sessions:
                if State(state_of(session)).may_pair:
                    with suppress(Refused):  # a host linked it just now
                        services.request_pairing(session=session, actor=actor)
            for pairing in Pairing.objects.filter(status=Pairing.Status.SHOWING):
                if pairing.code not in shown:
                    shown.add(pairing.code)
                    with suppress(CallRefused):  # it shows another by now
                        simulator.scan(pairing.code, accounts[pairing.link.session_id])
            return all(session.state == State.ONLINE for session in sessions)

        eventually(all_are_linked, every=SELDOM)
        return sessions

    return linked


def connections(url: str) -> int:
    """Those of hosts to this database; the library has its own to its tables."""
    with psycopg.connect(url) as own:
        row = own.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND usename IN ('blu_host', 'blu_store')"
            " AND application_name <> %s",
            [APPLICATION],
        ).fetchone()
        return int(row[0]) if row else 0


def are_swallowed(campaigns: list[Campaign]) -> bool:
    """Whether the one message of each was begun and is nowhere: under way, or given up by the library, which waits
    75 seconds for a word; what it had pressed is in doubt then, the rest is begun anew.
    """
    rows = Delivery.objects.filter(campaign__in=campaigns, attempts__gt=0)
    nowhere = (Status.QUEUED, Status.SENDING, Status.UNCERTAIN)
    return rows.filter(status__in=nowhere).count() == len(campaigns)


def test_twenty_links_in_a_silent_cut_delay_no_others_message(
    begin: Begin, fleet: Fleet, simulator: SimulatorProcess, database_env: dict[str, str]
) -> None:
    # Slower than in other tests: a host lets go of what hangs for three leases, and ends where that is too much.
    begin(TIME_SCALE=0.5)
    sessions = fleet(CUT + OTHERS)
    cut, others = sessions[:CUT], sessions[CUT:]
    for session in cut:
        simulator.set_fault(session.phone, "silent_cut")
    swallowed = [launched(session, 1) for session in cut]
    eventually(lambda: are_swallowed(swallowed))
    for _wave in range(3):
        campaigns = [launched(session, 3) for session in others]
        eventually(lambda campaigns=campaigns: all(map(reached, campaigns)))
        for campaign in campaigns:
            seen_as_told(simulator, campaign)
    assert are_swallowed(swallowed)
    assert not [one for session in cut for one in simulator.messages(account=session.phone)]
    assert connections(database_env["DATABASE_URL"]) <= CONNECTIONS


def test_the_accounts_of_a_killed_host_are_all_online_in_the_other_and_nothing_is_repeated(
    host: Forked, begin: Begin, fleet: Fleet, simulator: SimulatorProcess
) -> None:
    sessions = fleet(6)
    other = begin()
    eventually(lambda: driven() == [3, 3])
    for session in sessions:
        simulator.set_fault(session.phone, "receipt_first", seconds=1.0)
    campaigns = [launched(session, 6) for session in sessions]
    eventually(lambda: all(one.deliveries.exclude(sent_at=None).exists() for one in campaigns))
    other.kill()
    for campaign in campaigns:
        settled(simulator, campaign)
    left = Runner.objects.get(pid=host.pid)
    # Where all was sent before the kill, nobody has needed them yet.
    eventually(lambda: Lease.objects.filter(runner=left).count() == len(sessions))
    eventually(lambda: {state_of(session) for session in sessions} == {State.ONLINE})
    assert all(len(simulator.phone(session.phone)["devices"]) == 1 for session in sessions)
    # At no time did two hosts drive the same link.
    assert simulator.displaced(*(session.phone for session in sessions)) == []
