"""`manage.py trial_code`: the second step of the sign-in that a trial printed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from blu.dispatch import trial_code


class Command(BaseCommand):
    """Prints six digits; refuses outside a trial."""

    requires_system_checks: list[str] = []
    help = "Prints the code that the trial's support person signs in with, good for half a minute."

    def handle(self, *args: Any, **options: Any) -> None:
        """The digits alone, so that they can be piped."""
        try:
            digits, _left = trial_code.code()
        except trial_code.NoTrial as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(digits)
