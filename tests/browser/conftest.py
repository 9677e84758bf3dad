"""Pages in a Chromium, for the tests that look at them."""

from collections.abc import Iterator

import pytest
from django.db import connections
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from blu.accounts.models import Membership
from tests.browser.answers import Answers
from tests.browser.kept_connections import KeptConnections
from tests.browser.looking import Look
from tests.browser.windows import Windows
from tests.chromium import Chromium
from tests.factories import make_membership, make_user

# A part that asks again after seconds is seen late on a busy machine; only what fails waits as long.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def windows() -> Windows:
    """This worker's windows, which its tests look through one after the other."""
    return Windows()


@pytest.fixture(scope="session")
def answers(live_server: LiveServer) -> Answers:
    """What the live server is asked and has not answered yet."""
    KeptConnections(live_server.thread.httpd)
    return Answers(live_server.thread.httpd)


@pytest.fixture
def look(
    live_server: LiveServer,
    answers: Answers,
    windows: Windows,
    worker_chromium: Chromium,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Look]:
    """Opens pages of the live server; afterwards the browser must have had nothing to complain of.

    Playwright's event loop lives in the thread in which the test makes its rows, so Django is told
    to allow that; the pages are left before the database is emptied, and before the next test.
    """
    with answers.ended(), worker_chromium() as browser, monkeypatch.context() as environment:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        looking = Look(browser, live_server.url, windows)
        try:
            yield looking
        finally:
            try:
                looking.close()
            finally:
                # Rows made under that loop went through a connection of its own.
                connections.close_all()
    assert looking.complaints == []


@pytest.fixture
def owner(transactional_db: None) -> Membership:
    """The owner of a business; each page is signed in by itself."""
    return make_membership(user=make_user(name="Ana Ribeiro"))
