"""Replies outlive whoever was reading them: a real Chromium, and visits that die in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from campaigns.due import WORK
from campaigns.models import Reply
from campaigns.outbox import LedgerOutbox
from sessions import visit as visits
from sessions.events import Entering, Event, Incoming, Mark, PhoneSeen, ReadOut, Receipt, Tick
from sessions.interfaces import NotSent
from sessions.models import ChatMark, WhatsAppSession
from sessions.transports.browser import BrowserTransport
from sessions.transports.browser.chat import Chats, OpenChat
from sessions.transports.browser.replies import Replies, left_unheard
from sessions.transports.browser.rows import Row
from tests.sessions.linked_account import (
    SCALE,
    heard_until,
    home_in,
    in_the_middle_of,
    link,
    new_person,
    nothing,
    outgoing,
    shown,
)
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


Maker = Callable[[], BrowserTransport]


@pytest.fixture
def make(simulator: SimulatorProcess, account: str, tmp_path: Path) -> Iterator[Maker]:
    """Open the account's home; the first time it is linked."""
    made: list[BrowserTransport] = []

    def maker() -> BrowserTransport:
        for earlier in made:
            earlier.close()
        made.append(BrowserTransport(time_scale=SCALE))
        if len(made) == 1:
            link(made[0], home_in(tmp_path, simulator), simulator, account)
        else:
            made[-1].open(home_in(tmp_path, simulator))
        return made[-1]

    yield maker
    for transport in made:
        transport.close()


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if everything had been said in an earlier minute than that of the opening."""
    monkeypatch.setattr(Replies, "_of_this_opening", lambda _self, _row: False)


def mark(chat: str, unread: int = 0, *, since: datetime | None = None) -> Mark:
    now = datetime.now(UTC)
    return Mark(chat, unread, since or now + timedelta(hours=1), LONG_AGO)


def ids(events: list[Event]) -> list[str]:
    return [event.message_id for event in events if isinstance(event, Incoming)]


def everything(transport: BrowserTransport) -> list[Event]:
    """As the drive collects: until there is nothing new."""
    return [event for events in iter(lambda: transport.poll(0), []) for event in events]


def test_an_unread_chat_is_announced_by_the_poll_before_it_is_opened(
    make: Maker, simulator: SimulatorProcess, account: str
) -> None:
    make()
    said = [simulator.say(person, account, "SAIR") for person in (new_person(), new_person())]
    again = make()
    first, second, third = again.poll(0), again.poll(0), again.poll(0)
    assert [type(event) for event in first] == [Entering]
    assert [type(event) for event in second] == [Incoming, Entering]
    # The first chat is read out only when it was left.
    assert [type(event) for event in third] == [ReadOut, Incoming]
    assert (first[0], third[0]) == (Entering(third[0].chat, 1), ReadOut(first[0].chat))  # type: ignore[union-attr]
    assert sorted(ids(second + third)) == sorted(reply["id"] for reply in said)
    assert again.poll(0) == []


def test_replies_that_come_between_the_announcement_and_the_opening_are_told_as_well(
    make: Maker, simulator: SimulatorProcess, account: str, later: None
) -> None:
    make()
    person = new_person()
    said = [simulator.say(person, account, "um")["id"]]
    again = make()
    assert [event.unread for event in again.poll(0) if isinstance(event, Entering)] == [1]
    said.append(simulator.say(person, account, "dois")["id"])
    shown(again, "dois")
    assert ids(again.poll(0)) == said


def test_a_marked_chat_is_told_again_though_its_badge_is_gone(
    make: Maker, simulator: SimulatorProcess, account: str, later: None
) -> None:
    make()
    person, named, other = new_person(), new_person(), new_person()
    simulator.save_contact(account, named, "Ana Souza")
    said = {
        phone: [simulator.say(phone, account, text)["id"] for text in ("um", "dois", "três")]
        for phone in (person, named, other)
    }
    heard = heard_until(make(), lambda events: len(ids(events)) == 9)
    assert "Ana Souza" in [event.chat for event in heard if isinstance(event, Entering)]
    again = make()
    assert everything(again) == []
    again = make()
    again.recall([mark(person, 2), mark("Ana Souza", 1), mark(new_person(), 3)])
    told = everything(again)
    assert sorted(ids(told)) == sorted(said[person][1:] + said[named][2:])


def test_a_mark_tells_what_came_after_it_and_no_history(
    make: Maker, simulator: SimulatorProcess, account: str, later: None
) -> None:
    make()
    person = new_person()
    said = [simulator.say(person, account, text)["id"] for text in ("um", "dois")]
    everything(make())
    again = make()
    again.recall([mark(person)])
    assert ids(everything(again)) == []
    again = make()
    again.recall([mark(person, since=datetime.now(UTC) - timedelta(minutes=5))])
    assert ids(everything(again)) == said


def test_a_chat_that_was_written_in_is_read_out_when_another_is_opened(
    make: Maker, simulator: SimulatorProcess, account: str
) -> None:
    transport = make()
    person, other = new_person(), new_person()
    everything(transport)
    transport.send(outgoing(person), nothing)
    assert ReadOut(person) not in everything(transport)
    said = simulator.say(person, account, "SAIR")
    shown(transport, "SAIR")
    transport.send(outgoing(other), nothing)
    events = everything(transport)
    assert events.index(ReadOut(person)) > [said["id"] in ids([event]) for event in events].index(
        True
    )


def test_a_number_without_whatsapp_keeps_no_mark_and_the_open_chat_is_still_heard(
    make: Maker, simulator: SimulatorProcess, account: str
) -> None:
    transport = make()
    person, nobody = new_person(), "+5511981000000"
    simulator.mark_absent(nobody)
    transport.send(outgoing(person), nothing)
    everything(transport)
    assert transport.lookup(nobody) is None
    said = simulator.say(person, account, "SAIR")
    heard = heard_until(transport, lambda events: said["id"] in ids(events))
    assert ReadOut(nobody) in heard


# The chat that stays open while another one is on its way: it shows no badge


@pytest.fixture
def slow_chats(simulator: SimulatorProcess) -> Iterator[None]:
    """WhatsApp takes two seconds to say whether a number is there."""
    simulator.set_page(starting_chat=20.0)
    yield
    simulator.set_page(starting_chat=0.3)


def read_by(transport: BrowserTransport, person: str) -> None:
    """A message that was read: nobody opens that chat for its ticks any more."""
    transport.send(outgoing(person), nothing)
    heard_until(
        transport,
        lambda events: any(
            isinstance(event, Receipt) and event.tick is Tick.READ for event in events
        ),
    )


Stops = Callable[[BrowserTransport, str, str], list[str]]


@pytest.fixture
def stops(simulator: SimulatorProcess, account: str) -> Stops:
    """SAIR comes in the middle of the driver's next wait for an answer; its id is in the list then."""

    def stopping(transport: BrowserTransport, question: str, person: str) -> list[str]:
        said: list[str] = []
        in_the_middle_of(
            transport, question, lambda: said.append(simulator.say(person, account, "SAIR")["id"])
        )
        return said

    return stopping


