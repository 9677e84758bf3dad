"""bench failover: what is promised of hosts that keep direct links, over real processes and in real time.

How soon a launch's first message is pressed; how long messages wait while other links are cut off silently; a
host that is killed while it sends, and one that is asked to stop.
"""

from collections.abc import Iterator

from blu.lab.bench import (
    first_presses,
    fleet,
    hosts,
    linked_accounts,
    scratch,
    silent_cuts,
    simulated_account,
    stopping,
    taking_over,
)
from blu.lab.bench.directing import BEHAVIOUR
from blu.lab.bench.fleet import Fleet
from blu.lab.bench.measuring import Figure

SESSIONS = 160
MESSAGES = 800  # of one launch on all of them


def measure(sessions: int, messages: int) -> Iterator[Figure]:
    """One host links all; another joins it, and is killed; then the first is stopped."""
    with (
        scratch.simulator(scale=1.0) as (url, _simulator),
        hosts.several(url, sessions) as begin,
    ):
        simulated_account.call(url, "/control/behaviour", BEHAVIOUR)
        several = linked_accounts.sessions(sessions, max(1, messages // sessions))
        links = Fleet(url, begin, several)
        host = begin()
        linked_accounts.link(several, url)
        # First messages cost more than others.
        fleet.until_settled(links.launch(several))
        yield first_presses.measure(links, host)
        yield silent_cuts.measure(links, host)
        victim = begin()
        half = sessions // 2
        links.until_open((host, sessions - half), (victim, half))
        yield from taking_over.measure(links, victim, host)
        yield stopping.measure(links, host)
