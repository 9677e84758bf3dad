"""`manage.py make_tables`: every table, of models and of caches, in one process."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    """Migrate, and make the tables of caches; as the owner of the tables."""

    requires_system_checks: list[str] = []
    help = "Makes or changes the tables of models and caches; `up` does it at every start."

    def handle(self, *args: Any, **options: Any) -> None:
        """Whatever is there already stays as it is."""
        verbosity = options["verbosity"]
        call_command("migrate", interactive=False, skip_checks=True, verbosity=verbosity)
        call_command("createcachetable", verbosity=verbosity)
