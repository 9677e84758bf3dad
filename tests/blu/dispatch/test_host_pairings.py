"""How many people link accounts in one host at once: whoever wanders off keeps nobody else waiting."""

from collections import deque
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any, cast

import pytest

from blu.dispatch import host_pairings
from blu.dispatch.host_pairings import MOST, Pairings
from sessions.driving.runners import Heartbeat
from tests.eventually import eventually


class Queue:
    """People who wait for a code; each has it until they go, or the host stops."""

    def __init__(self, people: int) -> None:
        self.waiting = deque(range(people))
        self.gone = [Event() for _one in range(people)]
        self.shown: list[int] = []

    def pair_next(self, *_of: Any, begins: Callable[[], None], **_how: Any) -> object | None:
        """Show the next one's code for as long as they are there."""
        try:
            person = self.waiting.popleft()
        except IndexError:
            return None
        begins()
        self.shown.append(person)
        self.gone[person].wait()
        return object()


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Queue], None]]:
    """Lets a host look after them, in which nobody was unlinked."""
    stop, queues = Event(), list[Queue]()

    def begin(queue: Queue) -> None:
        queues.append(queue)
        monkeypatch.setattr(host_pairings, "pair_next", queue.pair_next)
        monkeypatch.setattr(host_pairings, "leave_next", lambda *_of, **_how: False)
        Pairings(cast(Heartbeat, None), stop, lambda: None).begin()

    yield begin
    stop.set()
    for queue in queues:
        for gone in queue.gone:
            gone.set()


def test_several_have_their_codes_at_once_though_none_goes(looks: Callable[[Queue], None]) -> None:
    queue = Queue(3)
    looks(queue)
    eventually(lambda: sorted(queue.shown) == [0, 1, 2])


def test_of_more_than_a_host_has_threads_for_the_next_has_its_code_when_one_goes(
    looks: Callable[[Queue], None],
) -> None:
    queue = Queue(MOST + 1)
    looks(queue)
    eventually(lambda: len(queue.shown) == MOST)
    assert list(queue.waiting) == [MOST]
    queue.gone[0].set()
    # Nobody looks while all are taken; the one that has just come free does.
    eventually(lambda: MOST in queue.shown)


def test_an_attempt_that_fails_ends_no_other(
    looks: Callable[[Queue], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = Queue(2)
    shown = queue.pair_next

    def fails_once(*of: Any, begins: Callable[[], None], **how: Any) -> object | None:
        if len(queue.waiting) == 2:
            queue.waiting.popleft()
            begins()
            raise ValueError
        return shown(*of, begins=begins, **how)

    monkeypatch.setattr(queue, "pair_next", fails_once)
    looks(queue)
    eventually(lambda: queue.shown == [1])
