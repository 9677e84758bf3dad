"""The data folder: created, checked and held by one simulator at a time."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import IO


class FolderRefused(Exception):
    """The data folder can't be used; the text says why in one line."""


def hold(path: Path) -> IO[str]:
    """Create the folder and lock it until the returned file is closed; FolderRefused if not possible."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        lock = (path / "lock").open("a")
        (path / "record.jsonl").open("ab").close()
    except OSError as error:
        raise FolderRefused(f"data folder {path} is not writable: {error.strerror}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.close()
        raise FolderRefused(f"data folder {path} is in use by another simulator") from error
    return lock
