"""`manage.py messages`: the marked strings of the sources into the English catalogue, and all compiled."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.core.management.commands import makemessages

# The simulator stands for WhatsApp and its phones, and speaks as they do.
NOT_OURS = ["tests", "sessions/simulator", "*/migrations"]


class _MakeMessages(makemessages.Command):
    # What another string says is no translation of this one.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]


class Command(BaseCommand):
    """Portuguese is what the sources say; blu/locale/pt_BR, kept by hand, holds what libraries lack."""

    help = "Brings the English catalogue up to date and compiles the catalogues (Debian: gettext)."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **options: Any) -> None:
        """In the folder of manage.py."""
        call_command(
            _MakeMessages(),
            locale=["en"],
            ignore_patterns=NOT_OURS,
            no_obsolete=True,
            add_location="file",
            verbosity=options["verbosity"],
        )
        call_command("compilemessages", ignore_patterns=[".*"], verbosity=options["verbosity"])
