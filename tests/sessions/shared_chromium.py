"""Browsers of transports under test that are one Chromium, in which each home is a profile of its own.

To start a Chromium for each of them costs more than what most tests ask of it. A profile has what its home was
left with for as long as the tests of a file run; who looks at processes, kills them or fills a disk asks for a
browser `apart`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from unittest import mock

from sessions.interfaces import Opened
from sessions.transports.browser import BrowserTransport, launch
from sessions.transports.browser import transport as transport_module
from sessions.transports.browser.driver_thread import DriverThread
from sessions.transports.browser.thread import STOP_SECONDS, BrowserThread

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

# Of the driver's options, what belongs to a profile; the others belong to the browser.
OF_A_PROFILE = ("user_agent", "locale", "viewport", "accept_downloads", "permissions")


@dataclass
class SharedChromium:
    """The browser, as the driver starts it, and the thread that everything here belongs to."""

    thread: DriverThread = field(default_factory=DriverThread)
    browser: Browser | None = None
    profiles: dict[Path, BrowserContext] = field(default_factory=dict)

    def profile(self, executable: str, folder: Path) -> BrowserContext:
        """That of the home in this folder."""
        options = launch.options(executable, folder, sandbox=False)
        del options["user_data_dir"]
        # Each profile has a process of its own: one that is forked costs less than one that is started.
        options["args"].remove("--no-zygote")
        its = {name: options.pop(name) for name in OF_A_PROFILE}
        if self.browser is None or not self.browser.is_connected():
            self.profiles.clear()
            self.browser = self.thread.playwright().chromium.launch(**options)
        if folder not in self.profiles:
            self.profiles[folder] = self.browser.new_context(**its)
        return self.profiles[folder]

    def forget(self) -> None:
        """No home is there any more."""
        for context in self.profiles.values():
            context.close()
        self.profiles.clear()

    def close(self) -> None:
        """The browser ends."""
        if self.browser is not None:
            self.browser.close()


_shared: list[SharedChromium] = []


def _chromium() -> SharedChromium:
    if not _shared:
        _shared.append(SharedChromium())
    return _shared[0]


def forget_homes() -> None:
    """After the tests of a file."""
    for one in _shared:
        one.thread.run(one.forget).result(STOP_SECONDS)


def end() -> None:
    """After all tests of this worker, or where it hangs: the next one who asks has another."""
    while _shared:
        one = _shared.pop()
        one.thread.run(one.close)
        one.thread.end(STOP_SECONDS)


class SharedThread(BrowserThread):
    """One page in the shared browser; its profile stays when it is closed."""

    def __init__(self, profile: Path, *, without_sandbox: bool) -> None:
        assert without_sandbox
        self.profile = profile
        self.crashed = threading.Event()
        self._chromium = _chromium()
        self._thread = self._chromium.thread
        self._page: Page | None = None

    def start(self, executable: str, script: str) -> Page:
        """In the thread: a page with `script` in it."""
        self._page = page = self._chromium.profile(executable, self.profile).new_page()
        page.add_init_script(script=script)
        page.on("crash", lambda _: self.crashed.set())
        page.on("close", lambda _: self.crashed.set())
        return page

    def stop(self) -> None:
        """Close the page."""
        self.crashed.set()
        if not self._is_closed():
            end()

    def _close_context(self) -> None:
        if self._page is not None:
            self._page.close()


class SharedBrowserTransport(BrowserTransport):
    """A transport whose browser is the shared one."""

    def open(self) -> Opened:
        """As always."""
        with mock.patch.object(transport_module, "BrowserThread", SharedThread):
            return super().open()
