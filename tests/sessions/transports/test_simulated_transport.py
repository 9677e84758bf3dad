"""The simulated transport keeps the promises of sessions.interfaces.Transport against a real simulator."""

from __future__ import annotations

import itertools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from sessions.events import Address, Event, Incoming, Link, LinkChange, Receipt, Text, Tick
from sessions.interfaces import (
    InDoubt,
    Key,
    LinkLost,
    NotSent,
    Outgoing,
    PairingCode,
    Transport,
)
from sessions.transports.simulated import SimulatedTransport
from sessions.transports.simulated import transport as simulated
from tests.eventually import eventually
from tests.sessions.listening import hear, heard_until
from tests.simulator_process import SimulatorProcess, start_simulator

pytestmark = pytest.mark.nodes

Maker = Callable[..., SimulatedTransport]
FRIEND = "+5511987654321"
OWNERS = itertools.count(90000000)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("simulated")) as simulator:
        yield simulator


@pytest.fixture
def simulator(running: SimulatorProcess) -> SimulatorProcess:
    """The simulator of this file's tests, alive; each test has an account of its own."""
    running.ensure()
    running.set_behaviour(deliver_after=0.5, read_after=3, read_share=0.7, reply_share=0)
    running.set_page(ref_rotation=20, refs=6)
    running.mark_absent(FRIEND, False)
    running.mark_short(FRIEND, False)
    return running


@pytest.fixture
def owner() -> str:
    return f"+55119{next(OWNERS):08d}"


@pytest.fixture
def make(simulator: SimulatorProcess, owner: str) -> Maker:
    """The transport of the test's account."""
    return partial(SimulatedTransport, simulator.url, f"session {owner}")


@pytest.fixture
def online(simulator: SimulatorProcess, owner: str, make: Maker) -> Iterator[Transport]:
    transport = make()
    transport.open()
    transport.pair(lambda code: ignore(simulator.scan(code.value, owner)), time.monotonic() + 10)
    yield transport
    transport.close()


def ignore(_: object) -> None:
    return None


def nothing(message_id: str = "") -> None:
    return None


def message(phone: str = FRIEND, text: str = "Oi", wa_id: str = "") -> Outgoing:
    return Outgoing(Key("delivery", 1), Address(phone, wa_id), Text(text))


def heard(transport: Transport, wanted: Callable[[Event], bool]) -> Event:
    events = heard_until(transport, lambda events: any(map(wanted, events)))
    return next(filter(wanted, events))


def test_unlinked_home_needs_pairing(make: Maker) -> None:
    assert make().open().link is Link.NEEDS_PAIRING


def test_scanning_the_shown_ref_links_and_names_the_account(
    owner: str, simulator: SimulatorProcess, make: Maker
) -> None:
    transport = make()
    transport.open()
    opened = transport.pair(
        lambda code: ignore(simulator.scan(code.value, owner)), time.monotonic() + 10
    )
    assert (opened.link, opened.phone) == (Link.ONLINE, owner)
    transport.close()
    assert make().open().link is Link.ONLINE


def test_fresh_refs_are_shown_until_one_is_scanned(
    owner: str, simulator: SimulatorProcess, make: Maker
) -> None:
    simulator.set_page(ref_rotation=3, refs=2)
    shown: list[PairingCode] = []

    def show(code: PairingCode) -> None:
        shown.append(code)
        if len(shown) == 4:
            simulator.scan(code.value, owner)

    transport = make()
    transport.open()
    assert transport.pair(show, time.monotonic() + 10).link is Link.ONLINE
    assert len({code.value for code in shown}) == 4
    assert {code.kind for code in shown} == {"qr"}


def test_code_by_phone_number_links(owner: str, simulator: SimulatorProcess, make: Maker) -> None:
    transport = make()
    transport.open()
    shown: list[PairingCode] = []

    def show(code: PairingCode) -> None:
        shown.append(code)
        simulator.enter_code(code.value, owner)

    assert transport.pair(show, time.monotonic() + 10, phone=owner).link is Link.ONLINE
    assert [(code.kind, len(code.value)) for code in shown] == [("code", 8)]


