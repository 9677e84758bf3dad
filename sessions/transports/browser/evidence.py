"""What support needs to see when the page shows something unknown: a picture and its structure."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from sessions.transports.browser.page import WebPage

log = logging.getLogger(__name__)

KEPT = 50
DAYS = 30
"""A picture shows people's messages: only the newest ones are kept, sealed, and no longer than needed."""
SEALED = ".sealed"

Seal = Callable[[bytes], bytes]


def keep(page: WebPage, folder: Path | None, name: str, seal: Seal | None = None) -> Path | None:
    """Save `<time>-<name>.png` and `.txt` (the skeleton, without anyone's words) in the folder.

    With `seal` the picture is `.png.sealed`, and only this installation can open it.

    Returns the picture's path; None without a folder or when the page gives nothing any more,
    which must not hide why it was asked.
    """
    if folder is None:
        return None
    stem = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{name}"
    picture = folder / f"{stem}.png{SEALED if seal else ''}"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(folder / f"{stem}.txt", page.ask("skeleton").encode())
        shot = page.page.screenshot(timeout=5_000)
        _write(picture, seal(shot) if seal else shot)
        sweep(folder)
    except Exception as error:  # noqa: BLE001  the reason to stop matters more than its picture
        log.warning("evidence %s could not be kept: %s", stem, error)
        return None
    return picture


def _write(path: Path, content: bytes) -> None:
    """For the owner's eyes from the first byte on."""
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)


def sweep(folder: Path) -> int:
    """Delete what is older than a month, and all but the newest; how many files."""
    oldest = time.time() - DAYS * 86_400
    files = sorted(folder.glob("*-*.*"), reverse=True)
    gone = [file for file in files[2 * KEPT :] if file.is_file()]
    gone += [file for file in files[: 2 * KEPT] if file.stat().st_mtime < oldest]
    for file in gone:
        file.unlink(missing_ok=True)
    return len(gone)
