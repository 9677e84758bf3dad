"""Playwright in a thread of its own.

Playwright's sync API runs an event loop under the calling thread, in which Django refuses the
ORM. So each transport keeps its browser in one thread and hands it plain functions to run; the
caller waits for the result, with a deadline, and stays free to use the database in between.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sessions.interfaces import LinkLost
from sessions.transports.browser import launch, mending, words

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

log = logging.getLogger(__name__)
Result = TypeVar("Result")
STOP_SECONDS = 10.0


class BrowserThread:
    """The thread, and in it one browser on one profile folder with one page."""

    def __init__(self, profile: Path, *, without_sandbox: bool) -> None:
        self.profile = profile
        self._without_sandbox = without_sandbox
        self.crashed = threading.Event()
        self._jobs: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None] = (
            queue.SimpleQueue()
        )
        self._thread = threading.Thread(
            target=self._run, name=f"browser-{profile.name}", daemon=True
        )
        self._playwright: Playwright | None = None
        self._context: BrowserContext | None = None
        self._page: Page | None = None
        self._thread.start()

    def call(self, job: Callable[[], Result], seconds: float) -> Result:
        """Run `job` in the browser's thread and return its result.

        Raises what the job raises; LinkLost when the browser is gone or `seconds` have passed,
        after which the browser is killed, because its thread can't be freed otherwise.
        """
        if self.crashed.is_set() or not self._thread.is_alive():
            raise LinkLost(words.BROWSER_GONE)
        future: Future[Result] = Future()
        self._jobs.put((job, future))
        try:
            return future.result(seconds)
        except TimeoutError as error:
            self.crashed.set()
            launch.kill_on(self.profile)
            raise LinkLost(words.BROWSER_SLOW) from error

    def start(self, executable: str, script: str) -> Page:
        """In the thread: start the browser with `script` in every page. Returns its one page."""
        # Here, not above: Playwright takes 0.3 s and 30 MB, which a process that only enqueues
        # visits should not pay.
        from playwright.sync_api import sync_playwright  # noqa: PLC0415

        try:
            mending.trim_torn_logs(self.profile)
            launch.mark_clean(self.profile)
        except OSError as error:
            raise LinkLost(words.PROFILE_UNUSABLE) from error
        os.environ.setdefault("NODE_OPTIONS", launch.DRIVER_OPTIONS)
        self._playwright = sync_playwright().start()
        try:
            self._context = self._launch(executable)
        except LinkLost:
            raise
        except Exception as error:
            log.warning("browser not started: %s", error)
            taken = any(sign in str(error) for sign in launch.TAKEN)
            raise LinkLost(words.PROFILE_IN_USE if taken else words.BROWSER_FAILED) from error
        self._context.add_init_script(script=script)
        self._page, *others = self._context.pages or [self._context.new_page()]
        for page in others:
            page.close()
        self._page.on("crash", lambda _: self.crashed.set())
        self._page.on("close", lambda _: self.crashed.set())
        return self._page

    def stop(self) -> None:
        """Close the browser gracefully and end the thread; kills whatever stays. Never raises."""
        if self._thread.is_alive():
            self._jobs.put(None)
            self._thread.join(STOP_SECONDS)
        self.crashed.set()
        launch.kill_on(self.profile)
        # A driver that was waiting for the killed browser ends now, and with it the thread.
        self._thread.join(1.0)

    def _launch(self, executable: str) -> BrowserContext:
        assert self._playwright is not None
        start = self._playwright.chromium.launch_persistent_context
        try:
            if launch.may_sandbox():
                return start(**launch.options(executable, self.profile, sandbox=True))
        except Exception as error:
            if launch.NO_SANDBOX not in str(error):
                raise
        # It renders what strangers write: without a sandbox only where somebody said so.
        if not self._without_sandbox:
            log.error("the browser's sandbox can't be used here: see BLU_BROWSER_WITHOUT_SANDBOX")
            raise LinkLost(words.NO_SANDBOX)
        log.warning("the browser's own sandbox can't be used on this machine: going without")
        return start(**launch.options(executable, self.profile, sandbox=False))

    def _run(self) -> None:
        while (item := self._jobs.get()) is not None:
            job, future = item
            try:
                future.set_result(job())
            except BaseException as error:  # noqa: BLE001  it belongs to the caller
                future.set_exception(_plain(error))
        for end in (self._close_context, self._stop_playwright):
            try:
                end()
            except Exception as error:  # noqa: BLE001  stop() kills what can't be closed
                log.info("browser not closed gracefully: %s", error)

    def _close_context(self) -> None:
        if self._context is not None:
            self._context.close()

    def _stop_playwright(self) -> None:
        if self._playwright is not None:
            self._playwright.stop()


def _plain(error: BaseException) -> BaseException:
    """Playwright's own errors mean that the page or the browser is gone."""
    if not type(error).__module__.startswith("playwright"):
        return error
    log.info("browser: %s", str(error).splitlines()[0])
    lost = LinkLost(words.BROWSER_GONE)
    lost.__cause__ = error
    return lost
