"""What support needs to see when the page shows something unknown: a picture and its structure."""

from __future__ import annotations

import logging
import os
from datetime import UTC, datetime
from pathlib import Path

from sessions.transports.browser.page import WebPage

log = logging.getLogger(__name__)

KEPT = 50
"""A picture shows people's messages: only the newest ones are kept, for their owner alone."""


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
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(folder / f"{stem}.txt", page.ask("skeleton").encode())
        _write(picture, page.page.screenshot(timeout=5_000))
        _forget_old(folder)
    except Exception as error:  # noqa: BLE001  the reason to stop matters more than its picture
        log.warning("evidence %s could not be kept: %s", stem, error)
        return None
    return picture


def _write(path: Path, content: bytes) -> None:
    """For the owner's eyes from the first byte on."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)


def _forget_old(folder: Path) -> None:
    for suffix in (".png", ".txt"):
        for old in sorted(folder.glob(f"*{suffix}"))[:-KEPT]:
            old.unlink(missing_ok=True)
