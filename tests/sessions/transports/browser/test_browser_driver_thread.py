"""The browsers' driver, a process of its own, is kept from one browser to the next of a process."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from blu.ops.browser_path import browser_path
from sessions.transports.browser import driver_thread
from sessions.transports.browser.driver_thread import DriverThread
from sessions.transports.browser.thread import BrowserThread
from tests.processes.running_node import kill

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[DriverThread]]:
    """What is kept in this test; it ends with it."""
    mine: list[DriverThread] = []
    monkeypatch.setattr(driver_thread, "_kept", mine)
    yield mine
    for one in mine:
        one.end(10.0)


def drivers() -> list[psutil.Process]:
    """The node processes of this process's browsers, that of the Chromium which tests share among them."""
    found = []
    for one in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            found += [one] if "run-driver" in one.cmdline() else []
    return found


def opened(folder: Path) -> BrowserThread:
    """A browser on a profile of its own, with an empty page."""
    thread = BrowserThread(folder, without_sandbox=True)
    thread.call(lambda: thread.start(browser_path(), ""), 60.0)
    return thread


def test_the_next_browser_has_the_driver_of_the_last(tmp_path: Path) -> None:
    before = set(drivers())
    for number in range(2):
        opened(tmp_path / str(number)).stop()
    assert len(set(drivers()) - before) == 1


def test_two_browsers_at_once_have_a_driver_each_and_one_is_kept(
    tmp_path: Path, kept: list[DriverThread]
) -> None:
    first, second = opened(tmp_path / "1"), opened(tmp_path / "2")
    first.stop()
    second.stop()
    assert len(kept) == 1


def test_a_driver_that_died_meanwhile_is_replaced(tmp_path: Path) -> None:
    before = set(drivers())
    opened(tmp_path / "1").stop()
    (driver,) = set(drivers()) - before
    kill(driver)
    page = opened(tmp_path / "2")
    assert page.call(lambda: page._page.evaluate("1 + 1"), 10.0) == 2
    page.stop()


def test_a_driver_whose_browser_was_killed_is_not_kept(
    tmp_path: Path, kept: list[DriverThread]
) -> None:
    thread = opened(tmp_path)
    thread.crashed.set()
    thread.stop()
    assert kept == []
