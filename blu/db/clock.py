"""Time: the database's, and one knob: `BLU_TIME_SCALE` shortens every wait in tests and trial.

Machines' clocks differ, by minutes on a bad day. Whoever decides by the time compares in SQL, or asks
`now` here after this process has agreed with the database on what time it is.
"""

import time
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.utils import timezone

log = structlog.get_logger()

WORTH_A_WORD = 30.0  # seconds two clocks may differ before it is logged

_ahead = {"by": timedelta(0)}


def now() -> datetime:
    """The database's time, as far as this process has agreed with it."""
    return timezone.now() - _ahead["by"]


def agree(database_time: datetime) -> None:
    """Take the database's word, just received, for what time it is."""
    ahead = timezone.now() - database_time
    if abs((ahead - _ahead["by"]).total_seconds()) > WORTH_A_WORD:
        log.warning("clock_differs", seconds_ahead_of_the_database=round(ahead.total_seconds()))
    _ahead["by"] = ahead


def scaled(seconds: float) -> float:
    """A wait of `seconds`, shortened by the setting TIME_SCALE."""
    return seconds * float(settings.TIME_SCALE)


def pause(seconds: float) -> None:
    """Sleep for `seconds`, shortened by the setting TIME_SCALE."""
    time.sleep(scaled(seconds))
