"""Migrations are there, and none locks a table for long or breaks the release that still runs."""

import pytest
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import call_command
from django.db.migrations import AddIndex, CreateModel, Migration
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

OURS = ("accounts", "contacts", "campaigns", "wa_sessions")

pytestmark = pytest.mark.django_db


def test_no_model_has_changed_without_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)  # some migrations may be in none
@pytest.mark.parametrize("app", OURS)
def test_no_migration_locks_or_loses(app: str) -> None:
    linter = MigrationLinter(
        str(settings.BASE), include_apps=[app], no_cache=True, quiet=["ok", "ignore", "warning"],
    )  # fmt: skip
    linter.lint_all_migrations()
    assert linter.nb_total, "no migration was looked at"
    assert not linter.has_errors


def test_no_index_keeps_writers_waiting() -> None:
    """An index of a table that was there before is made while rows are written."""
    found = {
        f"{app}.{name}"
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in OURS and _locks_for_an_index(migration)
    }
    assert not found


def _locks_for_an_index(migration: Migration) -> bool:
    made = {op.name_lower for op in migration.operations if isinstance(op, CreateModel)}
    return any(
        isinstance(op, AddIndex)
        and not isinstance(op, AddIndexConcurrently)
        and op.model_name_lower not in made
        for op in migration.operations
    )
