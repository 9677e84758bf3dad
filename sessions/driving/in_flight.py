"""Several messages of one link under way at once, for links of a host whose kind can."""

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from threading import BoundedSemaphore, Condition

from django.db import connection


@dataclass
class InFlight:
    """Delivers up to `most` messages of a link at once, in threads of `pool`: it has as many as `places`, for
    all links together.

    What a delivery raises is kept for whoever asks for the next. `ended` is called after each, in its thread.
    """

    pool: Executor
    places: BoundedSemaphore
    most: int
    ended: Callable[[], None]
    _in_hand: int = 0
    _failure: BaseException | None = None
    _news: Condition = field(default_factory=Condition)

    def enter(self) -> bool:
        """Take a place, if there is one; raises what a delivery has raised."""
        with self._news:
            if self._failure is not None:
                raise self._failure
            if self._in_hand == self.most or not self.places.acquire(blocking=False):
                return False
            self._in_hand += 1
            return True

    def leave(self) -> None:
        """Give a place back."""
        with self._news:
            self._in_hand -= 1
            self.places.release()
            self._news.notify_all()

    def run(self, delivery: Callable[[], None]) -> None:
        """Deliver in a thread, on the place that was taken for it."""
        self.pool.submit(delivery).add_done_callback(self._delivered)

    def wait(self) -> None:
        """Until none is under way any more."""
        with self._news:
            self._news.wait_for(lambda: self._in_hand == 0)

    def _delivered(self, delivery: Future[None]) -> None:
        connection.close()
        with self._news:
            self._failure = self._failure or delivery.exception()
        self.leave()
        self.ended()
