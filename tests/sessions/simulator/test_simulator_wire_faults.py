"""The faults of the wire as the `simulated` transport meets them, and the calls that set them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from itertools import count

import pytest

from sessions.events import Address, Event, Incoming, Link, LinkChange, Receipt, Text, Tick
from sessions.interfaces import InDoubt, Key, LinkLost, NotSent, Outgoing, PairingCode
from sessions.simulator.client import CallRefused
from sessions.transports.simulated import SimulatedTransport
from tests.eventually import eventually
from tests.sessions.listening import hear, heard_until
from tests.simulator_process import SimulatorProcess

pytestmark = [pytest.mark.nodes, pytest.mark.usefixtures("nobody_reads")]

_owners = count(88880100)
_people = count(71000500)


@pytest.fixture
def owner() -> str:
    return f"+55119{next(_owners)}"


@pytest.fixture
def person() -> str:
    return f"+55119{next(_people)}"


@pytest.fixture
def linked(simulator: SimulatorProcess, owner: str) -> Iterator[SimulatedTransport]:
    transport = SimulatedTransport(simulator.url, owner)
    transport.open()

    def scan(code: PairingCode) -> None:
        simulator.scan(code.value, owner)

    transport.pair(scan, time.monotonic() + 10)
    yield transport
    transport.close()


def send(transport: SimulatedTransport, person: str, text: str = "Oi") -> str:
    message = Outgoing(Key("delivery", next(_people)), Address(person), Text(text))
    return transport.send(message, lambda _id="": None).message_id


def receipts(transport: SimulatedTransport, wanted: int) -> list[Receipt]:
    """The receipts heard until there are so many."""

    def told(events: list[Event]) -> list[Receipt]:
        return [event for event in events if isinstance(event, Receipt)]

    return told(heard_until(transport, lambda events: len(told(events)) >= wanted))


@pytest.mark.parametrize(
    ("fault", "values", "arrives"),
    [
        ("clock", {}, False),
        ("clock", {"reaches": True}, True),
        ("no_ack", {}, True),
        ("silent_cut", {}, False),
    ],
    ids=["clock", "clock that reaches", "no acknowledgement", "silent cut"],
)
def test_message_without_an_acknowledgement_is_in_doubt(
    linked: SimulatedTransport,
    simulator: SimulatorProcess,
    owner: str,
    person: str,
    fault: str,
    values: dict[str, bool],
    arrives: bool,
) -> None:
    message = Outgoing(Key("delivery", 1), Address(person, person[1:]), Text("Oi"))

    def before_wire(message_id: str = "") -> None:
        simulator.set_fault(owner, fault, **values)

    with pytest.raises(InDoubt):
        linked.send(message, before_wire)
    assert len(simulator.messages(to=person)) == int(arrives)


def test_receipt_of_an_unacknowledged_message_is_told(
    linked: SimulatedTransport, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    simulator.set_fault(owner, "no_ack")
    with pytest.raises(InDoubt):
        send(linked, person)
    (receipt,) = receipts(linked, 1)
    assert receipt.message_id == simulator.messages(to=person)[0]["id"]


def test_receipts_held_by_the_clock_come_when_it_is_over(
    linked: SimulatedTransport, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    simulator.set_fault(owner, "clock", reaches=True)
    with pytest.raises(InDoubt):
        send(linked, person)
    eventually(lambda: simulator.messages(to=person)[0]["delivered_at"])
    simulator.say(person, owner, "Oi")
    heard = heard_until(linked, lambda events: any(isinstance(e, Incoming) for e in events))
    assert not any(isinstance(event, Receipt) for event in heard)
    simulator.clear_faults(owner, "clock")
    assert [one.tick for one in receipts(linked, 1)] == [Tick.DELIVERED]


def test_late_acknowledgement_comes_in_its_time(
    linked: SimulatedTransport, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    """The recipient's phone has long told WhatsApp of it when the acknowledgement comes."""
    simulator.set_behaviour(phone=person, deliver_after=1)
    message = Outgoing(Key("delivery", 1), Address(person), Text("Oi"))
    assert linked.send(message, lambda _id="": None).tick is Tick.SENT
    simulator.set_fault(owner, "late_tick", seconds=8)
    assert linked.send(message, lambda _id="": None).tick is Tick.DELIVERED


