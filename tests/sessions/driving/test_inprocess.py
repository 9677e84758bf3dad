"""The stand-in keeps what the interface promises, and fails where it is told to."""

import threading
from datetime import UTC, datetime

import pytest

from sessions.events import Address, Incoming, Link, Receipt, Text, Tick
from sessions.interfaces import (
    InDoubt,
    Key,
    LinkLost,
    Outbox,
    Outgoing,
    ProvesByLooking,
    Transport,
)
from sessions.transports.inprocess import InProcessTransport

MESSAGE = Outgoing(Key("delivery", 1), Address("+5511987654321", "5511987654321"), Text("Olá"))
REPLY = Incoming(Address("+5511987654321"), "3A01", Text("SAIR"), datetime.now(UTC))


@pytest.fixture
def transport() -> InProcessTransport:
    transport = InProcessTransport(receipts=(Tick.DELIVERED, Tick.READ))
    assert transport.open().link is Link.ONLINE
    return transport


def public(protocol: type) -> set[str]:
    return {name for name in vars(protocol) if not name.startswith("_")}


def test_the_interfaces_stay_small() -> None:
    assert public(Transport) == {"open", "pair", "lookup", "send", "poll", "acknowledge", "close"}
    assert public(ProvesByLooking) == {"prove"}
    assert public(Outbox) == {
        "next", "before_wire", "settle", "record_lookup", "record_event", "recover",
        "uncertain_messages", "confirm_sent", "awaiting_receipts",
    }  # fmt: skip


def test_what_is_sent_is_remembered_with_an_id_of_its_own_and_its_receipts_come_by_poll(
    transport: InProcessTransport,
) -> None:
    pressed: list[int] = []
    ids = [
        transport.send(MESSAGE, lambda: pressed.append(len(transport.sent))).message_id
        for _message in range(2)
    ]
    assert (pressed, transport.sent, len(set(ids))) == ([0, 1], [MESSAGE, MESSAGE], 2)
    receipts = [event for event in transport.poll(0).events if isinstance(event, Receipt)]
    assert [(one.message_id, one.tick) for one in receipts] == [
        (ids[0], Tick.DELIVERED), (ids[0], Tick.READ), (ids[1], Tick.DELIVERED), (ids[1], Tick.READ),
    ]  # fmt: skip


def test_a_batch_is_given_until_it_is_acknowledged(transport: InProcessTransport) -> None:
    transport.happen(REPLY)
    batch = transport.poll(0)
    transport.happen(REPLY, REPLY)
    assert transport.poll(0) is batch
    transport.acknowledge(batch)
    assert [len(transport.poll(0).events), len(batch.events)] == [2, 1]


def test_it_fails_as_it_is_told_with_nothing_sent(transport: InProcessTransport) -> None:
    transport.failure = InDoubt("no_tick")
    with pytest.raises(InDoubt):
        transport.send(MESSAGE, lambda: None)
    assert transport.sent == []
    transport.close()
    with pytest.raises(LinkLost):
        transport.poll(0)


def test_news_wake_whoever_waits_and_end_the_wait_of_a_poll() -> None:
    woken = threading.Event()
    transport = InProcessTransport(wake=woken.set)
    transport.open()
    threading.Thread(target=lambda: transport.happen(REPLY)).start()
    assert transport.poll(600).events == (REPLY,)
    assert woken.wait(600)
