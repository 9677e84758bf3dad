"""The one way to wait in tests: until something is true, with a limit that only a fault reaches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import psycopg

GENEROUS = 180.0
"""Seconds: no promise and no measure, only the end of a wait for what never comes."""
EVERY = 0.05
SELDOM = 0.2
"""Seconds between two looks at a whole house, or at rows by the hundred: each costs those who work."""

Found = TypeVar("Found")


class NotYet(Exception):
    """What is looked for is not there so far."""


# The simulator that is away is a ConnectionError too.
OUTAGES = (NotYet, psycopg.OperationalError, ConnectionError)


def eventually(
    found: Callable[[], Found], *, seconds: float = GENEROUS, every: float = EVERY
) -> Found:
    """What `found` gives once that is true; while what it asks is away, it is not true yet.

    AssertionError after so many seconds, with what it gave or raised last; any other error at once.
    """
    begun = time.monotonic()
    last: object = None
    while (waited := time.monotonic() - begun) < seconds:
        try:
            last = value = found()
            if value:
                return value
        except OUTAGES as error:
            last = error
        # What takes long is looked at less and less often: a tenth of the time later.
        time.sleep(max(every, min(waited / 10, SELDOM)))
    raise AssertionError(f"it did not come true in {seconds:.0f} s; last: {last!r}")