def test_wrong_number_is_shown_as_a_detail(make: Maker) -> None:
    transport = make()
    transport.open()
    shown: list[PairingCode] = []
    opened = transport.pair(shown.append, time.monotonic() + 5, phone="+55119")
    assert opened.link is Link.NEEDS_PAIRING
    assert shown[0].reason == "wrong_number"


def test_pairing_that_nobody_scans_ends_at_its_deadline(make: Maker) -> None:
    transport = make()
    transport.open()
    assert transport.pair(ignore, time.monotonic() + 0.5).link is Link.NEEDS_PAIRING


def test_lookup_tells_the_registered_form(simulator: SimulatorProcess, online: Transport) -> None:
    simulator.mark_short("+5585970000001")
    address = online.lookup("+5585970000001")
    assert address is not None
    assert (address.phone, address.wa_id) == ("+5585970000001", "558570000001")
    simulator.mark_absent("+5585970000002")
    assert online.lookup("+5585970000002") is None


def test_send_is_acknowledged_after_the_truth_has_it(
    owner: str, simulator: SimulatorProcess, online: Transport
) -> None:
    pressed: list[int] = []
    sent = online.send(
        message(text="Olá 😊"),
        lambda _id="": pressed.append(len(simulator.messages(account=owner))),
    )
    assert pressed == [0]
    (seen,) = simulator.messages(account=owner)
    assert (seen["id"], seen["text"], seen["to"]) == (sent.message_id, "Olá 😊", FRIEND)


def test_unknown_number_is_never_sent_nor_pressed(
    simulator: SimulatorProcess, online: Transport
) -> None:
    simulator.mark_absent(FRIEND)
    pressed: list[str] = []
    with pytest.raises(NotSent) as refused:
        online.send(message(), lambda _id="": pressed.append("pressed"))
    assert refused.value.permanent
    assert pressed == []


def test_number_that_left_whatsapp_after_its_lookup_is_not_sent(
    simulator: SimulatorProcess, online: Transport
) -> None:
    simulator.mark_absent(FRIEND)
    with pytest.raises(NotSent) as refused:
        online.send(message(wa_id=FRIEND[1:]), nothing)
    assert refused.value.permanent


def test_what_pressing_raises_passes_through_with_nothing_sent(
    owner: str, simulator: SimulatorProcess, online: Transport
) -> None:
    def refuse(message_id: str = "") -> None:
        raise KeyError("lease")

    with pytest.raises(KeyError):
        online.send(message(), refuse)
    assert simulator.messages(account=owner) == []


def test_receipts_come_in_order_and_only_until_dealt_with(
    simulator: SimulatorProcess, online: Transport
) -> None:
    simulator.set_behaviour(read_share=1, read_after=1)
    sent = online.send(message(), nothing)
    ticks = [
        event.tick
        for event in heard_until(
            online,
            lambda events: any(isinstance(e, Receipt) and e.tick is Tick.READ for e in events),
        )
        if isinstance(event, Receipt)
    ]
    assert ticks == [Tick.DELIVERED, Tick.READ]
    assert sent.tick is Tick.SENT
    assert hear(online, 0) == []


def test_reply_is_heard_with_the_senders_own_form(
    owner: str, simulator: SimulatorProcess, online: Transport
) -> None:
    simulator.mark_short("+5585970000001")
    simulator.say("+5585970000001", owner, "SAIR")
    event = heard(online, lambda one: isinstance(one, Incoming))
    assert isinstance(event, Incoming)
    assert (event.chat.number, event.content.body) == ("+558570000001", "SAIR")


def test_reply_while_closed_is_told_again_until_dealt_with(
    owner: str, simulator: SimulatorProcess, online: Transport, make: Maker
) -> None:
    online.close()
    said = simulator.say(FRIEND, owner, "Oi?")
    for _ in range(2):
        transport = make()
        transport.open()
        (event,) = transport.poll(0).events
        assert isinstance(event, Incoming)
        assert event.message_id == said["id"]
        transport.close()


