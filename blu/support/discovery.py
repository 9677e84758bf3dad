"""Loads the admin pages: those of every app, and those of every room of ours."""

from importlib import import_module
from pathlib import Path

from django.apps import apps
from django.contrib import admin

WITH_ROOMS = ("campaigns", "contacts", "wa_sessions")


def load_admin_pages() -> None:
    """Import each app's `admin`, and of apps that have rooms also each room's."""
    admin.autodiscover()
    for label in WITH_ROOMS:
        app = apps.get_app_config(label)
        for pages in sorted(Path(app.path).glob("*/admin.py")):
            import_module(f"{app.name}.{pages.parent.name}.admin")
