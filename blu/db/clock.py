"""One knob for time: `BLU_TIME_SCALE` shortens every wait in tests and trial."""

from django.conf import settings


def scaled(seconds: float) -> float:
    """Returns a wait of `seconds`, shortened by the setting TIME_SCALE."""
    return seconds * float(settings.TIME_SCALE)
