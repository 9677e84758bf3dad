"""Polling as the drive does, for tests of transports: what was heard is acknowledged at once."""

from __future__ import annotations

from collections.abc import Callable

from sessions.events import Event, Receipt, Tick
from sessions.interfaces import Sent, Transport
from tests.eventually import eventually


def hear(transport: Transport, timeout: float = 0) -> list[Event]:
    """The events of one poll."""
    batch = transport.poll(timeout)
    transport.acknowledge(batch)
    return list(batch.events)


def hear_all(transport: Transport) -> list[Event]:
    """The events of as many polls as it takes until nothing is unread."""
    heard: list[Event] = []
    more = True
    while more:
        batch = transport.poll(0)
        transport.acknowledge(batch)
        heard += batch.events
        more = batch.more or bool(batch.events)
    return heard


def heard_until(transport: Transport, done: Callable[[list[Event]], bool]) -> list[Event]:
    """Poll until `done` says yes of everything heard so far; fails when it never does."""
    heard: list[Event] = []

    def is_done() -> bool:
        heard.extend([] if done(heard) else hear(transport, 0.5))
        return done(heard)

    eventually(is_done)
    return heard


def heard_until_read(transport: Transport, *sent: Sent) -> list[Event]:
    """Poll until all of these messages were read, and return what was heard meanwhile.

    On a busy machine one may be read before its sending was even noticed: then that has told it, and no
    receipt says it again.
    """
    missing = {one.message_id for one in sent if one.tick is not Tick.READ}
    return heard_until(transport, lambda events: missing <= read(events))


def read(events: list[Event]) -> set[str]:
    """The ids of the messages whose receipt says that they were read."""
    return {one.message_id for one in events if isinstance(one, Receipt) and one.tick is Tick.READ}
