"""The drive step by step, over a scripted transport and outbox: the order is the promise."""

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from blu.lib import patience
from sessions.drive import COLLECT_ROUNDS, COLLECT_SECONDS, Drive
from sessions.events import (
    Entering,
    Event,
    Incoming,
    Link,
    LinkChange,
    Mark,
    PhoneSeen,
    ReadOut,
    Receipt,
    Text,
    Tick,
)
from sessions.interfaces import (
    Address,
    Grip,
    Idle,
    InDoubt,
    Key,
    LeaseLost,
    LinkLost,
    NotSent,
    Outgoing,
    Sent,
    UncertainMessage,
)
from tests.sessions.scripted import Log, ScriptedOutbox, ScriptedTransport, Step

GRIP = Grip(1, 1)


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.fixture
def transport(log: Log) -> ScriptedTransport:
    return ScriptedTransport(log)


@pytest.fixture
def outbox(log: Log) -> ScriptedOutbox:
    return ScriptedOutbox(log)


@pytest.fixture
def drive(transport: ScriptedTransport, outbox: ScriptedOutbox) -> Drive:
    return Drive(GRIP, transport, outbox, lost=threading.Event(), stop=threading.Event())


def message(number: int, wa_id: str = "5511987654321") -> Outgoing:
    return Outgoing(Key("delivery", number), Address("+5511987654321", wa_id), Text("Olá"))


def incoming(message_id: str) -> Incoming:
    return Incoming(Address("+5511987654321"), message_id, Text("SAIR"), timezone.now())


def raising(*errors: Exception) -> Step:
    """A step that raises each of the errors in turn, then goes through."""
    left: Iterator[Exception] = iter(errors)

    def step() -> None:
        error = next(left, None)
        if error is not None:
            raise error

    return step


@dataclass
class Passing:
    """Time that passes only while somebody polls, and where a test says so."""

    seconds: float = 0.0
    began: datetime = field(default_factory=timezone.now)

    def monotonic(self) -> float:
        """The clock that a drive keeps its slice by."""
        return self.seconds

    def now(self) -> datetime:
        """The clock that says when a message is due."""
        return self.began + timedelta(seconds=self.seconds)

    def after(self, seconds: float) -> datetime:
        """So long after the beginning."""
        return self.began + timedelta(seconds=seconds)


@pytest.fixture
def passing(transport: ScriptedTransport, monkeypatch: pytest.MonkeyPatch) -> Passing:
    passing, poll = Passing(), transport.poll

    def polled(timeout: float) -> list[Event]:
        passing.seconds += timeout
        return poll(timeout)

    monkeypatch.setattr(transport, "poll", polled)
    monkeypatch.setattr("sessions.drive.monotonic", passing.monotonic)
    monkeypatch.setattr("sessions.drive.clock.now", passing.now)
    return passing


def soon() -> float:
    return time.monotonic() + 5


def test_a_message_is_claimed_pressed_put_on_the_wire_and_settled_in_this_order(
    drive: Drive, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1), message(2)]
    drive.run(soon())
    assert [word for word in log.said if word != "poll"] == [
        "claim", "press 1", "wire 1", "settle 1 Sent",
        "claim", "press 2", "wire 2", "settle 2 Sent",
        "claim",
    ]  # fmt: skip


def test_everything_unread_is_heard_before_the_first_claim(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1)]
    transport.events = [[incoming("a"), incoming("b")], [incoming("c")], []]
    drive.prepare()
    drive.run(soon())
    heard = [log.said.index(f"heard {name}") for name in "abc"]
    assert max(heard) < log.said.index("claim")
    assert log.said.index("recover") < min(heard)


def test_events_are_heard_between_two_messages(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1), message(2)]
    drive.prepare()
    transport.events = [[], [incoming("a")]]
    drive.run(soon())
    assert log.said.index("settle 1 Sent") < log.said.index("heard a") < log.said.index("press 2")


