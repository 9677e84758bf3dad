"""What support needs to see when the page shows something unknown: a picture, its structure, and what it is.

Gathered in the browser's thread; whoever drives the transport keeps it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from sessions.evidence.captured import PART_MOST, WORD_MOST, Evidence, pack
from sessions.transports.browser import screens
from sessions.transports.browser.page import WebPage

log = logging.getLogger(__name__)

PICTURE_SECONDS = 5.0
QUALITIES = (60, 25)


def gather(page: WebPage, kind: str) -> Evidence:
    """What the page still gives. Never raises: why it was asked matters more."""
    told: dict[str, Any] = _tried(lambda: page.ask("evidence", screens.ALL), {})
    picture = _tried(lambda: _picture(page), b"")
    return Evidence(
        kind[:WORD_MOST],
        screens.screen_of(told.get("look", {})).value,
        str(told.get("build", ""))[:WORD_MOST],
        dict(page.matched),
        picture,
        pack(told["skeleton"]) if "skeleton" in told else b"",
    )


def _picture(page: WebPage) -> bytes:
    """A JPEG of at most PART_MOST bytes; none where even the lowest quality is beyond that."""
    for quality in QUALITIES:
        shot = page.page.screenshot(type="jpeg", quality=quality, timeout=PICTURE_SECONDS * 1000)
        if len(shot) <= PART_MOST:
            return shot
    return b""


def _tried(step: Callable[[], Any], otherwise: Any) -> Any:
    try:
        return step()
    except Exception as error:  # noqa: BLE001  the reason to stop matters more than its evidence
        log.warning("evidence not whole: %s", type(error).__name__)
        return otherwise
