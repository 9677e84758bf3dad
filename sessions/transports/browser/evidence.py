"""What support needs to see when the page shows something unknown: a picture and its structure."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from sessions.transports.browser.page import WebPage

log = logging.getLogger(__name__)


def keep(page: WebPage, folder: Path | None, name: str) -> Path | None:
    """Save `<time>-<name>.png` and `.txt` (the skeleton, without anyone's words) in the folder.

    Returns the picture's path; None without a folder or when the page gives nothing any more,
    which must not hide why it was asked.
    """
    if folder is None:
        return None
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{name}"
    picture = folder / f"{stem}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{stem}.txt").write_text(page.ask("skeleton"), encoding="utf-8")
        page.page.screenshot(path=picture, timeout=5_000)
    except Exception as error:  # noqa: BLE001  the reason to stop matters more than its picture
        log.warning("evidence %s could not be kept: %s", stem, error)
        return None
    return picture