def test_simulator_down_before_the_press_loses_the_link_unpressed(
    simulator: SimulatorProcess, online: Transport
) -> None:
    simulator.kill()
    pressed: list[str] = []
    for wa_id in (None, FRIEND[1:]):
        with pytest.raises(LinkLost) as lost:
            online.send(message(wa_id=wa_id), lambda _id="": pressed.append("pressed"))
        assert lost.value.link is Link.OFFLINE
    assert pressed == []
    assert {event.link for event in hear(online, 0) if isinstance(event, LinkChange)} == {
        Link.OFFLINE
    }


def test_opening_while_the_simulator_is_down_is_a_lost_link(
    simulator: SimulatorProcess, make: Maker
) -> None:
    simulator.kill()
    with pytest.raises(LinkLost):
        make().open()


def has_unread(port: int) -> bool:
    """Whether something was sent to that port which nobody has read yet (proc(5), /proc/net/tcp)."""
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(
        int(local.split(":")[1], 16) == port and int(queues.split(":")[1], 16) > 0
        for _number, local, _remote, _state, queues, *_rest in lines
    )


def test_death_after_the_request_left_is_in_doubt(
    simulator: SimulatorProcess, online: Transport
) -> None:
    def die_once_asked() -> None:
        eventually(lambda: has_unread(simulator.port))
        simulator.kill()

    def freeze_and_die(message_id: str = "") -> None:
        os.kill(simulator.pid, signal.SIGSTOP)
        threading.Thread(target=die_once_asked).start()

    with pytest.raises(InDoubt):
        online.send(message(wa_id=FRIEND[1:]), freeze_and_die)


def test_death_between_press_and_request_is_certainly_not_sent(
    simulator: SimulatorProcess, online: Transport
) -> None:
    with pytest.raises(NotSent) as refused:
        online.send(message(wa_id=FRIEND[1:]), lambda _id="": simulator.kill())
    assert not refused.value.permanent


def test_link_works_again_after_the_simulator_came_back(
    simulator: SimulatorProcess, online: Transport, make: Maker
) -> None:
    simulator.kill()
    simulator.restart()
    online.close()
    transport = make()
    assert transport.open().link is Link.ONLINE
    transport.send(message(), nothing)


def test_unlinked_account_is_logged_out(
    owner: str, simulator: SimulatorProcess, online: Transport, make: Maker
) -> None:
    simulator.unlink(owner)
    with pytest.raises(NotSent) as refused:
        online.send(message(wa_id=FRIEND[1:]), nothing)
    assert not refused.value.permanent
    with pytest.raises(LinkLost) as lost:
        online.send(message(), nothing)
    assert lost.value.link is Link.LOGGED_OUT
    assert Link.LOGGED_OUT in {
        event.link for event in hear(online, 0) if isinstance(event, LinkChange)
    }
    assert make().open().link is Link.LOGGED_OUT


def test_newer_opening_displaces_the_older_one(
    simulator: SimulatorProcess, online: Transport, make: Maker
) -> None:
    newer = make()
    newer.open()
    with pytest.raises(LinkLost) as lost:
        online.send(message(), nothing)
    assert lost.value.link is Link.CONFLICT
    newer.send(message(), nothing)


def test_timelock_restricts_new_chats_until_its_end(
    owner: str, simulator: SimulatorProcess, online: Transport
) -> None:
    simulator.say(FRIEND, owner, "Oi?")
    simulator.set_fault(owner, "timelock", until=4102444800.0)
    online.send(message(), nothing)
    with pytest.raises(NotSent) as refused:
        online.send(message("+5511971000009"), nothing)
    assert not refused.value.permanent
    change = next(event for event in hear(online, 0) if isinstance(event, LinkChange))
    assert change.link is Link.RESTRICTED
    assert change.until is not None
    assert change.until.year == 2100


def test_delay_is_spent_before_and_after_the_press(
    online: Transport, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[object] = []
    monkeypatch.setattr(simulated, "pause", done.append)
    slow = make(delay=(0.4, 0.4))
    slow.open()
    slow.send(message(), lambda _id="": done.append("pressed"))
    assert done == [0.2, "pressed", 0.2]
