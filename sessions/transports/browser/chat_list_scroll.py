"""The chat list from top to bottom. Only the rows in sight are in the page."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from sessions.transports.browser.page import WebPage

PAGES = 400
"""A list longer than this many screens is not read to its end: 20 chats each, newest first."""
SHOWN_SECONDS = 2.0
"""A page that never fills its list after a scroll is read as it is after so long."""


def screenfuls(page: WebPage) -> Iterator[tuple[float, list[dict[str, Any]]]]:
    """One screen after another: how far down it stands (pixels), and its rows.

    A list that was read to its end is back at its top.
    """
    top = 0.0
    for _ in range(PAGES):
        scrolled = page.ask("scroll", top)
        yield top, rows_shown(page)
        if scrolled["end"] or not scrolled["page"]:
            break
        top += scrolled["page"] * 0.8
    page.ask("scroll", 0)


def rows_shown(page: WebPage) -> list[dict[str, Any]]:
    """The rows of the place that was scrolled to: read too early, they are those of the last one."""
    limit = time.monotonic() + SHOWN_SECONDS
    while True:
        shown = page.wait(0.08, "screenful")
        if shown["whole"] or time.monotonic() > limit:
            rows: list[dict[str, Any]] = shown["rows"]
            return rows
