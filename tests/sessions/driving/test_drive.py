"""The drive step by step, over a scripted transport and outbox: the order is the promise."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from blu.db import retry
from campaigns.limits.fresh_limits import FRESH
from sessions.driving import link_losses, visit_loop
from sessions.driving.drive import Drive
from sessions.driving.retrying_outbox import RetryingOutbox
from sessions.driving.visit_loop import collect, drive_until, linger_until
from sessions.events import Incoming, Link, LinkChange, OfMessages, Receipt, Text, Tick
from sessions.interfaces import (
    Address,
    Batch,
    Idle,
    InDoubt,
    Key,
    LeaseLost,
    LeaseToken,
    LinkLost,
    NotSent,
    Outgoing,
    Sent,
    UncertainMessage,
)
from sessions.transports.inprocess import InProcessTransport
from tests.sessions.driving.scripted import Log, ScriptedOutbox, ScriptedTransport, Step, batch

GRIP = LeaseToken(1, 1)


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
    return Drive(GRIP, transport, outbox, lost=threading.Event())


@pytest.fixture
def stop() -> threading.Event:
    return threading.Event()


def run(drive: Drive, seconds: float = 5, stop: threading.Event | None = None) -> None:
    """As a visit does, for at most so many seconds."""
    drive_until(visit_loop.monotonic() + seconds, drive, stop or threading.Event())


def spoken(log: Log) -> list[str]:
    """What was said but for the polls."""
    silent = ("poll", "acknowledge", "doubts")
    return [word for word in log.said if not word.startswith(silent)]


def message(number: int, wa_id: str = "5511987654321") -> Outgoing:
    return Outgoing(Key("delivery", number), Address("+5511987654321", wa_id), Text("Olá"))


def doubt(number: int) -> UncertainMessage:
    return UncertainMessage(
        Key("delivery", number), Address("+5511"), Text("Olá"), timezone.now(), frozenset()
    )


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

    def polled(timeout: float) -> Batch:
        passing.seconds += timeout
        return poll(timeout)

    monkeypatch.setattr(transport, "poll", polled)
    monkeypatch.setattr("sessions.driving.visit_loop.monotonic", passing.monotonic)
    monkeypatch.setattr("sessions.driving.visit_loop.runner_clock.now", passing.now)
    return passing


def test_a_message_is_claimed_pressed_put_on_the_wire_and_settled_in_this_order(
    drive: Drive, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1), message(2)]
    run(drive)
    assert spoken(log) == [
        "recover",
        "claim", "press 1", "wire 1", "settle 1 Sent",
        "claim", "press 2", "wire 2", "settle 2 Sent",
        "claim",
    ]  # fmt: skip


def test_a_step_sends_one_message_and_says_when_to_be_called_next(
    drive: Drive, outbox: ScriptedOutbox, log: Log
) -> None:
    now = timezone.now()
    later = now + timedelta(hours=1)
    outbox.queue = [message(1), Idle(later), Idle(now), Idle()]
    assert drive.step(now) == now
    assert log.said.count("wire 1") == 1
    assert drive.step(now) == later
    # What is due by another clock is not asked for again and again.
    soon = drive.step(now)
    assert soon is not None
    assert now < soon < now + timedelta(seconds=1)
    assert drive.step(now) is None


# Hearing


def test_everything_unread_is_heard_before_the_first_claim(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1)]
    transport.batches = [
        batch(incoming("a"), incoming("b"), more=True),
        batch(more=True),
        batch(incoming("c")),
    ]
    run(drive)
    heard = [log.said.index(f"heard {name}") for name in "abc"]
    assert max(heard) < log.said.index("claim")
    assert log.said.index("recover") < min(heard)


def test_events_are_heard_between_two_messages(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1), message(2)]
    transport.batches = [batch(), batch(incoming("a"))]
    run(drive)
    assert log.said.index("settle 1 Sent") < log.said.index("heard a") < log.said.index("press 2")


def test_a_batch_is_acknowledged_after_all_of_it_was_kept_and_an_empty_one_too(
    drive: Drive, transport: ScriptedTransport, log: Log
) -> None:
    transport.batches = [batch(incoming("a"), incoming("b")), batch()]
    drive.hear(0)
    drive.hear(0)
    assert log.said == [
        "poll", "heard a", "heard b", "acknowledge 2", "poll", "acknowledge 0",
    ]  # fmt: skip


def test_a_batch_that_could_not_be_kept_is_given_again(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    transport.batches = [batch(incoming("a"))]
    outbox.on_record = raising(OperationalError("gone"))
    with pytest.raises(OperationalError):
        drive.hear(0)
    assert "acknowledge 1" not in log.said
    drive.hear(0)
    assert log.said[-2:] == ["heard a", "acknowledge 1"]


def test_what_came_with_the_news_of_a_lost_link_is_kept(
    drive: Drive, transport: ScriptedTransport, log: Log
) -> None:
    change = LinkChange(Link.OFFLINE, "gone", params={"error": "EIO"})
    transport.batches = [batch(change, incoming("a"))]
    with pytest.raises(LinkLost) as lost:
        drive.hear(0)
    assert lost.value.params == {"error": "EIO"}
    assert log.said == ["poll", "heard a"], "nobody has kept the news yet"
    lost.value.acknowledge()
    assert log.said[-1] == "acknowledge 2"


def test_the_news_of_a_lost_link_are_acknowledged_when_its_state_says_so(
    drive: Drive, transport: ScriptedTransport, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport.batches = [batch(LinkChange(Link.OFFLINE, "gone"))]
    with pytest.raises(LinkLost) as lost:
        drive.hear(0)
    lose = raising(LeaseLost())
    monkeypatch.setattr(link_losses, "set_state", lambda *_args, **_more: lose())
    link_losses.record(GRIP, lost.value)
    assert "acknowledge 1" not in log.said
    monkeypatch.setattr(link_losses, "set_state", lambda *_args, **_more: log("state"))
    link_losses.record(GRIP, lost.value)
    assert log.said[-2:] == ["state", "acknowledge 1"]


def test_news_prove_the_link_and_silence_does_not(
    drive: Drive, transport: ScriptedTransport, log: Log
) -> None:
    drive.on_proof = lambda: log("proof")
    transport.batches = [batch(), batch(incoming("a"))]
    drive.hear(0)
    assert "proof" not in log.said
    drive.hear(0)
    assert log.said[-1] == "proof"


def test_a_stop_ends_the_collecting_between_two_chats(
    drive: Drive, transport: ScriptedTransport, log: Log, stop: threading.Event
) -> None:
    transport.batches = [batch(more=True) for _chat in range(10)]
    transport.batches[3] = batch(incoming("a"), more=True)
    drive.on_proof = stop.set
    collect(drive, stop)
    assert log.said.count("poll") == 4


def test_any_number_of_unread_chats_is_heard_in_one_collecting(
    drive: Drive, transport: ScriptedTransport, log: Log, stop: threading.Event
) -> None:
    transport.batches = [*(batch(more=True) for _chat in range(400)), batch()]
    collect(drive, stop)
    assert log.said.count("poll") == 401


def test_a_page_that_never_stops_talking_does_not_hold_up_the_end_of_a_visit(
    drive: Drive,
    transport: ScriptedTransport,
    stop: threading.Event,
    passing: Passing,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def talking(_timeout: float) -> Batch:
        passing.seconds += 1
        return batch(Receipt("x", Tick.READ, timezone.now()), more=True)

    monkeypatch.setattr(transport, "poll", talking)
    collect(drive, stop)
    assert passing.seconds == visit_loop.COLLECT_SECONDS


def test_what_is_in_doubt_is_looked_for_after_the_unread_and_before_any_claim(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1)]
    outbox.doubts = [doubt(7), doubt(8)]
    transport.proofs = {Key("delivery", 8): Sent("3EB08", timezone.now())}
    transport.batches = [batch(more=True), batch(incoming("a"), more=True), batch(incoming("b"))]
    run(drive)
    order = ["heard b", "prove 7", "prove 8", "proved 8", "claim"]
    assert [word for word in log.said if word in order][:5] == order
    assert "proved 7" not in log.said
    assert log.said.count("prove 7") == 1


def test_a_chat_that_became_unread_between_two_proofs_is_heard_before_the_next(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.doubts = [doubt(7), doubt(8)]
    transport.batches = [batch(), batch(more=True), batch(incoming("a"))]
    run(drive)
    assert log.said.index("prove 7") < log.said.index("heard a") < log.said.index("prove 8")


def test_what_comes_in_doubt_on_a_link_that_stays_open_is_looked_for_as_well(
    drive: Drive, outbox: ScriptedOutbox, log: Log
) -> None:
    now = timezone.now()
    for minute in range(11):
        outbox.doubts = [doubt(7)] if minute else []
        drive.step(now + timedelta(minutes=minute))
    assert log.said.count("doubts") == 2
    assert log.said.count("prove 7") == 1


def test_a_transport_that_can_not_look_is_asked_for_no_proof(
    outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.doubts, outbox.queue = [doubt(7)], [message(1)]
    transport = InProcessTransport()
    transport.open()
    run(Drive(GRIP, transport, outbox, lost=threading.Event()))
    assert isinstance(outbox.settled[1], Sent)


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
    run(drive)
    assert outbox.settled[1] is outcome
    assert isinstance(outbox.settled[2], Sent)


def test_a_link_lost_after_the_press_is_a_doubt_and_ends_the_drive(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox
) -> None:
    outbox.queue = [message(1), message(2)]
    transport.on_send = raising(LinkLost("gone"))
    with pytest.raises(LinkLost):
        run(drive)
    assert isinstance(outbox.settled[1], InDoubt)
    assert len(outbox.queue) == 1


def test_a_link_lost_before_the_press_is_certainly_not_sent(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox
) -> None:
    outbox.queue = [message(1)]
    transport.before_press = raising(LinkLost("gone"))
    with pytest.raises(LinkLost):
        run(drive)
    settled = outbox.settled[1]
    assert isinstance(settled, NotSent)
    assert not settled.permanent


def test_a_lease_lost_before_the_press_sends_nothing(
    drive: Drive, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1)]
    outbox.on_press = raising(LeaseLost())
    with pytest.raises(LeaseLost):
        run(drive)
    assert "wire 1" not in log.said
    assert outbox.settled == {}


def test_a_keeper_that_lost_the_lease_while_composing_stops_the_press(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1)]
    assert isinstance(drive.lost, threading.Event)
    transport.before_press = drive.lost.set
    with pytest.raises(LeaseLost):
        run(drive)
    assert "press 1" not in log.said
    assert "wire 1" not in log.said


def test_a_change_of_the_link_ends_the_drive_and_tells_why(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox
) -> None:
    outbox.queue = [message(1)]
    until = timezone.now() + timedelta(hours=1)
    transport.batches = [batch(LinkChange(Link.RESTRICTED, "devagar", until))]
    with pytest.raises(LinkLost) as lost:
        run(drive)
    assert (lost.value.link, lost.value.until) == (Link.RESTRICTED, until)
    assert outbox.queue == [message(1)]


# Addresses


def test_a_number_is_looked_up_once_it_is_claimed_and_remembered(
    drive: Drive, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1, wa_id="")]
    run(drive)
    words = spoken(log)
    assert words[1:5] == ["claim", "lookup", "resolved 5511987654321", "press 1"]


def test_a_remembered_address_is_not_looked_up(
    drive: Drive, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1)]
    run(drive)
    assert "lookup" not in log.said


@pytest.mark.parametrize("tells", [False, True])
def test_a_lid_alone_is_looked_up_where_the_transport_can_tell_it(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log, tells: bool
) -> None:
    known = replace(message(2), to=Address("+5511987654321", "5511987654321", "71"))
    outbox.queue = [message(1), known]
    transport.tells_lids = tells
    run(drive)
    assert log.said.count("lookup") == tells
    assert list(outbox.settled) == [1, 2]


def test_a_number_without_whatsapp_fails_for_good_without_a_press(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.queue = [message(1, wa_id="")]
    transport.on_lookup = lambda _phone: None
    run(drive)
    settled = outbox.settled[1]
    assert isinstance(settled, NotSent)
    assert (settled.reason, settled.permanent) == ("not_on_whatsapp", True)
    assert "press 1" not in log.said


# A database that is away


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database closes at no cost, and a second of patience passes in no time."""
    monkeypatch.setattr(retry.time, "sleep", lambda _seconds: None)
    monkeypatch.setattr(retry, "connection", type("Closed", (), {
        "in_atomic_block": False, "close": staticmethod(lambda: None)
    }))  # fmt: skip


