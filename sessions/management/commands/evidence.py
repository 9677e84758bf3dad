"""`manage.py evidence`: what pages looked like that nobody knew. Each look is logged."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import structlog
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from blu.lib import encryption

log = structlog.get_logger()


class Command(BaseCommand):
    """List the evidence of this machine, or unseal one picture into a file."""

    help = "Lists the evidence of unknown pages on this machine, or opens one picture."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Without `--open` everything is listed."""
        parser.add_argument("--open", help="name of a sealed picture")
        parser.add_argument("--to", help="file to write it to")
        parser.add_argument("--who", help="who looks at it")
        parser.add_argument("--why", help="for what")

    def handle(self, *args: Any, **options: Any) -> None:
        """CommandError where it can't be opened, or nobody says who looks and why."""
        folder: Path = settings.VAR / "screenshots"
        if not options["open"]:
            for file in sorted(folder.glob("*-*.*")):
                self.stdout.write(file.name)
            return
        if not (options["to"] and options["who"] and options["why"]):
            raise CommandError("--open needs --to, --who and --why")
        sealed = folder / Path(options["open"]).name
        try:
            picture = encryption.unseal(sealed.read_bytes())
        except (OSError, InvalidToken) as error:
            raise CommandError(f"{sealed.name} can't be opened") from error
        log.warning("evidence_opened", name=sealed.name, who=options["who"], why=options["why"])
        target = Path(options["to"])
        target.touch(mode=0o600)
        target.write_bytes(picture)
