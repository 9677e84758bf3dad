"""The limits of all sessions that a process drives, never older than five seconds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from campaigns import pacing
from campaigns.pacing import Limits
from sessions.models import WhatsAppSession

FRESH = 5.0  # seconds


@dataclass
class FreshLimits:
    """One query for all of them when the first is asked for too late; shared by a process's outboxes.

    Whoever stops driving a session says so, with `forget`.
    """

    seconds: Callable[[], float] = monotonic
    _limits: dict[int, Limits] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    def of(self, session_id: int) -> Limits:
        """The session's limits, at most FRESH seconds old; WhatsAppSession.DoesNotExist where it is gone."""
        with self._lock:
            if self.seconds() - self._read_at > FRESH:
                self._read({*self._limits, session_id})
            elif session_id not in self._limits:
                self._limits |= pacing.limits_of_all([session_id])
            if session_id not in self._limits:
                raise WhatsAppSession.DoesNotExist(session_id)
            return self._limits[session_id]

    def changed(self) -> set[int]:
        """Read all of them again; returns the sessions whose limits are others now, or which are gone."""
        with self._lock:
            before = self._limits
            self._read(set(before))
            return {pk for pk, limits in before.items() if self._limits.get(pk) != limits}

    def forget(self, session_id: int) -> None:
        """The session is driven here no more."""
        with self._lock:
            self._limits.pop(session_id, None)

    def _read(self, session_ids: set[int]) -> None:
        self._limits = pacing.limits_of_all(session_ids) if session_ids else {}
        self._read_at = self.seconds()
