"""Migrations are there, and none locks a table for long or breaks the release that still runs."""

import pytest
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.postgres.operations import AddIndexConcurrently
from django.core.management import call_command
from django.db import connection
from django.db.migrations import AddIndex, CreateModel, Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django_migration_linter import MigrationLinter
from pgtrigger.migrations import AddTrigger, RemoveTrigger

from blu.management.commands import make_tables

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


def test_a_start_migrates_only_where_a_migration_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """To make the models of all times anew would be most of a start."""
    asked: list[str] = []
    monkeypatch.setattr(make_tables, "call_command", lambda name, **_more: asked.append(name))
    call_command("make_tables", verbosity=0)
    assert asked == ["createcachetable"]
    MigrationRecorder(connection).record_unapplied("contacts", "0001_initial")
    for operation in (AddTrigger, RemoveTrigger):
        monkeypatch.setattr(operation, "state_forwards", operation.state_forwards)
    call_command("make_tables", verbosity=0)
    assert asked[1:] == ["migrate", "createcachetable"]


def test_what_follows_the_last_migration_is_made_up_for_where_it_was_killed_before() -> None:
    Permission.objects.all().delete()
    call_command("make_tables", verbosity=0)
    assert Permission.objects.filter(codename="view_campaign").exists()
