"""A lock held by a process as long as it lives, however it ends."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyHeld(Exception):
    """Another living process holds the lock."""


@contextmanager
def only_one(file: Path) -> Iterator[None]:
    """Hold `file` for the time of the block. Raises AlreadyHeld at once where another process does."""
    with file.open("a", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyHeld(str(file)) from None
        yield
