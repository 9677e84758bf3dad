"""One browser in the thread of its Playwright; the caller waits for what it hands over, with a deadline, and
stays free to use the database in between.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sessions.interfaces import LinkLost
from sessions.transports.browser import launch, open_scopes, reasons, torn_logs
from sessions.transports.browser.driver_thread import driver_thread

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page, Playwright

log = logging.getLogger(__name__)
Result = TypeVar("Result")
STOP_SECONDS = 10.0


class BrowserThread:
    """A thread, and in it one browser on one profile folder with one page."""

    def __init__(self, profile: Path, *, without_sandbox: bool) -> None:
        self.profile = profile
        self._without_sandbox = without_sandbox
        self.crashed = threading.Event()
        self._thread = driver_thread()
        self._context: BrowserContext | None = None
        self._page: Page | None = None

    def call(self, job: Callable[[], Result], seconds: float) -> Result:
        """Run `job` in the browser's thread and return its result.

        Raises what the job raises; LinkLost when the browser is gone or `seconds` have passed,
        after which the browser is killed, because its thread can't be freed otherwise.
        """
        if self.crashed.is_set() or not self._thread.is_alive():
            raise LinkLost(reasons.BROWSER_GONE)
        try:
            return self._thread.run(lambda: _plainly(job)).result(seconds)
        except TimeoutError as error:
            self.crashed.set()
            launch.kill_on(self.profile)
            raise LinkLost(reasons.BROWSER_SLOW) from error

    def start(self, executable: str, script: str) -> Page:
        """In the thread: start the browser with `script` in every page. Returns its one page."""
        try:
            torn_logs.trim(self.profile)
            open_scopes.part(self.profile)
            launch.mark_clean(self.profile)
        except OSError as error:
            raise LinkLost(reasons.PROFILE_UNUSABLE) from error
        playwright = self._thread.playwright()
        try:
            self._context = self._launch(playwright, executable)
        except LinkLost:
            raise
        except Exception as error:
            log.warning("browser not started: %s", error)
            taken = any(sign in str(error) for sign in launch.TAKEN)
            raise LinkLost(reasons.PROFILE_IN_USE if taken else reasons.BROWSER_FAILED) from error
        self._context.add_init_script(script=script)
        self._page, *others = self._context.pages or [self._context.new_page()]
        for page in others:
            page.close()
        self._page.on("crash", lambda _: self.crashed.set())
        self._page.on("close", lambda _: self.crashed.set())
        return self._page

    def stop(self) -> None:
        """Close the browser gracefully and let go of the thread; kills whatever stays. Never raises."""
        well = not self.crashed.is_set() and self._is_closed()
        self.crashed.set()
        killed = launch.kill_on(self.profile)
        if well and not killed:
            self._thread.keep()
        else:
            # A driver that was waiting for the killed browser ends now, and with it the thread.
            self._thread.end(1.0)

    def _is_closed(self) -> bool:
        """Whether the browser could be closed gracefully."""
        if not self._thread.is_alive():
            return False
        try:
            self._thread.run(self._close_context).result(STOP_SECONDS)
        except Exception as error:  # noqa: BLE001  stop() kills what can't be closed
            log.info("browser not closed gracefully: %s", error)
            return False
        return True

    def _launch(self, playwright: Playwright, executable: str) -> BrowserContext:
        start = playwright.chromium.launch_persistent_context
        try:
            if launch.may_sandbox():
                return start(**launch.options(executable, self.profile, sandbox=True))
        except Exception as error:
            if launch.NO_SANDBOX not in str(error):
                raise
        # It renders what strangers write: without a sandbox only where somebody said so.
        if not self._without_sandbox:
            log.error("the browser's sandbox can't be used here: see BLU_BROWSER_WITHOUT_SANDBOX")
            raise LinkLost(reasons.NO_SANDBOX)
        log.warning("the browser's own sandbox can't be used on this machine: going without")
        return start(**launch.options(executable, self.profile, sandbox=False))

    def _close_context(self) -> None:
        if self._context is not None:
            self._context.close()


def _plainly(job: Callable[[], Result]) -> Result:
    """The job's result. Playwright's own errors mean that the page or the browser is gone."""
    try:
        return job()
    except BaseException as error:
        if not type(error).__module__.startswith("playwright"):
            raise
        log.info("browser: %s", str(error).splitlines()[0])
        raise LinkLost(reasons.BROWSER_GONE) from error
