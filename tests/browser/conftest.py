"""A Chromium for the tests that look at pages."""

from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django.live_server_helper import LiveServer

from tests.browser.looking import Look
from tests.simulator_browser import start_browser


@pytest.fixture
def look(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Look]:
    """Opens pages of the live server; afterwards the browser must have had nothing to complain of.

    Playwright's event loop lives in the thread in which the test makes its rows, so Django is told
    to allow that; the browser is gone before the database is emptied, and before the next test.
    """
    with start_browser() as browser, monkeypatch.context() as environment:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        looking = Look(browser, live_server.url)
        yield looking
        looking.close()
        # Rows made under that loop went through a connection of its own.
        connections.close_all()
    assert looking.complaints == []
