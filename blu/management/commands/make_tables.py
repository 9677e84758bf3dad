"""`manage.py make_tables`: every table, of models and of caches, in one process."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pkgutil import iter_modules
from typing import Any

from django.apps import AppConfig, apps
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
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
        with _turn():
            _migrate(verbosity)
            call_command("createcachetable", verbosity=verbosity)


def _migrate(verbosity: int) -> None:
    """Run the migrations that are missing. Where none is, the models of all times needn't be made for it."""
    if _missing():
        for operation in (AddTrigger, RemoveTrigger):
            operation.state_forwards = _alone(operation.state_forwards)  # type: ignore[method-assign]
        call_command("migrate", interactive=False, skip_checks=True, verbosity=verbosity)
    else:
        # Whoever was killed after the last migration may have left this undone.
        emit_post_migrate_signal(verbosity, False, connection.alias, plan=[])


def _missing() -> set[tuple[str, str]]:
    """The migrations on disk that this database has not seen, by label and name; none of them is imported."""
    there = {(config.label, name) for config in apps.get_app_configs() for name in _names(config)}
    return there - set(MigrationRecorder(connection).applied_migrations())


def _names(config: AppConfig) -> list[str]:
    module, _explicit = MigrationLoader.migrations_module(config.label)
    found = find_spec(module) if module else None
    folders = found.submodule_search_locations if found else None
    return [each.name for each in iter_modules(folders or []) if each.name[0] not in "_~"]


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
