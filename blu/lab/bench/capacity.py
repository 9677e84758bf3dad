"""bench capacity: what the engine sustains in `trial` pacing, through ledger, host, library, simulator and receipts.

First everybody gets a first message, as fast as it goes: each costs a lookup, keys and a new Signal session. Then
messages come due at a steady rate over all sessions, one in ten to somebody new, as real pacing allows of a session that
writes all day; how long each waits until it is pressed is told by the database's clock. It says nothing about what one
account may send: see docs/capacity.md.
"""

from collections.abc import Iterator
from typing import Any

import psutil
from django.db import connection

from blu.lab.bench import hosts, linked_accounts, scratch, simulated_account
from blu.lab.bench.directing import BEHAVIOUR, held_against_the_truth, sent_per_second
from blu.lab.bench.measuring import Figure, seconds
from blu.lab.bench.taking import Taken, own_mb, taken
from campaigns.models import Campaign
from sessions.models import WhatsAppSession

SESSIONS = 500
PER_SECOND = 116.2  # 116 are to be reached, counted until the last is sent
MESSAGES = 70_000  # ten minutes of them
CAMPAIGNS = 4  # of each session, at the steady rate
NEW = 9  # people who had a message, for each of those who come before a campaign
TEN_MILLION_A_DAY = 10_000_000 / 86_400

_WAITED = """
SELECT percentile_cont(ARRAY[0.5, 0.99, 1.0]) WITHIN GROUP (ORDER BY extract(epoch FROM pressed_at - not_before)::float),
       count(*) / greatest(0.001, extract(epoch FROM max(sent_at) - min(not_before)))::float
  FROM campaigns_delivery WHERE campaign_id = ANY(%s) AND sent_at IS NOT NULL
"""
_WAITED_BY_MINUTE = """
SELECT percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM pressed_at - not_before)::float)
  FROM (SELECT *, min(not_before) OVER () AS begun FROM campaigns_delivery
         WHERE campaign_id = ANY(%s) AND sent_at IS NOT NULL) sent
 GROUP BY floor(extract(epoch FROM not_before - begun) / 60) ORDER BY floor(extract(epoch FROM not_before - begun) / 60)
"""


def measure(sessions: int, messages: int) -> Iterator[Figure]:
    """Link them, write to everybody once, then at the steady rate, and wait until all are read."""
    with (
        scratch.simulator(scale=1.0) as (url, simulator),
        hosts.one(url, sessions) as host,
    ):
        simulated_account.call(url, "/control/behaviour", BEHAVIOUR)
        people, new = _people(max(1, messages // sessions))
        several = linked_accounts.sessions(sessions, people)
        memory = _linked(several, host, url)
        processes = {"host": host, "simulator": simulator}
        with taken(processes) as took_first:
            begun = linked_accounts.launch(several)
            linked_accounts.until_read(begun)
        with taken(processes, threads_of="host") as took:
            campaigns = linked_accounts.launch_in_turn(several, PER_SECOND, [new] * CAMPAIGNS)
            linked_accounts.until_read(campaigns)
        waited, per_second = _waited(campaigns)
        sent = sum(campaign.recipients for campaign in campaigns)
        yield Figure(
            bench="capacity", rows=sent, unit="messages per second", figure=per_second,
            floor=TEN_MILLION_A_DAY, peak_mb=round(own_mb(host), 1), target=">= 1, p99 <= 5 s",
            more={
                "sessions": sessions,
                **memory,
                "first_messages": _first(begun, took_first),
                "new_people": new * CAMPAIGNS * sessions,
                "due_per_second": PER_SECOND,
                **waited,
                **took.cpu_ms(sent),
                "connections": took.most_connections,
                "connections_by_role": took.connections,
                "threads": took.most_threads,
                **held_against_the_truth([*begun, *campaigns], url),
            },
        )  # fmt: skip


def _linked(several: list[WhatsAppSession], host: psutil.Process, url: str) -> dict[str, float]:
    """Have them linked; how long it took, and how much memory each has."""
    linked_accounts.link(several[:1], url)  # whoever comes first makes the library's tables
    first = own_mb(host)
    linking = seconds(lambda: linked_accounts.link(several[1:], url))
    each = (own_mb(host) - first) / max(1, len(several) - 1)
    return {"seconds_to_link_all": round(linking, 1), "mb_a_session_linked": round(each, 2)}


def _first(campaigns: list[Campaign], took: Taken) -> dict[str, float]:
    """What the first message to each person cost, as fast as they went."""
    rows, per_second = sent_per_second(campaigns)
    return {"rows": rows, "per_second": round(per_second, 1), **took.cpu_ms(rows)}


def _people(messages: int) -> tuple[int, int]:
    """How many people a session has, and how many come before each campaign, for about so many messages of it."""
    people = max(1, round(messages / (CAMPAIGNS + CAMPAIGNS * (CAMPAIGNS + 1) / 2 / NEW)))
    return people, round(people / NEW)


def _waited(campaigns: list[Campaign]) -> tuple[dict[str, Any], float]:
    """How many seconds messages waited until the press, in all and of each minute, and how many were sent a second."""
    keys = [campaign.pk for campaign in campaigns]
    with connection.cursor() as cursor:
        cursor.execute(_WAITED, [keys])
        waits, per_second = cursor.fetchone()
        cursor.execute(_WAITED_BY_MINUTE, [keys])
        by_minute = [round(wait, 1) for (wait,) in cursor.fetchall()]
    names = ("waited_median_seconds", "waited_p99_seconds", "waited_longest_seconds")
    told = dict(zip(names, (round(wait, 3) for wait in waits), strict=True))
    return told | {"waited_p99_by_minute": by_minute}, float(per_second)