@pytest.mark.usefixtures("slow_chats")
def test_a_reply_that_comes_while_the_next_chat_is_being_looked_up_is_heard(
    make: Maker, stops: Stops
) -> None:
    transport, person = make(), new_person()
    everything(transport)
    read_by(transport, person)
    said = stops(transport, "arrival", person)
    transport.send(outgoing(new_person()), nothing)
    assert said
    assert said == ids(everything(transport))


@pytest.mark.usefixtures("slow_chats")
def test_a_reply_that_comes_while_the_link_is_being_proven_is_heard(
    make: Maker, stops: Stops, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport, person = make(), new_person()
    everything(transport)
    read_by(transport, person)
    opening = transport._opening
    assert opening is not None
    monkeypatch.setattr(opening.pulse, "due", lambda **_idle: True)
    said = stops(transport, "inquiry", person)
    assert transport._run(lambda: opening.beats(idle=False), 60)
    monkeypatch.undo()
    heard = everything(transport)
    transport.send(outgoing(new_person()), nothing)
    assert said
    assert said == ids(heard + everything(transport))


def test_the_chat_that_stays_when_the_next_does_not_open_is_still_heard(
    make: Maker, simulator: SimulatorProcess, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport, person = make(), new_person()
    everything(transport)
    read_by(transport, person)

    def stays(_chats: Chats, *_way: object) -> None:
        raise NotSent("chat_did_not_open", permanent=False)

    with monkeypatch.context() as patch:
        patch.setattr(Chats, "_arrive", stays)
        with pytest.raises(NotSent):
            transport.lookup(new_person())
    said = simulator.say(person, account, "SAIR")["id"]
    shown(transport, "SAIR")
    transport.send(outgoing(new_person()), nothing)
    assert ids(everything(transport)) == [said]


# Which rows a mark may stand for

NOW = datetime(2024, 11, 24, 12, 0).astimezone()


def row(number: int, minutes_ago: int | None) -> Row:
    said = NOW - timedelta(minutes=minutes_ago or 0)
    stamp = "" if minutes_ago is None else f"[{said:%H:%M}, {said:%d/%m/%Y}] Ana: "
    return Row(f"{number}", "SAIR", False, "", (), stamp, "")


@pytest.mark.parametrize(
    ("minutes_ago", "unread", "badge", "told"),
    [
        ([90, 80, 70], 0, 0, ""),
        ([90, 80, 70], 2, 0, "12"),
        # A badge that is still there says the same again.
        ([90, 80, 70], 2, 2, "12"),
        ([90, 80, 70], 1, 2, "12"),
        # Newer ones than the mark come on top; before those as many as were unread.
        ([90, 30, 20, 5, 4], 2, 0, "1234"),
        # But never anything from before the link, unless it was unread.
        ([90, 80, 5], 1, 0, "2"),
        ([90, 80, 5], 2, 0, "12"),
        # A picture has no stamp.
        ([90, 5, None], 0, 0, "12"),
        ([90, None, None], 1, 0, "2"),
    ],
)
def test_a_mark_stands_for_what_was_unread_and_what_is_newer(
    minutes_ago: list[int | None], unread: int, badge: int, told: str
) -> None:
    rows = [row(number, ago) for number, ago in enumerate(minutes_ago)]
    since, linked = NOW - timedelta(minutes=10), NOW - timedelta(minutes=60)
    found = left_unheard(rows, Mark("Ana", unread, since, linked), badge, NOW)
    assert "".join(sorted(found)) == told


def test_what_comes_into_a_chat_after_a_look_is_told_however_old_its_stamp() -> None:
    """The page may still be fetching what was said while it was closed."""
    replies, chat = Replies(), OpenChat("Ana", "5511987654321")
    rows = [row(number, 90 - number) for number in range(4)]
    assert [one.message_id for one in replies.new(rows[:2], chat, (), unread=1)] == ["1"]
    assert [one.message_id for one in replies.new(rows, chat, ())] == ["2", "3"]
    assert list(replies.new(rows, chat, ())) == []


# Whole visits


class Killed(BaseException):
    """Stands for kill -9: nothing of ours runs after it."""


class Dying(LedgerOutbox):
    """Dies before it keeps the reply of that number."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._left = at

    def record_event(self, session_id: int, event: Receipt | Incoming | PhoneSeen) -> None:
        """Keep it, or die."""
        if isinstance(event, Incoming):
            self._left -= 1
            if self._left == 0:
                raise Killed
        super().record_event(session_id, event)


def visited(session: WhatsAppSession, outbox: LedgerOutbox | None = None) -> str:
    done = visits.visit(
        only=session.pk, work=WORK, outbox=outbox or LedgerOutbox(), stop=threading.Event()
    )
    return done.outcome


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at", [1, 3])
def test_a_visit_that_dies_while_it_reads_loses_no_reply(
    session: WhatsAppSession, simulator: SimulatorProcess, account: str, at: int
) -> None:
    said = []
    for number in range(4):
        person = new_person()
        if number % 2:
            simulator.save_contact(account, person, f"Pessoa {number}")
        said += [simulator.say(person, account, text)["id"] for text in ("Oi", "SAIR")]
    with pytest.raises(Killed):
        visited(session, Dying(at))
    assert Reply.objects.count() == at - 1
    assert visited(session) == "done"
    assert sorted(Reply.objects.values_list("message_id", flat=True)) == sorted(said)
    # Only the chat that is open at the end keeps its mark.
    assert ChatMark.objects.count() == 1
    assert visited(session) == "done"
    assert Reply.objects.count() == len(said)


@pytest.mark.django_db(transaction=True)
def test_a_reply_in_the_chat_that_was_open_at_the_end_is_found_by_the_next_visit(
    session: WhatsAppSession,
    simulator: SimulatorProcess,
    account: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = new_person()
    simulator.say(person, account, "Oi")
    close = BrowserTransport.close

    def close_late(transport: BrowserTransport) -> None:
        """The last words come after the last look, in the open chat."""
        if transport.pids():
            simulator.say(person, account, "SAIR")
            shown(transport, "SAIR")
        close(transport)

    with monkeypatch.context() as patch:
        patch.setattr(BrowserTransport, "close", close_late)
        assert visited(session) == "done"
    assert [reply.text for reply in Reply.objects.all()] == ["Oi"]
    assert visited(session) == "done"
    assert sorted(reply.text for reply in Reply.objects.all()) == ["Oi", "SAIR"]
