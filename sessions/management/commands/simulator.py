"""`manage.py simulator`: one process that plays WhatsApp for trial, tests and benchmarks."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from sessions.simulator import server


class Command(BaseCommand):
    """Serve the simulated WhatsApp until SIGTERM or Ctrl-C."""

    help = "Plays WhatsApp on a local port: the web page, phones, recipients, and /truth."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The port, the folder of the record, and what to start with."""
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument(
            "--port", type=int, default=int(os.environ.get("BLU_SIMULATOR_PORT", "8100"))
        )
        parser.add_argument(
            "--data",
            type=Path,
            help="folder of the record (default: simulator/ in the data folder)",
        )
        parser.add_argument(
            "--seed", action="store_true", help="start with a few dozen conversations"
        )
        parser.add_argument(
            "--time-scale",
            type=float,
            default=float(os.environ.get("BLU_TIME_SCALE", "1")),
            help="multiplies every wait",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it; one line and exit status 1 when the port or the folder can't be used."""
        data = options["data"] or Path(settings.VAR) / "simulator"

        def announce(port: int) -> None:
            self.stdout.write(
                f"simulator: http://{options['host']}:{port}/phones/ (record in {data})"
            )
            self.stdout.flush()

        try:
            server.run(
                data=data,
                host=options["host"],
                port=options["port"],
                scale=options["time_scale"],
                seeded=options["seed"],
                ready=announce,
            )
        except server.CannotServe as error:
            raise CommandError(f"simulator: {error}") from error
