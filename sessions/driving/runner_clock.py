"""The database's time, for runners: they hold back in Python until a moment that is stored.

Machines' clocks differ, by minutes on a bad day. A runner hears the database's time with every lease and sign of
life. Everything else compares with what is stored in SQL, and shows `timezone.now()` (docs/decisions/0046).
"""

from datetime import datetime, timedelta

import structlog
from django.utils import timezone

log = structlog.get_logger()

WORTH_A_WORD = 30.0  # seconds two clocks may differ before it is logged

_ahead = {"by": timedelta(0)}


def now() -> datetime:
    """Returns the database's time, as far as this process has agreed with it."""
    return timezone.now() - _ahead["by"]


def agree(database_time: datetime) -> None:
    """Take the database's word, just received, for what time it is."""
    ahead = timezone.now() - database_time
    if abs((ahead - _ahead["by"]).total_seconds()) > WORTH_A_WORD:
        log.warning("clock_differs", seconds_ahead_of_the_database=round(ahead.total_seconds()))
    _ahead["by"] = ahead
