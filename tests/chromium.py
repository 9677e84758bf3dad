"""One Chromium for all the tests of a worker that look at pages; each opens contexts of its own."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from playwright.sync_api import Browser, sync_playwright

from blu.ops.browser_path import browser_path

# A page lives for seconds here: a compiler that learns what runs often costs more than its code saves.
UNOPTIMISED = "--js-flags=--no-opt --no-maglev"

# What a graphics card would draw is drawn by the browser itself: a process fewer, a tenth of the time.
WITHOUT_GPU = ("--disable-gpu", "--in-process-gpu")

Chromium = Callable[[], AbstractContextManager[Browser]]


@contextmanager
def start_chromium() -> Iterator[Chromium]:
    """A headless Chromium, closed when the block ends; calling it lends it to a block.

    Playwright leaves its event loop in the thread that started it, where Django then refuses the
    database, or opens a connection apart. So the loop is there only while the browser is lent.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path(os.environ.get("BLU_BROWSER")),
            args=["--no-sandbox", "--disable-quic", *WITHOUT_GPU, UNOPTIMISED],
        )
        loop = asyncio.get_running_loop()

        @contextmanager
        def lent() -> Iterator[Browser]:
            asyncio._set_running_loop(loop)
            try:
                yield browser
            finally:
                asyncio._set_running_loop(None)

        asyncio._set_running_loop(None)
        try:
            yield lent
        finally:
            asyncio._set_running_loop(loop)
            browser.close()
