"""bench direct: accounts linked without a browser, over a host, the simulator's server and the ledger.

Memory a session, how long linking takes, then messages to people who never had one: each costs a lookup, keys, a
new Signal session, its receipts.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import psutil
from django.db.models import Max, Min

from blu.lab.bench import hosts, linked_accounts, scratch, simulated_account
from blu.lab.bench.measuring import Figure, seconds
from blu.lab.bench.taking import own_mb, taken
from campaigns.models import Campaign, Delivery

SESSIONS = 500
MESSAGES = 10_000
AT_MOST_MB = 1.2


def measure(sessions: int, messages: int) -> Iterator[Figure]:
    """Link them, weigh the host, send."""
    with (
        scratch.simulator(scale=1.0) as (url, simulator),
        hosts.one(url, sessions) as host,
    ):
        yield from measure_in(url, simulator, host, sessions, messages)


def measure_in(
    url: str, simulator: psutil.Process, host: psutil.Process, sessions: int, messages: int
) -> Iterator[Figure]:
    """The same with a host and a simulator that are there."""
    simulated_account.call(url, "/control/behaviour", BEHAVIOUR)
    several = linked_accounts.sessions(sessions, max(1, messages // sessions))
    linked_accounts.link(several[:1], url)
    first = own_mb(host)
    linking = seconds(lambda: linked_accounts.link(several[1:], url))
    linked = own_mb(host)
    others = max(1, sessions - 1)
    yield Figure(
        bench="direct memory", rows=sessions, unit="MB a session", figure=(linked - first) / others,
        floor=AT_MOST_MB, peak_mb=round(linked, 1), target="<= 1 (floor: 1.2 MB)",
        more={"mb_first": round(first, 1), "seconds_to_link_all": round(linking, 1)},
    )  # fmt: skip
    processes = {"host": host, "simulator": simulator}
    with taken(processes, threads_of="host") as took:
        campaigns = linked_accounts.launch(several)
        linked_accounts.until_read(campaigns)
    sent, per_second = sent_per_second(campaigns)
    yield Figure(
        bench="direct", rows=sent, unit="messages per second", figure=per_second, floor=None,
        peak_mb=round(own_mb(host), 1), target="at most 100 connections",
        more={
            "sessions": sessions,
            **took.cpu_ms(sent),
            "mb_a_session_after": round((own_mb(host) - first) / others, 2),
            "connections": took.most_connections,
            "connections_by_role": took.connections,
            "threads": took.most_threads,
            **held_against_the_truth(campaigns, url),
        },
    )  # fmt: skip


# Nobody writes back, and everybody reads within seconds.
BEHAVIOUR: dict[str, object] = {"reply_share": 0, "read_share": 1, "read_after": 1}


def sent_per_second(campaigns: list[Campaign]) -> tuple[int, float]:
    """How many were sent, and how many of them a second from the first press to WhatsApp's word for the last."""
    rows = Delivery.objects.filter(campaign__in=campaigns, sent_at__isnull=False)
    span = rows.aggregate(begin=Min("pressed_at"), end=Max("sent_at"))
    begin: datetime = span["begin"]
    end: datetime = span["end"]
    number = rows.count()
    return number, number / max(0.001, (end - begin).total_seconds())


def held_against_the_truth(campaigns: list[Campaign], url: str) -> dict[str, Any]:
    """What people saw more than once, and what the ledger calls sent and nobody saw; both must be nothing."""
    messages = simulated_account.told(url, "/truth")["messages"]
    seen = Counter((one["account"], one["to"], one["text"]) for one in messages)
    saw = {str(one["id"]) for one in messages}
    rows = Delivery.objects.filter(campaign__in=campaigns)
    ids = set(rows.exclude(message_id="").values_list("message_id", flat=True))
    return {
        "repeated": sum(number - 1 for number in seen.values()),
        "lost": len(ids - saw),
        "unaccounted": len(saw - ids),
        "not_sent": rows.filter(sent_at__isnull=True).count(),
        "not_read": rows.filter(read_at__isnull=True).count(),
    }
