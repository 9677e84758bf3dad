"""One client at a time begins or ends.

The library keeps its clients in maps that it doesn't guard. Two that were put in at the same moment ended the process
("concurrent map writes", in two of three times that 500 accounts were linked to one host). So does one that begins as a
device which another takes out of the store at that moment.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Seconds after which a client that has told nothing is in the maps for sure: before, it asks the store a few questions, and
# only then it dials, which may take long.
WITHIN = 0.1


class RegistryLock:
    """Held by who begins until they are in the maps, and by who ends until they are out of them."""

    def __init__(self, within: float = WITHIN) -> None:
        self._lock = threading.Lock()
        self._leaving: set[str] = set()
        self._within = within

    @contextmanager
    def beginning(
        self, may: Callable[[], bool] = lambda: True
    ) -> Iterator[tuple[Callable[[], None], bool]]:
        """Gives what is to be called at a client's first word, and what `may` said once it was this client's turn; the
        block may last as long as the client runs.
        """
        held = [self._lock]
        self._lock.acquire()
        try:
            allowed = may()
        except BaseException:
            self._lock.release()
            raise

        def is_registered() -> None:
            try:
                lock = held.pop()
            except IndexError:
                return
            lock.release()

        timer = threading.Timer(self._within, is_registered)
        timer.daemon = True
        timer.start()
        try:
            yield is_registered, allowed
        finally:
            timer.cancel()
            is_registered()

    @contextmanager
    def leaving(self, device: str) -> Iterator[None]:
        """For the time in which a device is taken out of the store: who had begun as it is in the maps, nobody else begins."""
        with self._lock:
            self._leaving.add(device)
        try:
            yield
        finally:
            with self._lock:
                self._leaving.discard(device)

    def is_leaving(self, device: str) -> bool:
        """Whether it is being taken out now; for `may`."""
        return device in self._leaving

    @contextmanager
    def ending(self) -> Iterator[None]:
        """For the time of the call that takes a client out."""
        with self._lock:
            yield
