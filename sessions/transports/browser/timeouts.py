"""How long the driver waits for WhatsApp, and how little once a stop was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

HURRY_SECONDS = 4.0
"""What each wait is still given after a stop was asked for: a stop takes 20 s in all, and a message
in hand goes through at most a question to the link, its chat, its tick and a last look."""


@dataclass
class Timeouts:
    """How long WhatsApp may take, in seconds: for a chat to open and for a tick to come.

    `scale` shortens waits in tests; `stopping` says whether this process was asked to stop.
    """

    open: float
    tick: float
    scale: float
    stopping: Callable[[], bool] = bool
    _asked_at: float | None = field(default=None, init=False)

    def until(self, seconds: float) -> Limit:
        """A limit `seconds` from now, nearer after a stop."""
        return Limit(self, time.monotonic(), seconds)

    def asked_at(self) -> float | None:
        """When a stop was first noticed (monotonic seconds); None before."""
        if self._asked_at is None and self.stopping():
            self._asked_at = time.monotonic()
        return self._asked_at


@dataclass(frozen=True)
class Limit:
    """The end of one wait."""

    timeouts: Timeouts
    started: float
    seconds: float

    def passed(self) -> bool:
        """Is the time up, or is it too long since a stop was asked for?"""
        end = self.started + self.seconds
        if (asked := self.timeouts.asked_at()) is not None:
            end = min(end, max(self.started, asked) + HURRY_SECONDS)
        return time.monotonic() >= end