def test_a_page_that_never_stops_talking_does_not_hold_up_the_visit(
    drive: Drive, transport: ScriptedTransport
) -> None:
    transport.events = [[Receipt("x", Tick.READ, timezone.now())]] * (COLLECT_ROUNDS + 5)
    assert drive.collect() == COLLECT_ROUNDS


# Chats that are being read


def test_a_mark_is_kept_before_its_chat_is_opened_and_goes_after_its_replies_were_kept(
    drive: Drive, transport: ScriptedTransport, log: Log
) -> None:
    transport.events = [[Entering("Ana", 1)], [incoming("a"), ReadOut("Ana"), Entering("Rui", 1)]]
    drive.collect()
    assert log.said == [
        "poll",
        "entering Ana",
        "poll",
        "heard a",
        "read out Ana",
        "entering Rui",
        "poll",
    ]


def test_nothing_is_claimed_while_a_chat_waits_to_be_read(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1)]
    transport.events = [[Entering("Ana", 1)], [incoming("a"), Entering("Rui", 1)], [incoming("b")]]
    drive.run(soon())
    assert log.said.index("heard b") < log.said.index("claim")


def test_what_was_left_is_recalled_before_anything_is_opened(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    transport.silent = True
    outbox.left = [Mark("Ana", 1, timezone.now(), timezone.now())]
    outbox.doubts = [
        UncertainMessage(
            Key("delivery", 7), Address("+5511"), Text("Olá"), timezone.now(), frozenset()
        )
    ]
    drive.prepare()
    assert [word for word in log.said if word != "poll"] == [
        "recover", "recall Ana", "expect", "entering +5511", "prove 7",
    ]  # fmt: skip
    assert log.said.index("poll") < log.said.index("prove 7")


def test_the_chat_that_is_written_in_is_marked_where_it_would_show_no_badge(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1)]
    drive.run(soon())
    assert not any(word.startswith("entering") for word in log.said)
    transport.silent, outbox.queue = True, [message(2, wa_id="")]
    drive.run(soon())
    assert log.said.index("entering +5511987654321") < log.said.index("lookup")


def test_what_came_with_the_news_of_a_lost_link_is_kept(
    drive: Drive, transport: ScriptedTransport, log: Log
) -> None:
    transport.events = [[LinkChange(Link.OFFLINE, "gone"), incoming("a")]]
    with pytest.raises(LinkLost):
        drive.collect()
    assert "heard a" in log.said


def test_a_phone_in_use_is_told_but_proves_no_link(
    drive: Drive, transport: ScriptedTransport, log: Log
) -> None:
    drive.on_proof = lambda: log("proof")
    transport.events = [[PhoneSeen(timezone.now())], [incoming("a")]]
    drive.collect()
    assert [word for word in log.said if word != "poll"] == ["heard phone", "heard a", "proof"]


