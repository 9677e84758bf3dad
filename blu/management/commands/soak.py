"""`manage.py soak`: wave after wave of campaigns on two nodes, with the upsets of ordinary life."""

import random
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.db import connection

from blu.lab.chaos import ledger_check, progress, scenario, two_nodes
from blu.lab.chaos.disturbances import Upset, memory_mb
from blu.lab.scratch_command import ScratchCommand
from campaigns.models import Campaign
from sessions.simulator.client import SimulatorClient

WAVE_SECONDS = 600.0  # a wave that takes longer is stuck
GROWTH = 1.5  # how much more memory at the end than after the first wave
CONNECTIONS = (
    "SELECT count(*) FROM pg_stat_activity WHERE usename IN ('blu_web', 'blu_jobs', 'blu_host')"
)
WAITING = "SELECT count(*) FROM django_q_ormq"


class Command(ScratchCommand):
    """Send for a while, then look for what was lost, repeated, or has grown."""

    help = (
        "Sends campaigns for a while with restarts and faults that pass; looks for leaks as well."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How long, how much in each wave, and how often something is upset."""
        super().add_arguments(parser)
        self.add_cast(parser, recipients=600, sessions=6, browser=40, direct=120)
        parser.add_argument("--minutes", type=float, default=30)
        parser.add_argument("--every", type=float, default=5, help="seconds between two upsets")

    def perform(self, wanted: dict[str, int], options: dict[str, Any]) -> int:
        """Wave after wave, then the verdict."""
        simulator, houses = (
            SimulatorClient(settings.SIMULATOR_URL),
            two_nodes.houses(options["nodes"]),
        )
        simulator.set_behaviour(reply_share=0)
        started = time.monotonic()
        wave = first = scenario.assemble(simulator, **wanted)
        last = wanted["sessions"] + wanted["browsers"]
        accounts = [one.session.phone for one in first[wanted["sessions"] : last] if one.session]
        upset = Upset(simulator, houses, accounts, random.Random(options["seed"]))
        launched = list(first)
        before: dict[str, float] = {}
        while self._wave_is_through(wave, upset, options["every"]):
            before = before or memory_mb(houses)
            if time.monotonic() - started > options["minutes"] * 60:
                break
            wave = scenario.again(first, len(launched) // len(first))
            launched += wave
        progress.settle(launched, time.monotonic() + WAVE_SECONDS)
        found = ledger_check.judge(launched, simulator.messages_after_restart())
        return self._report(found, upset, before, memory_mb(houses), time.monotonic() - started)

    def _wave_is_through(self, wave: list[Campaign], upset: Upset, every: float) -> bool:
        deadline = time.monotonic() + WAVE_SECONDS
        while progress.is_open(wave):
            if time.monotonic() > deadline:
                self.stdout.write("broken: a wave is stuck")
                return False
            upset.disturb()
            time.sleep(every)
        return True

    def _report(
        self, found: ledger_check.Verdict, upset: Upset, before: dict[str, float],
        after: dict[str, float], seconds: float,
    ) -> int:  # fmt: skip
        broken = found.complaints(in_flight=sum(upset.done.values()))
        grown = {
            name: f"{before[name]}→{mb} MB"
            for name, mb in after.items()
            if mb > GROWTH * before.get(name, mb)
        }
        broken += [f"{name} has grown: {how}" for name, how in grown.items()]
        self.stdout.write(f"upsets: {upset.done}")
        self.stdout.write(f"memory: {before} → {after}")
        for reason, count in found.reasons.items():
            self.stdout.write(f"in doubt, {count} times: {reason}")
        for line in broken:
            self.stdout.write(f"broken: {line}")
        growth = sum(after.values()) / max(1.0, sum(before.values()))
        self.stdout.write(
            f"soak: recipients={found.recipients} upsets={sum(upset.done.values())}"
            f" repeated={found.repeated} lost={found.lost}"
            f" uncertain_with_evidence={found.with_evidence} uncertain={found.uncertain}"
            f" memory=x{growth:.2f} connections={_number(CONNECTIONS)} waiting={_number(WAITING)}"
            f" seconds={seconds:.0f}"
        )
        return 1 if broken else 0


def _number(sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        row = cursor.fetchone()
    return int(row[0]) if row else 0
