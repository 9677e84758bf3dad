"""Commands that perform inside a house of their own, and take it away after."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from blu.lab.chaos import two_nodes

CAST = ("recipients", "sessions", "browser", "browsers", "direct", "directs")


class ScratchCommand(BaseCommand):
    """Starts one or two nodes, and then itself once more inside them: `perform`."""

    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """From which seed, on how many nodes."""
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--nodes", type=int, default=2, choices=(1, 2))
        parser.add_argument("--inside", action="store_true", help="(its own child)")

    def add_cast(
        self, parser: ArgumentParser, *, recipients: int, sessions: int, browser: int, direct: int
    ) -> None:
        """Who is written to: `recipients` over simulated sessions, `browser` more by real browsers, `direct` by hosts."""
        parser.add_argument("--recipients", type=int, default=recipients)
        parser.add_argument("--sessions", type=int, default=sessions)
        parser.add_argument(
            "--browser", type=int, default=browser, help="recipients of the real browsers"
        )
        parser.add_argument("--browsers", type=int, default=2, help="how many of them")
        parser.add_argument("--direct", type=int, default=direct, help="recipients of direct links")
        parser.add_argument("--directs", type=int, default=4, help="how many of them")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start the house and run inside it, or be the one who runs inside."""
        if options["inside"]:
            raise SystemExit(self.perform({name: options[name] for name in CAST}, options))
        two_nodes.perform_inside(two_nodes.Pace(), options["nodes"])

    def perform(self, wanted: dict[str, int], options: dict[str, Any]) -> int:
        """What happens inside; the exit status."""
        raise NotImplementedError