def test_a_stop_ends_the_collecting_between_two_chats(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    transport.events = [[Entering(f"Ana {number}", 1)] for number in range(COLLECT_ROUNDS * 2)]
    assert isinstance(drive.stop, threading.Event)
    drive.on_proof = drive.stop.set
    transport.events[3].insert(0, incoming("a"))
    drive.prepare()
    assert log.said.count("poll") == 4


def test_any_number_of_unread_chats_is_read_in_one_visit(
    drive: Drive, transport: ScriptedTransport
) -> None:
    transport.events = [[Entering(f"Ana {number}", 1)] for number in range(COLLECT_ROUNDS * 2)]
    assert drive.collect() == COLLECT_ROUNDS * 2


def test_more_unread_than_one_collect_reads_puts_off_the_doubts_but_no_claim_comes_before_them(
    drive: Drive,
    transport: ScriptedTransport,
    outbox: ScriptedOutbox,
    log: Log,
    passing: Passing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    outbox.queue = [message(1)]
    outbox.doubts = [
        UncertainMessage(
            Key("delivery", 7), Address("+5511"), Text("Olá"), timezone.now(), frozenset()
        )
    ]
    poll = transport.poll

    def slowly(timeout: float) -> list[Event]:
        passing.seconds += COLLECT_SECONDS + 1
        return poll(timeout)

    monkeypatch.setattr(transport, "poll", slowly)
    transport.events = [[Entering("Ana", 1)], [incoming("a"), Entering("Rui", 1)], [incoming("b")]]
    drive.prepare()
    assert "prove 7" not in log.said
    drive.run(passing.seconds + 10 * COLLECT_SECONDS)
    order = [log.said.index(word) for word in ("heard b", "prove 7", "claim")]
    assert order == sorted(order)
    assert log.said.count("prove 7") == 1


# What a send may come to


@pytest.mark.parametrize(
    "outcome",
    [
        NotSent("slow", permanent=False),
        NotSent("not_on_whatsapp", permanent=True),
        InDoubt("no_tick"),
    ],
    ids=["retry", "failed", "doubt"],
)
def test_what_the_transport_says_is_settled_and_the_drive_goes_on(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, outcome: NotSent | InDoubt
) -> None:
    outbox.queue = [message(1), message(2)]
    transport.on_send = raising(outcome)
    drive.run(soon())
    assert outbox.settled[1] is outcome
    assert isinstance(outbox.settled[2], Sent)


def test_a_link_lost_after_the_press_is_a_doubt_and_ends_the_drive(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox
) -> None:
    outbox.queue = [message(1), message(2)]
    transport.on_send = raising(LinkLost("gone"))
    with pytest.raises(LinkLost):
        drive.run(soon())
    assert isinstance(outbox.settled[1], InDoubt)
    assert len(outbox.queue) == 1


def test_a_link_lost_before_the_press_is_certainly_not_sent(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox
) -> None:
    outbox.queue = [message(1)]
    transport.before_press = raising(LinkLost("gone"))
    with pytest.raises(LinkLost):
        drive.run(soon())
    settled = outbox.settled[1]
    assert isinstance(settled, NotSent)
    assert not settled.permanent


def test_a_lease_lost_before_the_press_sends_nothing(
    drive: Drive, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1)]
    outbox.on_press = raising(LeaseLost())
    with pytest.raises(LeaseLost):
        drive.run(soon())
    assert "wire 1" not in log.said
    assert outbox.settled == {}


def test_a_keeper_that_lost_the_lease_while_composing_stops_the_press(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1)]
    assert isinstance(drive.lost, threading.Event)
    transport.before_press = drive.lost.set
    with pytest.raises(LeaseLost):
        drive.run(soon())
    assert "press 1" not in log.said
    assert "wire 1" not in log.said


def test_a_change_of_the_link_ends_the_drive_and_tells_why(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox
) -> None:
    outbox.queue = [message(1)]
    until = timezone.now() + timedelta(hours=1)
    transport.events = [[LinkChange(Link.RESTRICTED, "devagar", until)]]
    with pytest.raises(LinkLost) as lost:
        drive.run(soon())
    assert (lost.value.link, lost.value.until) == (Link.RESTRICTED, until)
    assert outbox.queue == [message(1)]


# Addresses


def test_a_number_is_looked_up_once_it_is_claimed_and_remembered(
    drive: Drive, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1, wa_id="")]
    drive.run(soon())
    words = [word for word in log.said if word != "poll"]
    assert words[:4] == ["claim", "lookup", "resolved 5511987654321", "press 1"]


def test_a_remembered_address_is_not_looked_up(
    drive: Drive, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1)]
    drive.run(soon())
    assert "lookup" not in log.said


def test_a_number_without_whatsapp_fails_for_good_without_a_press(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1, wa_id="")]
    transport.on_lookup = lambda _phone: None
    drive.run(soon())
    settled = outbox.settled[1]
    assert isinstance(settled, NotSent)
    assert (settled.reason, settled.permanent) == ("not_on_whatsapp", True)
    assert "press 1" not in log.said


