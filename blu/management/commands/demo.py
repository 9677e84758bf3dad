"""`manage.py demo`: starts every process and shows the main job, from spreadsheet to report."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from blu.dispatch.launcher import CannotStart, up
from blu.lab import demo
from sessions.simulator.client import SimulatorClient


class Command(BaseCommand):
    """The demo; with --once it stops after its last line."""

    help = "Starts every process, runs the main job once on the simulator, and goes on serving."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """--once ends it after the report."""
        parser.add_argument("--once", action="store_true", help="Stop after the report.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; the exit status is 0 only where ledger and truth agree."""
        try:
            simulator = SimulatorClient(settings.SIMULATOR_URL)
            status = up(then=lambda: demo.run(simulator), once=options["once"])
        except CannotStart as refused:
            raise CommandError(str(refused)) from None
        if status:
            sys.exit(status)
