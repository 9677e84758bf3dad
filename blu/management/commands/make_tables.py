"""`manage.py make_tables`: every table, of models and of caches, in one process."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connection
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

PREPARING = 0x626C78  # the advisory lock of whoever prepares the database: no table is there yet


class Command(BaseCommand):
    """Migrate, and make the tables of caches; as the owner of the tables."""

    requires_system_checks: list[str] = []
    help = "Makes or changes the tables of models and caches; `up` does it at every start."

    def handle(self, *args: Any, **options: Any) -> None:
        """Create what is missing; tables that exist stay as they are."""
        verbosity = options["verbosity"]
        for operation in (AddTrigger, RemoveTrigger):
            operation.state_forwards = _alone(operation.state_forwards)  # type: ignore[method-assign]
        with _turn():
            call_command("migrate", interactive=False, skip_checks=True, verbosity=verbosity)
            call_command("createcachetable", verbosity=verbosity)


@contextmanager
def _turn() -> Iterator[None]:
    """Nodes that start together on one database prepare it one after the other.

    They ask again and again: an index that is made concurrently waits for every statement that runs,
    and so for ever for one that waits for the lock.
    """
    held = connection.copy()
    try:
        with held.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [PREPARING])
            while cursor.fetchone() != (True,):
                time.sleep(0.2)
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [PREPARING])
        yield
    finally:
        held.close()


def _alone(state_forwards: Callable[..., None]) -> Callable[..., None]:
    """The same step of a migration, which makes no model anew: to none a trigger of its table matters.

    Else all that are related to it are made anew for each trigger, which was a third of this command's time.
    """

    def step(operation: object, app_label: str, state: ProjectState) -> None:
        made = state.__dict__.pop("apps", None)
        state_forwards(operation, app_label, state)
        if made is not None:
            state.__dict__["apps"] = made

    return step
