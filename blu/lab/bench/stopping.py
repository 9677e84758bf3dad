"""A host is asked to stop while all of its links send: how long it takes, and what it leaves."""

import subprocess

from blu.lab.bench import fleet
from blu.lab.bench.directing import held_against_the_truth
from blu.lab.bench.fleet import Fleet
from blu.lab.bench.hosts import Host
from blu.lab.bench.measuring import Figure, seconds
from campaigns.models.ledger_states import Status

SHARE = 0.2  # of the messages, that are pressed by then
HUNG = 120.0  # seconds


def measure(links: Fleet, host: Host) -> Figure:
    """Stop it, look what it left, and have another send the rest."""
    sending = links.launch(links.several)
    fleet.until_under_way(sending, SHARE)
    memory = fleet.mb(host)
    took = seconds(lambda: _stop(host))
    left = fleet.standing(sending)
    links.begin()
    fleet.until_settled(sending)
    return Figure(
        bench="failover stop", rows=len(links.several), unit="seconds until it ended", figure=took,
        floor=None, peak_mb=memory, target="<= 20",
        more={
            "exit_status": host.process.returncode,
            "left_sending": left[Status.SENDING],
            "left_in_doubt": left[Status.UNCERTAIN],
            "left_queued": left[Status.QUEUED],
            **held_against_the_truth(links.campaigns, links.url),
        },
    )  # fmt: skip


def _stop(host: Host) -> None:
    host.process.terminate()
    try:
        host.process.wait(HUNG)
    except subprocess.TimeoutExpired:
        host.process.kill()
        host.process.wait()
