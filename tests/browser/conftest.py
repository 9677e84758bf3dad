"""Pages in a Chromium, for the tests that look at them."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connections
from pytest_django.live_server_helper import LiveServer

from blu.accounts.models import Membership
from tests.browser.looking import Look
from tests.chromium import Chromium
from tests.factories import make_membership, make_user

ANSWER_SECONDS = 30


@pytest.fixture
def look(
    live_server: LiveServer, worker_chromium: Chromium, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Look]:
    """Opens pages of the live server; afterwards the browser must have had nothing to complain of.

    Playwright's event loop lives in the thread in which the test makes its rows, so Django is told
    to allow that; the pages are gone before the database is emptied, and before the next test.
    """
    with worker_chromium() as browser, monkeypatch.context() as environment:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        looking = Look(browser, live_server.url)
        try:
            yield looking
        finally:
            looking.close()
            # Rows made under that loop went through a connection of its own.
            connections.close_all()
    _wait_for_answers()
    assert looking.complaints == []


@pytest.fixture
def owner(transactional_db: None) -> Membership:
    """The owner of a business; each page is signed in by itself."""
    return make_membership(user=make_user(name="Ana Ribeiro"))


def _wait_for_answers() -> None:
    """Until the live server ended what it was still asked: a late one would use the next test's database."""
    for thread in threading.enumerate():
        if "process_request_thread" in thread.name:
            thread.join(ANSWER_SECONDS)
            assert not thread.is_alive(), "the live server still answers a browser that is gone"
