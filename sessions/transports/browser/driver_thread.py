"""Playwright in a thread of its own, kept for the next browser once one has ended well.

Playwright's sync API runs an event loop under the calling thread, in which Django refuses the ORM. So it
gets a thread, which is handed plain functions to run. To start it with its node process takes as long
as to start a browser: a process that drives one account after the other keeps one.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from sessions.transports.browser import launch

if TYPE_CHECKING:
    from playwright.sync_api import Playwright

log = logging.getLogger(__name__)
Result = TypeVar("Result")

ANSWER_SECONDS = 5.0
MOST_BROWSERS = (
    50  # of one Playwright: what it keeps of each that ended is little, but never nothing
)

_kept: list[DriverThread] = []


class DriverThread:
    """The thread, and in it Playwright with its node process."""

    def __init__(self) -> None:
        self._playwright: Playwright | None = None
        self._browsers = 0
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(target=self._run, name="browser", daemon=True)
        self._thread.start()

    def is_alive(self) -> bool:
        """Whether it still takes something to run."""
        return self._thread.is_alive()

    def run(self, job: Callable[[], Result]) -> Future[Result]:
        """Run `job` in the thread after what it was handed before."""
        future: Future[Result] = Future()
        self._jobs.put((job, future))
        return future

    def playwright(self) -> Playwright:
        """The Playwright that a browser is started with; for use in the thread."""
        # Here, not above: Playwright takes 0.3 s and 30 MB, which a process that only enqueues
        # visits should not pay.
        from playwright.sync_api import sync_playwright  # noqa: PLC0415

        if self._playwright is None:
            os.environ.setdefault("NODE_OPTIONS", launch.DRIVER_OPTIONS)
            self._playwright = sync_playwright().start()
        self._browsers += 1
        return self._playwright

    def keep(self) -> None:
        """Keep the thread for the next browser, unless another is kept already."""
        if 0 < self._browsers < MOST_BROWSERS and not _kept:
            _kept.append(self)
        else:
            self.end(0.0)

    def end(self, seconds: float) -> None:
        """Stop Playwright, waiting up to `seconds` for it."""
        self._jobs.put(None)
        self._thread.join(seconds)

    def answers(self) -> bool:
        """Returns whether its node process is still there."""
        if not self.is_alive():
            return False
        try:
            self.run(self._ask).result(ANSWER_SECONDS)
        except Exception as error:  # noqa: BLE001  whatever it is, a new one is as good
            log.info("a kept driver is gone: %s", error)
            return False
        return True

    def _ask(self) -> None:
        assert self._playwright is not None
        self._playwright.request.new_context().dispose()

    def _run(self) -> None:
        while (item := self._jobs.get()) is not None:
            job, future = item
            try:
                future.set_result(job())
            except BaseException as error:  # noqa: BLE001  it belongs to the caller
                future.set_exception(error)
        if self._playwright is not None:
            try:
                self._playwright.stop()
            except Exception as error:  # noqa: BLE001  its node process ends with ours
                log.info("driver not stopped gracefully: %s", error)


def driver_thread() -> DriverThread:
    """Returns the thread kept for the next browser if its Playwright still answers, or a new one."""
    try:
        kept = _kept.pop()
    except IndexError:
        return DriverThread()
    if kept.answers():
        return kept
    kept.end(0.0)
    return DriverThread()