def test_what_was_sent_is_settled_when_the_database_is_back(
    drive: Drive, outbox: ScriptedOutbox, away: None
) -> None:
    outbox.queue = [message(1)]
    outbox.on_settle = raising(OperationalError("gone"), OperationalError("starting up"))
    run(replace(drive, outbox=RetryingOutbox(outbox)))
    assert isinstance(outbox.settled[1], Sent)


def test_a_press_waits_for_the_database_with_nothing_on_the_wire(
    drive: Drive, outbox: ScriptedOutbox, away: None, log: Log
) -> None:
    outbox.queue = [message(1)]
    outbox.on_press = raising(OperationalError("gone"))
    run(replace(drive, outbox=RetryingOutbox(outbox)))
    assert log.said.index("press 1") < log.said.index("wire 1")
    assert isinstance(outbox.settled[1], Sent)


def test_a_proof_that_can_not_be_written_costs_no_settlement(
    drive: Drive, outbox: ScriptedOutbox
) -> None:
    """The proof of the link is a courtesy; the row's own settlement comes first."""
    outbox.queue = [message(1)]
    drive.on_proof = raising(OperationalError("gone"))
    with pytest.raises(OperationalError):
        run(drive)
    assert isinstance(outbox.settled[1], Sent)


# Ends


def test_a_stop_ends_between_two_messages(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, stop: threading.Event
) -> None:
    outbox.queue = [message(1), message(2)]
    transport.on_send = stop.set
    run(drive, stop=stop)
    assert list(outbox.settled) == [1]
    assert drive.sent == 1