def test_receipt_is_on_record_before_the_acknowledgement(
    linked: SimulatedTransport, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    simulator.set_fault(owner, "receipt_first", seconds=5)
    message = Outgoing(Key("delivery", 1), Address(person), Text("Oi"))
    assert linked.send(message, lambda _id="": None).tick is Tick.DELIVERED


def test_every_receipt_is_told_twice(
    linked: SimulatedTransport, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    simulator.set_fault(owner, "double_receipts")
    sent = send(linked, person)
    assert [one.message_id for one in receipts(linked, 2)] == [sent, sent]


@pytest.mark.parametrize("fault", ["silent_cut", "offline"])
def test_dead_network_is_offline_and_comes_back(
    linked: SimulatedTransport, simulator: SimulatorProcess, owner: str, person: str, fault: str
) -> None:
    simulator.set_fault(owner, fault)
    assert [event.link for event in hear(linked, 0) if isinstance(event, LinkChange)] == [
        Link.OFFLINE
    ]
    with pytest.raises(LinkLost):
        send(linked, person)
    with pytest.raises(LinkLost):
        SimulatedTransport(simulator.url, owner).open()
    simulator.clear_faults(owner)
    assert send(linked, person)


def test_the_network_of_one_device_is_no_others(
    linked: SimulatedTransport, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    simulator.set_fault(owner, "silent_cut", device="another")
    assert send(linked, person)
    simulator.set_fault(owner, "silent_cut", device=simulator.phone(owner)["devices"][0]["device"])
    with pytest.raises(LinkLost):
        send(linked, person)


def test_logout_comes_after_so_many_messages(
    linked: SimulatedTransport, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    simulator.set_fault(owner, "logout", after=2)
    send(linked, person)
    send(linked, person)
    eventually(lambda: simulator.phone(owner)["devices"] == [])
    with pytest.raises((LinkLost, NotSent)):
        send(linked, person)
    assert len(simulator.messages(to=person)) == 2


def test_logout_without_a_count_is_now_and_over(
    linked: SimulatedTransport, simulator: SimulatorProcess, owner: str
) -> None:
    assert simulator.set_fault(owner, "logout") == {}
    assert simulator.phone(owner)["devices"] == []


def test_time_lock_that_is_over_locks_nothing(
    linked: SimulatedTransport, simulator: SimulatorProcess, owner: str, person: str
) -> None:
    simulator.set_fault(owner, "timelock", until=time.time() + 1)
    with pytest.raises(NotSent):
        send(linked, person)

    def goes() -> str:
        again = SimulatedTransport(simulator.url, owner)
        again.open()
        try:
            return send(again, person)
        except NotSent:
            return ""
        finally:
            again.close()

    assert eventually(goes)


def test_owners_own_message_is_in_the_truth_with_its_time(
    simulator: SimulatorProcess, owner: str, person: str
) -> None:
    at = time.time() - 3600
    written = simulator.write(owner, person, "Oi", at=at)
    (message,) = simulator.messages(to=person)
    assert (message["id"], message["device"]) == (written["id"], "phone")
    assert simulator.messages(to=person, since=str(at + 1)) == []


def test_faults_are_still_there_after_kill_9_and_end_one_by_one(
    simulator: SimulatorProcess, owner: str
) -> None:
    simulator.set_fault(owner, "no_ack")
    simulator.set_fault(owner, "wrong_chat", to="+5511970000001", times=3)
    simulator.kill()
    simulator.restart()
    simulator.set_behaviour(read_share=0, reply_share=0)
    left = simulator.clear_faults(owner, "no_ack")
    assert left == {"wrong_chat": {"to": "+5511970000001", "when": "open", "times": 3}}
    simulator.kill()
    simulator.restart()
    simulator.set_behaviour(read_share=0, reply_share=0)
    assert simulator.set_fault(owner, "blocked") == left | {"blocked": {"kind": "contact"}}
    assert simulator.clear_faults(owner) == {}


@pytest.mark.parametrize(
    ("fault", "values", "why"),
    [
        ("bogus", {}, "unknown fault"),
        ("clock", {"bogus": 1}, "unknown parameter bogus"),
        ("late_tick", {"seconds": -1}, "at least 0"),
        ("clock", {"reaches": "yes"}, "must be a bool"),
        ("crash", {"when": "never"}, "one of typed, pressed, sent"),
    ],
)
def test_fault_that_makes_no_sense_is_refused(
    simulator: SimulatorProcess, owner: str, fault: str, values: dict[str, object], why: str
) -> None:
    with pytest.raises(CallRefused, match=why):
        simulator.set_fault(owner, fault, **values)
