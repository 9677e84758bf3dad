"""`manage.py chaos`: campaigns on two nodes while everything that can be killed is killed."""

import random
import shutil
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from blu.chaos import cast, house, verdict
from blu.chaos.monkey import Monkey
from blu.lib import trial
from blu.lib.patience import patiently
from campaigns.models import Campaign, Delivery
from campaigns.transitions import Status
from sessions.simulator.client import SimulatorAway, SimulatorClient

GIVE_UP = 1800.0  # seconds for everything
QUIET = 12.0  # seconds without an open row before the ledger is judged


class Command(BaseCommand):
    """Kill, pause and restart, then hold the ledger against the truth."""

    help = "Sends campaigns on two nodes while processes are killed, and compares ledger and truth."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How much, and from which seed."""
        parser.add_argument("--kills", type=int, default=100)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--nodes", type=int, default=2, choices=(1, 2))
        parser.add_argument("--recipients", type=int, default=2000)
        parser.add_argument("--sessions", type=int, default=12)
        parser.add_argument(
            "--browser", type=int, default=120, help="recipients of the real browsers"
        )
        parser.add_argument("--browsers", type=int, default=2, help="how many of them")
        parser.add_argument("--every", type=float, default=2.5, help="seconds between two deeds")
        parser.add_argument("--inside", action="store_true", help="(its own child)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the house and run inside it, or be the one who runs inside."""
        if options["inside"]:
            raise SystemExit(self._inside(options))
        settings.VAR.mkdir(parents=True, exist_ok=True)
        var = Path(tempfile.mkdtemp(prefix="chaos-", dir=settings.VAR))
        try:
            with house.running(var, house.Pace(), options["nodes"]) as env:
                status = subprocess.run(
                    [sys.executable, "manage.py", *sys.argv[1:], "--inside"],
                    cwd=settings.BASE, env=env, check=False,
                ).returncode  # fmt: skip
        except house.HouseFailed as failed:
            raise CommandError(str(failed)) from None
        if status:
            raise CommandError(f"a promise was not kept, see above; logs are kept in {var}")
        shutil.rmtree(var, ignore_errors=True)
        shutil.rmtree(trial.run_folder(var), ignore_errors=True)

    def _inside(self, options: dict[str, Any]) -> int:
        simulator = SimulatorClient(settings.SIMULATOR_URL)
        simulator.set_behaviour(reply_share=0)
        started = time.monotonic()
        campaigns = cast.assemble(
            simulator,
            recipients=options["recipients"],
            sessions=options["sessions"],
            browser=options["browser"],
            browsers=options["browsers"],
        )
        houses = [(settings.VAR, "a"), (settings.VAR / "b", "b")][: options["nodes"]]
        monkey = Monkey(houses, random.Random(options["seed"]))
        deadline = started + GIVE_UP
        while monkey.kills < options["kills"] and time.monotonic() < deadline and _open(campaigns):
            time.sleep(options["every"] * monkey.chance.uniform(0.5, 1.5))
            monkey.strike()
        monkey.wake_paused(everybody=True)
        self._settle(campaigns, deadline)
        found = verdict.judge(campaigns, _truth(simulator))
        broken = found.complaints(in_flight=monkey.in_flight)
        if monkey.kills < options["kills"]:
            broken.append(f"only {monkey.kills} kills of {options['kills']} while rows were queued")
        self.stdout.write(f"deeds: {monkey.deeds}")
        for line in [*(f"in doubt, {n} times: {why}" for why, n in found.reasons.items()), *broken]:
            self.stdout.write(line)
        self.stdout.write(
            f"chaos: kills={monkey.kills} in_flight={monkey.in_flight} repeated={found.repeated}"
            f" lost={found.lost} uncertain_with_evidence={found.with_evidence}"
            f" uncertain={found.uncertain} seconds={time.monotonic() - started:.0f}"
        )
        return 1 if broken else 0

    def _settle(self, campaigns: list[Campaign], deadline: float) -> None:
        """Wait until no row is open, and a little longer for late proofs."""
        quiet_since: float | None = None
        while time.monotonic() < deadline:
            if _open(campaigns):
                quiet_since = None
            elif quiet_since is None:
                quiet_since = time.monotonic()
            elif time.monotonic() - quiet_since > QUIET:
                return
            time.sleep(0.5)


def _open(campaigns: list[Campaign]) -> bool:
    """Whether any row is still to be sent, or a launch still to be frozen."""
    rows = Delivery.objects.filter(
        campaign__in=campaigns, status__in=(Status.QUEUED, Status.SENDING)
    )
    launching = Campaign.objects.filter(
        pk__in=[campaign.pk for campaign in campaigns], status=Campaign.Status.LAUNCHING
    )
    return patiently(lambda: rows.exists() or launching.exists())


def _truth(simulator: SimulatorClient) -> list[dict[str, Any]]:
    for _try in range(60):
        try:
            return simulator.messages()
        except SimulatorAway:
            time.sleep(1)
    raise CommandError("the simulator did not come back")
