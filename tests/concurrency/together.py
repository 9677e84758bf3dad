"""Processes that go on at the same moment, again and again."""

from datetime import datetime, timedelta
from threading import Event

from django.utils import timezone

AWAKE = 0.003  # seconds


def soon() -> str:
    """The first moment: by then each is there."""
    return (timezone.now() + timedelta(seconds=3)).isoformat()


def at_once(begins: str, number: int, *, apart: int) -> None:
    """Return at the moment of that number, so many milliseconds after the one before it, in whoever was told the same."""
    moment = datetime.fromisoformat(begins) + timedelta(milliseconds=apart * number)
    # Only the last of it is waited for awake, as nobody is woken to the tenth of a millisecond.
    Event().wait(max(0.0, (moment - timezone.now()).total_seconds() - AWAKE))
    while timezone.now() < moment:
        pass