def test_the_slice_ends_between_two_messages(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, passing: Passing
) -> None:
    outbox.queue = [message(1), message(2)]
    transport.on_send = lambda: setattr(passing, "seconds", 30.0)
    run(drive, 20.0)
    assert list(outbox.settled) == [1]


def test_it_waits_for_what_is_due_within_the_slice(
    drive: Drive, outbox: ScriptedOutbox, passing: Passing, monkeypatch: pytest.MonkeyPatch
) -> None:
    due = passing.after(30)
    monkeypatch.setattr(
        outbox, "next", lambda _grip: Idle(due) if passing.now() < due else message(1)
    )
    drive.on_proof = lambda: setattr(passing, "seconds", 60.0)
    run(drive, 60.0)
    assert 1 in outbox.settled


def test_a_wait_ends_early_where_limits_were_loosened_meanwhile(
    drive: Drive, outbox: ScriptedOutbox, passing: Passing
) -> None:
    outbox.queue = [Idle(passing.after(50)), message(1)]
    run(drive, 60.0)
    assert 1 in outbox.settled
    assert passing.seconds + FRESH <= 5


def test_it_does_not_wait_for_what_is_due_after_the_slice(
    drive: Drive, outbox: ScriptedOutbox, passing: Passing
) -> None:
    until = passing.after(3600)
    outbox.queue = [Idle(until), message(1)]
    run(drive, 60.0)
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
    transport.batches = [batch(), batch(incoming("a"))]
    run(drive, 60.0)
    assert "heard a" in log.said


def test_it_lingers_for_ticks_until_none_is_missing(
    drive: Drive, transport: ScriptedTransport, outbox: ScriptedOutbox, log: Log
) -> None:
    outbox.waiting = [("5511987654321", "3EB01")]
    transport.batches = [batch(), batch(Receipt("3EB01", Tick.READ, timezone.now()))]
    heard = outbox.record_event

    def hear(session_id: int, event: OfMessages) -> None:
        heard(session_id, event)
        outbox.waiting = []

    outbox.record_event = hear  # type: ignore[method-assign]
    linger_until(visit_loop.monotonic() + 5, drive, threading.Event())
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
    run(drive)
    assert seen == ["551187654321"]
