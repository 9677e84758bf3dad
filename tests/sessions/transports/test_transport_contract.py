"""What every transport promises, over the simulated transport and a real Chromium."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sessions.events import Event, Incoming, Link, LinkChange, Receipt, Tick
from sessions.interfaces import (
    Address,
    Awaiting,
    Batch,
    LeaseLost,
    LinkLost,
    NotSent,
    Outgoing,
    PairingCode,
    Transport,
    UncertainMessage,
)
from sessions.transports.simulated import SimulatedTransport
from tests.eventually import eventually
from tests.sessions.linked_account import (
    SCALE,
    SECONDS,
    browser_in,
    link,
    new_account,
    new_person,
    nothing,
    outgoing,
    scanning,
)
from tests.sessions.listening import hear, hear_all, heard_until, heard_until_read
from tests.sessions.simulator.multidevice.standard_clients import neonize_package
from tests.sessions.transports.direct.elsewhere import DirectElsewhere
from tests.simulator_process import SimulatorProcess, start_simulator

Maker = Callable[..., Transport]
TEXT = (
    "Olá, *João*! 😀☀️👩‍⚕️\n\nSua _consulta_ é amanhã às 10h: R$ 50,00 <b>não</b> & 'sim' \"ok\"\n"
    "- traga ~nada~\n- {{chave}} \\n 100%\n\nResponda SAIR para não receber mais."
)


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("simulated", marks=pytest.mark.nodes),
        pytest.param("browser", marks=pytest.mark.browser),
        pytest.param("direct", marks=pytest.mark.nodes),
    ],
)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def store(kind: str, request: pytest.FixtureRequest) -> str:
    """Where a direct link has its device."""
    if kind != "direct":
        return ""
    neonize_package()
    return str(request.getfixturevalue("device_store"))


@pytest.fixture
def make(kind: str, simulator: SimulatorProcess, tmp_path: Path, store: str) -> Iterator[Maker]:
    """A fresh transport for the link in this test's folder."""
    made: list[Transport] = []

    def maker(on: SimulatorProcess = simulator, **options: Any) -> Transport:
        made.append(new_transport(kind, tmp_path, on, store, **options))
        return made[-1]

    yield maker
    for transport in made:
        transport.close()


@pytest.fixture(scope="module")
def shared_account() -> str:
    return new_account()


@pytest.fixture(scope="module")
def linked(
    kind: str,
    simulator: SimulatorProcess,
    shared_account: str,
    tmp_path_factory: pytest.TempPathFactory,
    store: str,
) -> Iterator[Transport]:
    """One linked transport for the tests that leave it as they found it."""
    transport = new_transport(kind, tmp_path_factory.mktemp(kind), simulator, store)
    link(transport, simulator, shared_account)
    yield transport
    transport.close()


@pytest.fixture
def mine(make: Maker, simulator: SimulatorProcess, account: str, tmp_path: Path) -> Transport:
    """A linked transport of this test's own, to close, unlink or break."""
    transport = make()
    link(transport, simulator, account)
    return transport


def new_transport(
    kind: str,
    folder: Path,
    simulator: SimulatorProcess,
    store: str,
    awaiting: Awaiting = tuple,
    apart: bool = False,
) -> Transport:
    if kind == "simulated":
        return SimulatedTransport(simulator.url, str(folder))
    if kind == "direct":
        return DirectElsewhere(simulator, store, folder.name)
    return browser_in(folder, simulator, apart=apart, awaiting=awaiting)


def replies(events: list[Event]) -> list[Incoming]:
    return [event for event in events if isinstance(event, Incoming)]


def replies_of(events: list[Event], *phones: str) -> list[Incoming]:
    return [event for event in replies(events) if event.chat.number in phones]


