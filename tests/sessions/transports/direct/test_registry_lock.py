"""Two clients never begin or end at the same moment, and one that says nothing holds up nobody for long."""

from __future__ import annotations

import threading

import pytest

from sessions.transports.direct.registry_lock import RegistryLock
from tests.eventually import eventually

LONG = 60.0


def _busy(lock: RegistryLock, at_work: list[str], let_go: threading.Event) -> threading.Thread:
    def begin() -> None:
        with lock.beginning():
            at_work.append("begun")
            let_go.wait(LONG)

    thread = threading.Thread(target=begin)
    thread.start()
    return thread


def test_the_next_begins_at_the_first_word_of_the_one_before() -> None:
    lock, let_go = RegistryLock(within=LONG), threading.Event()
    at_work: list[str] = []
    with lock.beginning() as (is_registered, _may):
        other = _busy(lock, at_work, let_go)
        assert not at_work
        is_registered()
        eventually(lambda: at_work == ["begun"])
        is_registered()  # every word says so again
    let_go.set()
    other.join()
    with lock.ending():
        pass


def test_nobody_ends_while_another_begins() -> None:
    lock, let_go = RegistryLock(within=LONG), threading.Event()
    at_work: list[str] = []
    thread = _busy(lock, at_work, let_go)
    eventually(lambda: bool(at_work))
    ended = threading.Event()

    def end() -> None:
        with lock.ending():
            ended.set()

    other = threading.Thread(target=end)
    other.start()
    assert not ended.is_set()
    let_go.set()
    eventually(ended.is_set)
    thread.join()
    other.join()


def test_one_that_dials_for_long_holds_up_nobody() -> None:
    lock, let_go = RegistryLock(), threading.Event()
    at_work: list[str] = []
    threads = [_busy(lock, at_work, let_go) for _ in range(3)]
    eventually(lambda: len(at_work) == 3)
    let_go.set()
    for thread in threads:
        thread.join()
    with lock.ending():
        pass


def test_whether_one_may_begin_is_asked_in_their_turn_and_no_timer_runs_meanwhile() -> None:
    lock, let_go = RegistryLock(within=0.0), threading.Event()
    at_work: list[str] = []

    def may() -> bool:
        other = _busy(lock, at_work, let_go)
        waiting.append(other)
        return not at_work

    waiting: list[threading.Thread] = []
    with lock.beginning(may) as (_is_registered, allowed):
        assert allowed
    eventually(lambda: at_work == ["begun"])
    let_go.set()
    waiting[0].join()


def test_who_fails_while_asking_keeps_nobody_from_beginning() -> None:
    lock = RegistryLock(within=LONG)

    def fails() -> bool:
        raise LookupError

    with pytest.raises(LookupError), lock.beginning(fails):
        pass
    with lock.ending():
        pass


def test_nobody_begins_as_a_device_that_is_being_taken_out() -> None:
    lock = RegistryLock()
    said = []
    with lock.leaving("one"):
        for device in ("one", "another"):
            with lock.beginning(lambda name=device: not lock.is_leaving(name)) as (_told, allowed):  # type: ignore[misc]
                said.append(allowed)
    assert said == [False, True]
    assert not lock.is_leaving("one")
