"""`manage.py bench NAME`: figures beside the floors they are held against."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from blu.lab.bench import (
    capacity,
    day,
    directing,
    failover,
    hosting,
    importing,
    launch,
    ledger,
    opting_in,
    peers,
    rendering,
    scratch,
    visiting,
)
from blu.lab.bench.measuring import Figure

BENCHES: dict[str, tuple[Callable[[int], Iterator[Figure]], int]] = {
    "day": (day.measure, day.ROWS),
    "host": (hosting.measure, hosting.ROWS),
    "import": (importing.measure, importing.ROWS),
    "launch": (launch.measure, launch.ROWS),
    "ledger": (ledger.measure, ledger.ROWS),
    "optin": (opting_in.measure, opting_in.ROWS),
    "render": (rendering.measure, rendering.ROWS),
    "visit": (visiting.measure, visiting.ROWS),
}
# Those that are sized by sessions and messages.
OF_SESSIONS: dict[str, tuple[Callable[[int, int], Iterator[Figure]], int, int]] = {
    "capacity": (capacity.measure, capacity.SESSIONS, capacity.MESSAGES),
    "direct": (directing.measure, directing.SESSIONS, directing.MESSAGES),
    "failover": (failover.measure, failover.SESSIONS, failover.MESSAGES),
    "peers": (peers.measure, peers.SESSIONS, peers.MESSAGES),
}


class Command(BaseCommand):
    """Measure in an installation of its own, removed afterwards; one JSON line a figure."""

    help = "Measures one thing beside its floor, in a database of its own."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which bench, over how many rows, or over how many sessions and messages."""
        parser.add_argument("name", choices=[*BENCHES, *OF_SESSIONS])
        parser.add_argument("--rows", type=int, help="how many rows, recipients, messages or links")
        parser.add_argument("--sessions", type=int, help="how many linked accounts")
        parser.add_argument("--messages", type=int, help="how many messages over all of them")
        parser.add_argument(
            "--inside", action="store_true", help="(its own child) measure here and now"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the scratch installation and measure in it, or, as its child, measure."""
        name = options["name"]
        if not options["inside"]:
            given = [
                f"--{size}={options[size]}"
                for size in ("rows", "sessions", "messages")
                if options[size] is not None
            ]
            try:
                status = scratch.run(name, given)
            except scratch.CannotBench as error:
                raise CommandError(str(error)) from None
            if status:
                raise CommandError(f"bench {name} ended with status {status}")
            return
        call_command("make_tables", verbosity=0)
        try:
            for figure in _figures(name, options):
                self.stdout.write(figure.line())
        except scratch.CannotBench as error:
            raise CommandError(str(error)) from None


def _figures(name: str, options: dict[str, Any]) -> Iterator[Figure]:
    if name in BENCHES:
        measure, rows = BENCHES[name]
        return measure(options["rows"] or rows)
    measure_sessions, sessions, messages = OF_SESSIONS[name]
    return measure_sessions(options["sessions"] or sessions, options["messages"] or messages)
