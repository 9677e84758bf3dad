"""Time, with one knob: `BLU_TIME_SCALE` shortens every wait in tests and trial."""

import time

from django.conf import settings
from django.utils import timezone

now = timezone.now


def scaled(seconds: float) -> float:
    """A wait of `seconds`, shortened by the setting TIME_SCALE."""
    return seconds * float(settings.TIME_SCALE)


def pause(seconds: float) -> None:
    """Sleep for `seconds`, shortened by the setting TIME_SCALE."""
    time.sleep(scaled(seconds))
