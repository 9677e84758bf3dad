"""Who links accounts in a host: one thread looks whether somebody waits for a code, and as many more show theirs as people
are at it just now.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

import structlog
from django.db import Error

from blu.db import clock
from sessions.driving.runners import Heartbeat
from sessions.linking.job import pair_next
from sessions.linking.leaving import leave_next
from sessions.registry import RunsIn

log = structlog.get_logger()

MOST = 12  # people who link an account in one host at once; each has minutes for it, and may have gone away
PAIR_EVERY = 2.0  # seconds between two looks whether somebody waits for a code


@dataclass
class Pairings:
    """Shows codes to whoever waits for one of a kind that hosts link, and logs out who was unlinked, until `stop`.

    `rest` gives a connection to the database back, where it is shared.
    """

    runner: Heartbeat
    stop: Event
    rest: Callable[[], None]
    _lock: Lock = field(default_factory=Lock)
    _threads: int = 0
    _is_looked: bool = False

    def begin(self) -> None:
        """Have a thread look."""
        with self._lock:
            self._begin()

    def _begin(self) -> None:
        self._threads += 1
        self._is_looked = True
        Thread(target=self._look, name="pair", daemon=True).start()

    def _look(self) -> None:
        """Whoever finds somebody has another thread go on looking, while there may be one more; whose person has gone goes on
        looking where nobody does.
        """
        while not self.stop.is_set():
            had_somebody = False

            def follow() -> None:
                nonlocal had_somebody
                had_somebody = True
                with self._lock:
                    self._is_looked = False
                    if self._threads < MOST:
                        self._begin()

            found = self._tried(follow)
            self.rest()
            if had_somebody and not self._goes_on():
                return
            if not found:
                self.stop.wait(clock.scaled(PAIR_EVERY))

    def _goes_on(self) -> bool:
        with self._lock:
            if self._is_looked:
                self._threads -= 1
                return False
            self._is_looked = True
            return True

    def _tried(self, follow: Callable[[], None]) -> bool:
        """See to the next who waits; False where nobody does."""
        try:
            pairing = pair_next(
                self.runner, RunsIn.HOST, stop=self.stop, rest=self.rest, begins=follow
            )
            return bool(pairing) or leave_next(self.runner, rest=self.rest)
        except Error as error:
            log.warning("not_paired", error=type(error).__name__)
        except Exception:
            # One person's attempt is no other's; it ends by its age.
            log.exception("pairing_failed")
        return False
