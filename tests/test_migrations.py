"""Migrations are there, and none locks a table for long or breaks the release that still runs."""

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django_migration_linter import MigrationLinter

OURS = ("accounts", "contacts", "campaigns", "wa_sessions")
# A column that may not be empty, from before anybody ran an older release beside it.
BEFORE_THE_FIRST_RELEASE = ["0003_nodes"]

pytestmark = pytest.mark.django_db


def test_no_model_has_changed_without_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_no_migration_locks_or_loses() -> None:
    assert set(OURS) <= {app.label for app in apps.get_app_configs()}
    linter = MigrationLinter(
        str(settings.BASE), include_apps=list(OURS), ignore_name=BEFORE_THE_FIRST_RELEASE,
        no_cache=True, quiet=["ok", "ignore", "warning"],
    )  # fmt: skip
    linter.lint_all_migrations()
    assert linter.nb_valid, "no migration was looked at"
    assert not linter.has_errors
