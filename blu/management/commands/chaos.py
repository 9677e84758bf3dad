"""`manage.py chaos`: campaigns on two nodes while everything that can be killed is killed."""

import random
import time
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings

from blu.lab.chaos import ledger_check, progress, scenario, two_nodes
from blu.lab.chaos.monkey import Monkey
from blu.lab.chaos.opt_outs import ANSWER_SHARE, Talkers
from blu.lab.scratch_command import ScratchCommand
from campaigns.models import Campaign
from sessions.simulator.client import SimulatorAway, SimulatorClient

GIVE_UP = 1800.0  # seconds for everything
LAST_SECONDS = 300.0  # for the campaign to those who stopped


class Command(ScratchCommand):
    """Kill, pause and restart, then hold the ledger against the truth."""

    help = "Sends campaigns on two nodes while processes are killed, and compares ledger and truth."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much, and how often."""
        super().add_arguments(parser)
        self.add_cast(parser, recipients=2000, sessions=12, browser=120, direct=600)
        parser.add_argument("--kills", type=int, default=100)
        parser.add_argument("--every", type=float, default=2.5, help="seconds between two deeds")

    def perform(self, wanted: dict[str, int], options: dict[str, Any]) -> int:
        """Send, kill, settle, judge."""
        simulator = SimulatorClient(settings.SIMULATOR_URL)
        simulator.set_behaviour(reply_share=ANSWER_SHARE)
        started = time.monotonic()
        campaigns = scenario.assemble(simulator, **wanted)
        monkey = Monkey(two_nodes.houses(options["nodes"]), random.Random(options["seed"]))
        talkers = Talkers(simulator, campaigns, random.Random(options["seed"]))
        deadline = started + GIVE_UP
        while (
            monkey.kills < options["kills"]
            and time.monotonic() < deadline
            and progress.is_open(campaigns)
        ):
            time.sleep(options["every"] * monkey.chance.uniform(0.5, 1.5))
            with suppress(SimulatorAway):
                talkers.stop_one()
            monkey.strike()
        monkey.wake_paused(everybody=True)
        progress.settle(campaigns, deadline, quiet=progress.SETTLED)
        if "pause" in monkey.deeds or progress.in_doubt(campaigns):
            progress.settle(campaigns, deadline)
        progress.replies_kept(
            campaigns, simulator.truth_after_restart, time.monotonic() + progress.REPLIES_SECONDS
        )
        found = ledger_check.judge(campaigns, **simulator.truth_after_restart())
        direct = monkey.deeds.get("in flight, direct", 0)
        broken = found.complaints(in_flight=monkey.in_flight - direct)
        broken += talkers.complaints() + self._once_more(simulator, campaigns, talkers)
        if monkey.kills < options["kills"]:
            broken.append(f"only {monkey.kills} kills of {options['kills']} while rows were queued")
        pause = ledger_check.longest_pause(campaigns)
        self._report(monkey, found, broken, pause, time.monotonic() - started)
        return 1 if broken else 0

    def _once_more(
        self, simulator: SimulatorClient, campaigns: list[Campaign], talkers: Talkers
    ) -> list[str]:
        """One more campaign to who stopped and to as many others: none of the first see it, and some others do."""
        if not talkers.words:
            return []
        last = scenario.once_more(campaigns, talkers.words)
        # What people see of it is asked, and nothing is proven: no late word is waited for.
        progress.settle([last], time.monotonic() + LAST_SECONDS, quiet=0.0)
        text = f"Aviso número {scenario.LAST}."
        messages = simulator.truth_after_restart()["messages"]
        seen = {f"+{str(one['to']).lstrip('+')}" for one in messages if text in one["text"]}
        stopped = seen & set(talkers.words)
        self.stdout.write(f"stops: {len(talkers.words)} said, {len(seen)} others written to again")
        broken = [f"{len(stopped)} who stopped saw another message"] if stopped else []
        return broken if seen else [*broken, "nobody saw the campaign after the stops"]

    def _report(
        self,
        monkey: Monkey,
        found: ledger_check.Verdict,
        broken: list[str],
        pause: float,
        seconds: float,
    ) -> None:
        self.stdout.write(
            f"deeds: {monkey.deeds} replies={found.replies} replies_lost={found.replies_lost}"
        )
        for reason, count in found.reasons.items():
            self.stdout.write(f"in doubt, {count} times: {reason}")
        for line in broken:
            self.stdout.write(f"broken: {line}")
        self.stdout.write(
            f"chaos: kills={monkey.kills} in_flight={monkey.in_flight} repeated={found.repeated}"
            f" lost={found.lost} uncertain_with_evidence={found.with_evidence}"
            f" uncertain={found.uncertain} seconds={seconds:.0f} longest_pause={pause:.0f}"
        )
