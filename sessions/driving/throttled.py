"""A step that is called often and done seldom."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic


@dataclass
class Throttled:
    """Calls `step` at most every few seconds: a proof a message would be a write a message."""

    step: Callable[[], None]
    every: float = 5.0
    _last: float = float("-inf")

    def __call__(self) -> None:
        """Call the step unless it was called a moment ago."""
        if monotonic() - self._last >= self.every:
            self._last = monotonic()
            self.step()
