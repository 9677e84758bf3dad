"""`manage.py up`: every process of this node, in the foreground."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from blu.dispatch.launcher import PREPARED, CannotStart, Script, up


class Command(BaseCommand):
    # Once a start: what replaced the process that prepared the database finds what that has checked.
    requires_system_checks = () if PREPARED in os.environ else "__all__"
    help = "Starts every process of this node, waits until all answer, and stops all on Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--then", metavar="COMMAND", help="Run this command once all answer.")
        parser.add_argument("--once", action="store_true", help="Stop after that.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            status = up(then=_script(options["then"]), once=options["once"])
        except CannotStart as refused:
            raise CommandError(str(refused)) from None
        if status:
            sys.exit(status)


def _script(command: str | None) -> Script | None:
    if command is None:
        return None

    def run() -> int:
        try:
            call_command(command)
        except CommandError as failed:
            sys.stderr.write(f"{failed}\n")
            return failed.returncode
        return 0

    return run
