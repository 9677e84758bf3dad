"""A process that knows the kind in tests/cloud/kind by one line."""

from importlib import import_module

import pytest
from pytest_django import Settings

from sessions.registry import BACKENDS
from tests.cloud.line import CLOUD


@pytest.fixture(autouse=True)
def cloud(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """The line of the table, and an environment whose pages were started with it."""
    import_module("blu.urls")  # those of every other process are made without it
    monkeypatch.setitem(BACKENDS, "cloud", CLOUD)
    # Here and now: what asks for the first address after a test would make them without the line.
    import_module("tests.cloud.site")
    settings.ROOT_URLCONF = "tests.cloud.site"
