"""`manage.py bench host|import|launch|ledger|render|visit`: figures beside the floors they are held against."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from blu.lab.bench import hosting, importing, launch, ledger, rendering, scratch, visiting
from blu.lab.bench.measuring import Figure

BENCHES: dict[str, tuple[Callable[[int], Iterator[Figure]], int]] = {
    "host": (hosting.measure, hosting.ROWS),
    "import": (importing.measure, importing.ROWS),
    "launch": (launch.measure, launch.ROWS),
    "ledger": (ledger.measure, ledger.ROWS),
    "render": (rendering.measure, rendering.ROWS),
    "visit": (visiting.measure, visiting.ROWS),
}


class Command(BaseCommand):
    """Measure in an installation of its own, removed afterwards; one JSON line a figure."""

    help = "Measures host, import, launch, ledger, render or visit beside its floor, in a database of its own."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Which bench, over how many rows."""
        parser.add_argument("name", choices=[*BENCHES])
        parser.add_argument("--rows", type=int, help="how many rows, recipients, messages or links")
        parser.add_argument(
            "--inside", action="store_true", help="(its own child) measure here and now"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the scratch installation and measure in it, or, as its child, measure."""
        name, rows = options["name"], options["rows"]
        if not options["inside"]:
            try:
                status = scratch.run(name, rows)
            except scratch.CannotBench as error:
                raise CommandError(str(error)) from None
            if status:
                raise CommandError(f"bench {name} ended with status {status}")
            return
        call_command("make_tables", verbosity=0)
        measure, usual = BENCHES[name]
        for figure in measure(rows or usual):
            self.stdout.write(figure.line())
