"""Migrations are there, and none locks a table for long or breaks the release that still runs."""

import pytest
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import call_command
from django.db.migrations import AddIndex, CreateModel, Migration
from django.db.migrations.loader import MigrationLoader
from django_migration_linter import MigrationLinter

OURS = ("accounts", "contacts", "campaigns", "wa_sessions")
# A column that may not be empty, and one that goes, from before anybody ran an older release beside it.
BEFORE_THE_FIRST_RELEASE = [
    "0003_nodes",
    "0004_no_unproven_phone",
    "0009_states_and_reason_codes",
    "0010_links_and_runners",
]
# Indexes of tables with rows in them, made in a transaction, from before anybody had many rows.
BEFORE_MANY_ROWS = {
    "campaigns.0004_limits",
    "campaigns.0008_breaker_index_and_raises",
    "contacts.0003_subscription_revoked",
    "contacts.0006_import_discarded",
    "wa_sessions.0005_warm_chats",
}

pytestmark = pytest.mark.django_db


def test_no_model_has_changed_without_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.django_db(transaction=True)  # some migrations may be in none
@pytest.mark.parametrize("app", OURS)
def test_no_migration_locks_or_loses(app: str) -> None:
    linter = MigrationLinter(
        str(settings.BASE), include_apps=[app], ignore_name=BEFORE_THE_FIRST_RELEASE,
        no_cache=True, quiet=["ok", "ignore", "warning"],
    )  # fmt: skip
    linter.lint_all_migrations()
    assert linter.nb_valid, "no migration was looked at"
    assert not linter.has_errors


def test_no_index_keeps_writers_waiting() -> None:
    """An index of a table that was there before is made while rows are written."""
    found = {
        f"{app}.{name}"
        for (app, name), migration in MigrationLoader(None).disk_migrations.items()
        if app in OURS and _locks_for_an_index(migration)
    }
    assert found == BEFORE_MANY_ROWS


def _locks_for_an_index(migration: Migration) -> bool:
    made = {op.name_lower for op in migration.operations if isinstance(op, CreateModel)}
    return any(
        isinstance(op, AddIndex)
        and not isinstance(op, AddIndexConcurrently)
        and op.model_name_lower not in made
        for op in migration.operations
    )
