"""A host is killed while some of its links send: when another has its leases, and its links are online there; in which
order, and how many connect in a second. No watch runs: only the leases' own time says that the host is gone.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import connection

from blu.lab.bench import fleet, linked_accounts, simulated_account
from blu.lab.bench.directing import held_against_the_truth
from blu.lab.bench.fleet import Fleet
from blu.lab.bench.hosts import Host
from blu.lab.bench.measuring import Figure
from campaigns.models import Campaign, Delivery
from campaigns.models.ledger_states import Status
from sessions.models import Lease, Runner

SENDING = 4  # one link in so many has something to send
SHARE = 0.4  # of its messages, that are pressed by the time of the kill

_TAKEN = """
SELECT count(*), count(*) FILTER (WHERE link.state = 'online' AND link.proven_at > lease.acquired_at),
       extract(epoch FROM max(lease.acquired_at) - %(killed_at)s)::float,
       extract(epoch FROM clock_timestamp() - %(killed_at)s)::float
  FROM wa_sessions_lease lease JOIN wa_sessions_link link ON link.id = lease.link_id
 WHERE link.session_id = ANY(%(sessions)s) AND lease.runner_id = %(heir)s
   AND lease.acquired_at > %(killed_at)s AND lease.expires_at > statement_timestamp()
"""


def measure(links: Fleet, victim: Host, heir: Host) -> Iterator[Figure]:
    """Kill it, and wait until the other drives all and has sent all."""
    sending = links.launch(links.several[::SENDING])
    fleet.until_under_way(sending, SHARE)
    killed_at, sessions, had_work = _killed(victim, sending)
    leased, online = _taken_over(sessions, heir, killed_at)
    fleet.until_settled(sending)
    logins = _logins(links.url, sessions, killed_at)
    yield Figure(
        bench="failover leases", rows=len(sessions), unit="seconds until the last is the other's",
        figure=leased, floor=None, peak_mb=fleet.mb(heir), target="<= 45",
    )  # fmt: skip
    yield Figure(
        bench="failover online", rows=len(sessions), unit="seconds until all are online in the other",
        figure=online, floor=None, peak_mb=fleet.mb(heir), target="<= 120",
        more={
            **_order(logins, had_work),
            "left_in_doubt": fleet.standing(sending)[Status.UNCERTAIN],
            **held_against_the_truth(links.campaigns, links.url),
        },
    )  # fmt: skip
    yield Figure(
        bench="failover connects", rows=len(logins), unit="most connects in one second",
        figure=_most_in_a_second([at for at, _session in logins]), floor=None,
        peak_mb=fleet.mb(heir), target="<= 20",
    )  # fmt: skip


def _killed(victim: Host, sending: list[Campaign]) -> tuple[datetime, set[int], set[int]]:
    """Kill it. Returns when, which sessions it drove, and which of them have more to send."""
    at = fleet.now()
    victim.process.kill()
    victim.process.wait()
    left = Lease.objects.filter(runner__pid=victim.pid)
    sessions = set(left.values_list("session_id", flat=True))
    rows = Delivery.objects.filter(campaign__in=sending, session_id__in=sessions)
    to_send = rows.filter(status__in=(Status.QUEUED, Status.SENDING))
    return at, sessions, set(to_send.values_list("session_id", flat=True))


def _taken_over(sessions: set[int], heir: Host, killed_at: datetime) -> tuple[float, float]:
    """After how many seconds the last lease was the heir's, and all links were online there."""
    runner = Runner.objects.get(pid=heir.pid)
    values: dict[str, Any] = {"sessions": list(sessions), "heir": runner.pk, "killed_at": killed_at}
    leased = online = 0.0

    def all_are() -> bool:
        nonlocal leased, online
        with connection.cursor() as cursor:
            cursor.execute(_TAKEN, values)
            taken, opened, leased, online = cursor.fetchone()
        return bool(taken == opened == len(sessions))

    linked_accounts.until(all_are, every=fleet.ASK_EVERY)
    return leased, online


def _logins(url: str, sessions: set[int], since: datetime) -> list[tuple[float, int]]:
    """When a device came, of which of these sessions, as the simulator saw it."""
    of = {linked_accounts.account(session).lstrip("+"): session for session in sessions}
    told = simulated_account.told(url, "/ws/logins")["logins"]
    after = since.timestamp()
    return [(at, of[account]) for at, account, _displaced in told if at > after and account in of]


def _order(logins: list[tuple[float, int]], had_work: set[int]) -> dict[str, Any]:
    """How many links without work came before the last that had some."""
    came: dict[int, float] = {}
    for at, session in logins:
        came.setdefault(session, at)
    begin = min(came.values())
    with_work = [at - begin for session, at in came.items() if session in had_work]
    without = [at - begin for session, at in came.items() if session not in had_work]
    last = max(with_work, default=0.0)
    return {
        "had_work": len(with_work),
        "out_of_order": sum(at < last for at in without),
        "last_with_work_after": round(last, 3),
        "first_without_after": round(min(without, default=0.0), 3),
        "last_after": round(max(came.values()) - begin, 3),
    }


def _most_in_a_second(moments: list[float]) -> int:
    """The most of them within any second."""
    return max((sum(begin <= at < begin + 1 for at in moments) for begin in moments), default=0)