def test_new_home_needs_pairing_and_qr_links_it(
    make: Maker, simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    transport, shown, threads = make(), [], set()

    def show(code: PairingCode) -> None:
        shown.append(code)
        threads.add(threading.get_ident())
        simulator.scan(code.value, account)

    assert transport.open().link is Link.NEEDS_PAIRING
    opened = transport.pair(show, time.monotonic() + SECONDS)
    assert (opened.link, opened.phone) == (Link.ONLINE, account)
    assert [code.kind for code in shown] == ["qr"]
    assert threads == {threading.get_ident()}
    assert len(simulator.phone(account)["devices"]) == 1


def test_code_of_eight_characters_links_the_phone_it_was_asked_for(
    make: Maker, simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    transport, shown = make(), []

    def show(code: PairingCode) -> None:
        shown.append(code)
        simulator.enter_code(code.value, account)

    transport.open()
    opened = transport.pair(show, time.monotonic() + SECONDS, phone=account)
    assert opened.link is Link.ONLINE
    assert shown[-1].kind == "code"
    assert len(shown[-1].value) == 8


def test_wrong_number_for_a_code_is_said_in_the_pages_words(
    make: Maker, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    transport = make()
    shown: list[PairingCode] = []
    transport.open()
    opened = transport.pair(shown.append, time.monotonic() + SECONDS, phone="+551100")
    assert opened.link is Link.NEEDS_PAIRING
    assert shown[-1].reason in ("wrong_number", "phone_refused")


def test_pairing_that_nobody_finishes_ends_with_its_deadline(
    make: Maker, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    transport = make()
    shown: list[PairingCode] = []
    transport.open()
    opened = transport.pair(shown.append, time.monotonic() + 2.0)
    assert opened.link is Link.NEEDS_PAIRING
    assert shown


def test_what_show_raises_passes_through(
    make: Maker, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    def show(code: PairingCode) -> None:
        raise LeaseLost

    transport = make()
    transport.open()
    with pytest.raises(LeaseLost):
        transport.pair(show, time.monotonic() + SECONDS)


def test_linked_home_opens_online_again_without_pairing(
    make: Maker, simulator: SimulatorProcess, account: str
) -> None:
    first = make(apart=True)
    link(first, simulator, account)
    first.close()
    again = make(apart=True)
    opened = again.open()
    assert (opened.link, opened.phone) == (Link.ONLINE, account)
    assert len(simulator.phone(account)["devices"]) == 1
    assert again.send(outgoing(new_person()), nothing).tick in Tick


def test_lookup_gives_whatsapps_own_id_or_nothing(
    linked: Transport, simulator: SimulatorProcess
) -> None:
    long, short, absent = new_person(), new_person(), new_person()
    simulator.mark_short(short)
    simulator.mark_short(long, short=False)
    simulator.mark_absent(absent)
    assert told(linked.lookup(long)) == (long, long[1:])
    assert told(linked.lookup(short)) == (short, short[1:5] + short[6:])
    assert linked.lookup(absent) is None


def told(address: Address | None) -> tuple[str, str]:
    """What every kind tells of a person: some tell their LID as well."""
    assert address is not None
    return address.phone, address.wa_id


def test_text_arrives_exactly_as_written(linked: Transport, simulator: SimulatorProcess) -> None:
    person = new_person()
    sent = linked.send(outgoing(person, TEXT), nothing)
    (seen,) = simulator.messages(to=person)
    assert (seen["text"], seen["id"]) == (TEXT, sent.message_id)


def test_same_text_twice_is_two_messages(linked: Transport, simulator: SimulatorProcess) -> None:
    person = new_person()
    first = linked.send(outgoing(person, "Olá"), nothing)
    second = linked.send(outgoing(person, "Olá"), nothing)
    assert first.message_id != second.message_id
    assert [seen["id"] for seen in simulator.messages(to=person)] == [
        first.message_id,
        second.message_id,
    ]


def test_number_without_whatsapp_is_not_sent_for_good(
    linked: Transport, simulator: SimulatorProcess
) -> None:
    absent, pressed = new_person(), []
    simulator.mark_absent(absent)
    with pytest.raises(NotSent) as caught:
        linked.send(outgoing(absent), lambda _id="": pressed.append(1))
    assert (caught.value.permanent, caught.value.reason) == (True, "not_on_whatsapp")
    assert not pressed
    assert linked.send(outgoing(new_person()), nothing)


def test_account_without_the_ninth_digit_is_reached_and_its_address_remembered(
    linked: Transport, simulator: SimulatorProcess
) -> None:
    person = new_person()
    simulator.mark_short(person)
    linked.send(outgoing(person, "um"), nothing)
    address = linked.lookup(person)
    assert address is not None
    linked.send(outgoing(new_person(), "outra conversa"), nothing)
    linked.send(outgoing(person, "dois", address.wa_id), nothing)
    assert [seen["text"] for seen in simulator.messages(to=person)] == ["um", "dois"]


def test_pressing_is_called_once_in_the_callers_thread_before_anything_leaves(
    linked: Transport, simulator: SimulatorProcess
) -> None:
    person, calls = new_person(), []

    def before_wire(message_id: str = "") -> None:
        calls.append((threading.get_ident(), len(simulator.messages(to=person))))

    linked.send(outgoing(person), before_wire)
    assert calls == [(threading.get_ident(), 0)]


def test_lease_lost_while_pressing_sends_nothing_then_or_later(
    linked: Transport, simulator: SimulatorProcess
) -> None:
    person, other = new_person(), new_person()

    def before_wire(message_id: str = "") -> None:
        raise LeaseLost

    with pytest.raises(LeaseLost):
        linked.send(outgoing(person, "nunca"), before_wire)
    linked.send(outgoing(other), nothing)
    linked.send(outgoing(person, "agora sim"), nothing)
    assert [seen["text"] for seen in simulator.messages(to=person)] == ["agora sim"]


def test_receipts_come_by_poll_until_read(linked: Transport) -> None:
    people = [new_person() for _ in range(3)]
    sent = [linked.send(outgoing(person), nothing) for person in people]
    ids = {one.message_id for one in sent}
    furthest: dict[str, Tick] = {}
    for event in heard_until_read(linked, *sent):
        if isinstance(event, Receipt) and event.message_id in ids:
            assert furthest.get(event.message_id) is not Tick.READ
            furthest[event.message_id] = event.tick


def test_reply_is_heard_with_its_sender_and_text(
    linked: Transport, simulator: SimulatorProcess, shared_account: str
) -> None:
    stranger, known = new_person(), new_person()
    hear(linked, 0)
    linked.send(outgoing(known), nothing)
    wrote = [
        simulator.say(stranger, shared_account, "Oi!\nQuanto custa? 😀"),
        simulator.say(known, shared_account, "SAIR"),
    ]
    phones = [f"+{reply['wa_id']}" for reply in wrote]
    heard = replies_of(
        heard_until(linked, lambda events: len(replies_of(events, *phones)) >= 2), *phones
    )
    assert {(event.chat.number, event.message_id, event.content.body) for event in heard} == {
        (phone, reply["id"], reply["text"]) for phone, reply in zip(phones, wrote, strict=True)
    }
    assert all(event.at.tzinfo is not None for event in heard)


def test_replies_of_the_time_away_come_first(
    make: Maker, mine: Transport, simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    mine.close()
    people = []
    for person in (new_person() for _ in range(3)):
        people.append(f"+{simulator.say(person, account, 'SAIR')['wa_id']}")
        simulator.say(person, account, "por favor")
    again = make()
    again.open()
    heard = heard_until(again, lambda events: len(replies(events)) >= 6)
    found = replies(heard)
    assert sorted((event.chat.number, event.content.body) for event in found) == sorted(
        (person, text) for person in people for text in ("SAIR", "por favor")
    )
    assert hear(again, 0) == []


def test_a_batch_is_given_until_it_is_acknowledged_and_what_never_was_by_the_next_opening(
    make: Maker, mine: Transport, simulator: SimulatorProcess, account: str
) -> None:
    hear_all(mine)
    said = simulator.say(new_person(), account, "SAIR")["id"]

    def given() -> Batch:
        """The batch with the reply; those before it are acknowledged."""
        while not (batch := mine.poll(0.5)).events:
            mine.acknowledge(batch)
        return batch

    batch = eventually(given)
    assert [event.message_id for event in replies(list(batch.events))] == [said]
    assert mine.poll(0) is batch
    mine.close()
    again = make()
    again.open()
    heard = heard_until(again, lambda events: bool(replies(events)))
    assert [event.message_id for event in replies(heard)] == [said]
    again.close()
    last = make()
    last.open()
    assert replies(hear_all(last)) == []


def test_what_is_unread_is_said_before_it_is_heard(
    make: Maker, mine: Transport, simulator: SimulatorProcess, account: str
) -> None:
    """Nothing is sent before a batch that says that no more is left."""
    hear_all(mine)
    mine.close()
    said = [simulator.say(new_person(), account, "SAIR")["id"] for _person in range(3)]
    again = make()
    again.open()
    heard: list[Event] = []
    more = True
    while more:
        batch = again.poll(0)
        again.acknowledge(batch)
        heard += batch.events
        more = batch.more
    assert sorted(event.message_id for event in replies(heard)) == sorted(said)


def test_reply_is_told_once_in_an_opening(
    linked: Transport, simulator: SimulatorProcess, shared_account: str
) -> None:
    person = new_person()
    linked.send(outgoing(person), nothing)
    phone = f"+{simulator.say(person, shared_account, 'Oi')['wa_id']}"
    heard_until(linked, lambda events: len(replies_of(events, phone)) == 1)
    linked.send(outgoing(person), nothing)
    later = [event for _ in range(3) for event in hear(linked, 0.2)]
    assert replies_of(later, phone) == []


def test_unlinking_on_the_phone_is_heard_and_stays_so(
    make: Maker, mine: Transport, simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    simulator.unlink(account)
    heard = heard_until(mine, lambda events: any(isinstance(one, LinkChange) for one in events))
    assert next(one.link for one in heard if isinstance(one, LinkChange)) is Link.LOGGED_OUT
    mine.close()
    opened = make().open()
    assert opened.link in (Link.NEEDS_PAIRING, Link.LOGGED_OUT)


def test_sending_over_a_lost_link_does_not_press(
    mine: Transport, simulator: SimulatorProcess, account: str
) -> None:
    person, pressed = new_person(), []
    simulator.unlink(account)
    heard_until(mine, lambda events: any(isinstance(one, LinkChange) for one in events))
    with pytest.raises(LinkLost) as caught:
        mine.send(outgoing(person), lambda _id="": pressed.append(1))
    assert caught.value.link is not Link.ONLINE
    assert not pressed
    assert simulator.messages(to=person) == []


def test_whatsapp_down_is_a_lost_link_at_the_opening(make: Maker, tmp_path: Path) -> None:
    with start_simulator(tmp_path) as gone:
        pass
    with pytest.raises(LinkLost):
        make(gone).open()


def test_whatsapp_gone_in_mid_work_never_counts_as_sent(make: Maker, tmp_path: Path) -> None:
    with start_simulator(tmp_path, time_scale=SCALE) as own:
        transport = make(own)
        link(transport, own, new_account())
        transport.send(outgoing(new_person()), nothing)
        own.kill()
        pressed: list[int] = []
        with pytest.raises((NotSent, LinkLost)) as caught:
            transport.send(outgoing(new_person()), lambda _id="": pressed.append(1))
        assert not pressed
        if isinstance(caught.value, NotSent):
            assert not caught.value.permanent


def test_closing_twice_or_unopened_never_raises(make: Maker, mine: Transport) -> None:
    mine.close()
    mine.close()
    make().close()


def test_awaited_ticks_of_an_earlier_opening_are_heard(
    make: Maker, mine: Transport, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    person = new_person()
    simulator.set_behaviour(phone=person, deliver_after=1.0, read_after=30.0, read_share=1)
    sent = mine.send(outgoing(person), nothing)
    mine.close()
    (seen,) = simulator.messages(to=person)
    again = make(awaiting=lambda: [(seen["wa_id"], sent.message_id)])
    again.open()
    heard = heard_until(
        again,
        lambda events: any(
            isinstance(one, Receipt) and one.tick is Tick.READ and one.message_id == sent.message_id
            for one in events
        ),
    )
    assert heard


@pytest.fixture
def proves(kind: str) -> None:
    """Only of kinds that can look into a chat."""
    if kind == "direct":
        pytest.skip("it proves by receipts: see test_direct_proof")


def doubt_of(message: Outgoing, *known: str, minutes: float = 0) -> UncertainMessage:
    """A doubt about a message pressed just now, or so many minutes from now."""
    pressed_at = datetime.now(UTC) + timedelta(minutes=minutes)
    return UncertainMessage(message.key, message.to, message.content, pressed_at, frozenset(known))


@pytest.mark.usefixtures("proves")
def test_row_in_the_chat_proves_a_doubt_and_absence_proves_nothing(
    make: Maker, mine: Transport, simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    went, never = outgoing(new_person(), TEXT), outgoing(new_person(), TEXT)
    sent = mine.send(went, nothing)
    mine.send(outgoing(never.to.phone, "outro texto"), nothing)
    mine.close()
    simulator.say(never.to.phone, account, TEXT)
    said = simulator.say(went.to.phone, account, "SAIR")
    again = make()
    again.open()
    proof = again.prove(doubt_of(went))
    assert proof is not None
    assert proof.message_id == sent.message_id
    assert again.prove(doubt_of(never)) is None
    # Looking into a chat with unread replies must not swallow them.
    heard = heard_until(again, lambda events: len(replies(events)) >= 2)
    assert said["id"] in [event.message_id for event in replies(heard)]


@pytest.mark.usefixtures("proves")
def test_same_text_from_before_proves_nothing(linked: Transport) -> None:
    message = outgoing(new_person(), "Olá de novo")
    sent = linked.send(message, nothing)
    assert linked.prove(doubt_of(message, sent.message_id)) is None
    assert linked.prove(doubt_of(message, minutes=20)) is None
    assert linked.prove(doubt_of(message)) is not None


def test_codes_are_renewed_while_nobody_scans(
    kind: str, make: Maker, simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    if kind == "direct":
        pytest.skip("its library counts 160 real seconds: see test_direct_linking")
    transport, shown = make(), []
    scan = scanning(simulator, account)

    def show(code: PairingCode) -> None:
        shown.append(code.value)
        if len(shown) == 8:  # beyond the six refs of one batch: the page had to be reloaded
            scan(code)

    simulator.set_page(ref_rotation=5.0)
    try:
        transport.open()
        opened = transport.pair(show, time.monotonic() + SECONDS)
    finally:
        simulator.set_page(ref_rotation=20.0)
    assert opened.link is Link.ONLINE
    assert len(set(shown)) == 8