# A database that is away


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database closes at no cost, and a second of patience passes in no time."""
    monkeypatch.setattr(patience.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(patience, "connection", type("Closed", (), {
        "in_atomic_block": False, "close": staticmethod(lambda: None)
    }))  # fmt: skip


def test_what_was_sent_is_settled_when_the_database_is_back(
    drive: Drive, outbox: ScriptedOutbox, away: None
) -> None:
    outbox.queue = [message(1)]
    outbox.on_settle = raising(OperationalError("gone"), OperationalError("starting up"))
    drive.run(soon())
    assert isinstance(outbox.settled[1], Sent)


def test_a_press_waits_for_the_database_with_nothing_on_the_wire(
    drive: Drive, outbox: ScriptedOutbox, away: None, log: Log
) -> None:
    outbox.queue = [message(1)]
    outbox.on_press = raising(OperationalError("gone"))
    drive.run(soon())
    assert log.said.index("press 1") < log.said.index("wire 1")
    assert isinstance(outbox.settled[1], Sent)


def test_a_proof_that_can_not_be_written_costs_no_settlement(
    drive: Drive, outbox: ScriptedOutbox
) -> None:
    """The proof of the link is a courtesy; the row's own settlement comes first."""
    outbox.queue = [message(1)]
    drive.on_proof = raising(OperationalError("gone"))
    with pytest.raises(OperationalError):
        drive.run(soon())
    assert isinstance(outbox.settled[1], Sent)


# Ends


def test_a_stop_ends_between_two_messages(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox
) -> None:
    outbox.queue = [message(1), message(2)]
    assert isinstance(drive.stop, threading.Event)
    transport.on_send = drive.stop.set
    drive.run(soon())
    assert list(outbox.settled) == [1]
    assert drive.sent == 1


def test_the_slice_ends_between_two_messages(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, passing: Passing
) -> None:
    outbox.queue = [message(1), message(2)]
    transport.on_send = lambda: setattr(passing, "seconds", 30.0)
    drive.run(20.0)
    assert list(outbox.settled) == [1]


def test_it_waits_for_what_is_due_within_the_slice(
    drive: Drive, outbox: ScriptedOutbox, passing: Passing
) -> None:
    outbox.queue = [Idle(passing.after(30)), message(1)]
    drive.run(60.0)
    assert 1 in outbox.settled
    assert passing.seconds == pytest.approx(30)


def test_it_does_not_wait_for_what_is_due_after_the_slice(
    drive: Drive, outbox: ScriptedOutbox, passing: Passing
) -> None:
    until = passing.after(3600)
    outbox.queue = [Idle(until), message(1)]
    drive.run(60.0)
    assert passing.seconds == 0
    assert outbox.settled == {}
    assert drive.idle_until == until


def test_it_hears_while_it_waits(
    drive: Drive,
    transport: ScriptedTransport,
    outbox: ScriptedOutbox,
    log: Log,
    passing: Passing,
) -> None:
    outbox.queue = [Idle(passing.after(30))]
    transport.events = [[], [incoming("a")]]
    drive.run(60.0)
    assert "heard a" in log.said


def test_it_lingers_for_ticks_until_none_is_missing(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.waiting = [("5511987654321", "3EB01")]
    transport.events = [[], [Receipt("3EB01", Tick.READ, timezone.now())]]
    heard = outbox.record_event

    def hear(session_id: int, event: Receipt | Incoming | PhoneSeen) -> None:
        heard(session_id, event)
        outbox.waiting = []

    outbox.record_event = hear  # type: ignore[method-assign]
    drive.linger(soon())
    assert "heard 3EB01" in log.said


def test_an_address_may_change_the_number_that_is_written_to(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox
) -> None:
    """The ninth digit: WhatsApp says under which id a number is known, and that one is used."""
    outbox.queue = [message(1, wa_id="")]
    transport.on_lookup = lambda phone: Address(phone, "551187654321")
    seen: list[str | None] = []
    send = transport.send

    def spied(message: Outgoing, before_wire: Step) -> Sent:
        seen.append(message.to.wa_id)
        return send(message, before_wire)

    transport.send = spied  # type: ignore[method-assign]
    drive.run(soon())
    assert seen == ["551187654321"]
