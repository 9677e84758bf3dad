"""The limits of all sessions that a process drives, a few seconds old at most."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic

from campaigns.limits import pacing
from campaigns.limits.pacing import Limits
from sessions.models import WhatsAppSession

FRESH = 2.5  # seconds; who waits asks again as often: a change is followed within five


@dataclass
class FreshLimits:
    """The limits of a process's sessions, read again by one query once they are too old.

    A host's looks, which know what has changed, spare it that query (`seen`): it asks for itself, after
    `oldest` seconds, where they fail. A session that is driven no more is dropped with `forget`.
    """

    oldest: float = FRESH
    seconds: Callable[[], float] = monotonic
    _limits: dict[int, Limits] = field(default_factory=dict)
    _versions: dict[int, str] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _lock: Lock = field(default_factory=Lock)

    def of(self, session_id: int) -> Limits:
        """The session's limits, at most `oldest` seconds old; WhatsAppSession.DoesNotExist where it is gone."""
        with self._lock:
            if self.seconds() - self._read_at > self.oldest:
                self._read({*self._limits, session_id})
            elif session_id not in self._limits:
                self._limits |= pacing.limits_of_all([session_id])
            if session_id not in self._limits:
                raise WhatsAppSession.DoesNotExist(session_id)
            return self._limits[session_id]

    def seen(self, versions: dict[int, str]) -> set[int]:
        """A look saw these limits of all sessions that are driven here, as texts (campaigns.ledger.due); returns
        those for which they are others than at the last look: they are read again when asked for.
        """
        with self._lock:
            changed = {pk for pk, version in versions.items() if self._versions.get(pk) != version}
            for pk in changed:
                self._limits.pop(pk, None)
            self._versions, self._read_at = dict(versions), self.seconds()
            return changed

    def forget(self, session_id: int) -> None:
        """Drop the limits of a session that this process drives no more."""
        with self._lock:
            self._limits.pop(session_id, None)

    def _read(self, session_ids: set[int]) -> None:
        self._limits = pacing.limits_of_all(session_ids) if session_ids else {}
        self._read_at = self.seconds()
