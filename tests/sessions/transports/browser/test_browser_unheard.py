"""Replies outlive whoever was reading them: a real Chromium, and visits that die in the middle."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from campaigns.ledger.due import WORK
from campaigns.ledger.outbox import LedgerOutbox
from campaigns.models import Reply
from sessions.driving import visit as visits
from sessions.events import Event, Incoming, OfMessages
from sessions.interfaces import NotSent
from sessions.models import WhatsAppSession
from sessions.transports.browser import BrowserTransport, chat_looks
from sessions.transports.browser.chat import Chats
from sessions.transports.browser.chat_list import ChatList
from sessions.transports.browser.dom_rows import ChatRow
from tests import factories
from tests.eventually import eventually
from tests.sessions.linked_account import (
    browser_in,
    caught_up,
    in_the_middle_of,
    link,
    looks_of,
    new_person,
    nothing,
    outgoing,
    shown,
)
from tests.sessions.listening import hear, hear_all, heard_until, heard_until_read
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser


Maker = Callable[[], BrowserTransport]


@pytest.fixture
def make(simulator: SimulatorProcess, account: str, tmp_path: Path) -> Iterator[Maker]:
    """Open the account's home; the first time it is linked."""
    made: list[BrowserTransport] = []

    def maker() -> BrowserTransport:
        for earlier in made:
            earlier.close()
        made.append(browser_in(tmp_path, simulator))
        if len(made) == 1:
            link(made[0], simulator, account)
        else:
            made[-1].open()
            caught_up(simulator, account)
        return made[-1]

    yield maker
    for transport in made:
        transport.close()


def ids(events: list[Event]) -> list[str]:
    return [event.message_id for event in events if isinstance(event, Incoming)]


def unkept(transport: BrowserTransport, *, kept: int = 0) -> list[Event]:
    """The words of a chat that nobody acknowledges, after those of so many others: whoever heard them dies."""
    heard: list[list[Event]] = []

    def has_heard() -> bool:
        batch = transport.poll(0)
        if ids(list(batch.events)):
            heard.append(list(batch.events))
        if len(heard) <= kept:
            transport.acknowledge(batch)
        return len(heard) > kept

    eventually(has_heard)
    return heard[-1]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if everything had been said in an earlier minute than that of the look."""
    monkeypatch.setattr(chat_looks, "FINAL_AFTER", -timedelta(minutes=5))


def opened_chats(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Titles, as they are pressed in the list from now on."""
    opened: list[str] = []
    press = ChatList.open

    def noted(self: ChatList, row: ChatRow, **how: Any) -> bool:
        opened.append(row.title)
        return press(self, row, **how)

    monkeypatch.setattr(ChatList, "open", noted)
    return opened


def test_an_unread_chat_is_opened_only_after_its_badge_was_acknowledged(
    make: Maker, simulator: SimulatorProcess, account: str
) -> None:
    hear_all(make())
    said = [simulator.say(person, account, "SAIR")["id"] for person in (new_person(), new_person())]
    again = make()
    first = again.poll(0)
    assert (first.events, first.more) == ((), True)
    assert again.poll(0) is first
    again.acknowledge(first)
    second = hear(again)
    assert len(ids(second)) == 1
    assert sorted(ids(second + hear_all(again))) == sorted(said)


def test_what_was_unread_before_the_link_is_told_and_what_was_read_is_history(
    make: Maker, simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    transport, read, waiting = make(), new_person(), new_person()
    simulator.say(read, account, "Oi")
    hear_all(transport)
    transport.close()
    simulator.read(account, read)
    looks_of(tmp_path).rows.clear()
    said = simulator.say(waiting, account, "SAIR")["id"]
    again = make()
    assert ids(unkept(again)) == [said]
    # Opened, and not kept: without its badge it must not become history.
    assert ids(hear_all(make())) == [said]


def test_replies_that_come_between_the_badge_and_the_opening_are_told_as_well(
    make: Maker, simulator: SimulatorProcess, account: str
) -> None:
    hear_all(make())
    person = new_person()
    said = [simulator.say(person, account, "um")["id"]]
    again = make()
    hear(again)
    said.append(simulator.say(person, account, "dois")["id"])
    shown(again, "dois")
    assert ids(hear_all(again)) == said


def test_a_chat_whose_replies_were_not_kept_is_told_again_though_its_badge_is_gone(
    make: Maker, simulator: SimulatorProcess, account: str, later: None
) -> None:
    hear_all(make())
    person, named, other = new_person(), new_person(), new_person()
    simulator.save_contact(account, named, "Ana Souza")
    said = {
        phone: [simulator.say(phone, account, text)["id"] for text in ("um", "dois", "três")]
        for phone in (person, named, other)
    }
    # Two chats are kept, the third was read and is lost.
    assert len(ids(unkept(make(), kept=2))) == 3
    again = hear_all(make())
    assert len(ids(again)) == 3
    assert set(ids(again)) in [set(some) for some in said.values()]
    assert hear_all(make()) == []


def test_what_was_heard_is_not_opened_again(
    make: Maker,
    simulator: SimulatorProcess,
    account: str,
    later: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hear_all(make())
    for number in range(3):
        simulator.say(new_person(), account, f"Oi {number}")
    assert len(ids(hear_all(make()))) == 3
    again = make()
    opened = opened_chats(monkeypatch)
    assert hear_all(again) == []
    assert opened == []


def test_the_same_words_in_the_same_minute_are_heard_by_the_next_opening(
    make: Maker, simulator: SimulatorProcess, account: str
) -> None:
    hear_all(make())
    person = new_person()
    first = simulator.say(person, account, "SAIR")["id"]
    assert ids(hear_all(make())) == [first]
    again = make()
    second = simulator.say(person, account, "SAIR")["id"]
    # The row is as it was; its badge goes with the opening, and nobody keeps what was read.
    heard: list[str] = []
    while second not in heard:
        batch = again.poll(0.5)
        heard += ids(list(batch.events))
        if second not in heard:
            again.acknowledge(batch)
    assert second in ids(hear_all(make()))


def test_two_people_of_one_name_are_both_heard(
    make: Maker, simulator: SimulatorProcess, account: str
) -> None:
    people = [new_person(), new_person()]
    for person in people:
        simulator.save_contact(account, person, "Ana Souza")
    hear_all(make())
    said = [simulator.say(person, account, "SAIR")["id"] for person in people]
    lost = unkept(make())
    assert len(ids(lost)) == 1
    assert sorted(ids(hear_all(make()))) == sorted(said)
    again = make()
    last = simulator.say(people[0], account, "Voltar")["id"]
    shown(again, "Voltar")
    assert last in ids(hear_all(again))


def test_a_chat_that_was_written_in_needs_no_opening_afterwards(
    make: Maker, simulator: SimulatorProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its row changed by our own hand, and again with its tick."""
    transport, person = make(), new_person()
    hear_all(transport)
    read_by(transport, person)
    again = make()
    opened = opened_chats(monkeypatch)
    hear_all(again)
    assert opened == []


def test_a_reply_in_the_chat_that_was_written_in_is_told_again_where_nobody_kept_it(
    make: Maker, simulator: SimulatorProcess, account: str
) -> None:
    transport, person = make(), new_person()
    hear_all(transport)
    transport.send(outgoing(person), nothing)
    hear(transport)
    said = simulator.say(person, account, "SAIR")["id"]
    shown(transport, "SAIR")
    assert ids(unkept(transport)) == [said]
    assert ids(hear_all(make())) == [said]


def test_the_open_chat_is_still_heard_when_a_number_without_whatsapp_was_looked_up(
    make: Maker, simulator: SimulatorProcess, account: str
) -> None:
    transport = make()
    person, nobody = new_person(), "+5511981000000"
    simulator.mark_absent(nobody)
    hear_all(transport)
    transport.send(outgoing(person), nothing)
    hear_all(transport)
    assert transport.lookup(nobody) is None
    said = simulator.say(person, account, "SAIR")
    heard_until(transport, lambda events: said["id"] in ids(events))


# The chat that stays open while another one is on its way: it shows no badge


@pytest.fixture
def slow_chats(simulator: SimulatorProcess) -> Iterator[None]:
    """WhatsApp takes two seconds to say whether a number is there."""
    simulator.set_page(starting_chat=20.0)
    yield
    simulator.set_page(starting_chat=0.3)


def read_by(transport: BrowserTransport, person: str) -> None:
    """A message that was read: nobody opens that chat for its ticks any more."""
    heard_until_read(transport, transport.send(outgoing(person), nothing))
    hear_all(transport)  # also where it was read before its sending was noticed


Stops = Callable[[BrowserTransport, str, str], list[str]]


@pytest.fixture
def stops(simulator: SimulatorProcess, account: str) -> Stops:
    """SAIR comes in the middle of the driver's next wait for an answer; its id is in the list then."""

    def stopping(transport: BrowserTransport, question: str, person: str) -> list[str]:
        said: list[str] = []
        in_the_middle_of(
            transport,
            question,
            lambda _id="": said.append(simulator.say(person, account, "SAIR")["id"]),
        )
        return said

    return stopping


@pytest.mark.usefixtures("slow_chats")
def test_a_reply_that_comes_while_the_next_chat_is_being_looked_up_is_heard(
    make: Maker, stops: Stops
) -> None:
    transport, person = make(), new_person()
    hear_all(transport)
    read_by(transport, person)
    said = stops(transport, "arrival", person)
    transport.send(outgoing(new_person()), nothing)
    assert said
    assert said == ids(hear_all(transport))


@pytest.mark.usefixtures("slow_chats")
def test_a_reply_that_comes_while_the_link_is_being_proven_is_heard(
    make: Maker, stops: Stops, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport, person = make(), new_person()
    hear_all(transport)
    read_by(transport, person)
    opening = transport._page_session
    assert opening is not None
    monkeypatch.setattr(opening.health, "due", lambda **_idle: True)
    said = stops(transport, "inquiry", person)
    assert transport._run(lambda: opening.beats(idle=False), 60)
    monkeypatch.undo()
    heard = hear_all(transport)
    transport.send(outgoing(new_person()), nothing)
    assert said
    assert said == ids(heard + hear_all(transport))


def test_late_texts_and_edits_are_told_by_a_later_visit_and_the_backlog_before_anything_is_written(
    make: Maker, simulator: SimulatorProcess, account: str
) -> None:
    late, edited, read = new_person(), new_person(), new_person()
    transport = make()
    hear_all(transport)
    for person in (late, edited, read):
        transport.send(outgoing(person), nothing)
    hear_all(transport)
    waiting = simulator.say(late, account, "SAIR", late=True)["id"]
    after = simulator.say(late, account, "e aí?")["id"]
    meant = simulator.say(edited, account, "ok")["id"]
    assert set(ids(hear_all(make()))) == {after, meant}
    # Its row stays as it is: the newer one stands there.
    simulator.arrive(account, waiting)
    simulator.edit(account, meant, "SAIR")
    heard = hear_all(make())
    assert set(ids(heard)) >= {waiting, meant}
    assert {one.content.body for one in heard if isinstance(one, Incoming)} >= {"SAIR"}
    # Read on the phone: no badge, and nobody has polled yet.
    backlog = simulator.say(read, account, "Parem")["id"]
    chat = next(one for one, is_in in simulator.chats(account).items() if is_in["unread"])
    simulator.read(account, chat)
    again = make()
    with pytest.raises(NotSent, match="news_first"):
        again.send(outgoing(read, "nunca"), nothing)
    assert backlog in ids(hear_all(again))
    assert "nunca" not in [one["text"] for one in simulator.messages(account=account)]
    assert waiting not in ids(hear_all(make()))


def test_the_chat_that_stays_when_the_next_does_not_open_is_still_heard(
    make: Maker, simulator: SimulatorProcess, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    transport, person = make(), new_person()
    hear_all(transport)
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
    assert ids(hear_all(transport)) == [said]


# Whole visits


class Killed(BaseException):
    """Stands for kill -9: nothing of ours runs after it."""


class Dying(LedgerOutbox):
    """Dies before it keeps the reply of that number."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._left = at

    def record_event(self, session_id: int, event: OfMessages) -> None:
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
def test_a_visit_that_dies_while_it_reads_loses_no_reply(
    session: WhatsAppSession, simulator: SimulatorProcess, account: str
) -> None:
    said: list[str] = []
    for at in (1, 3):
        kept = len(said)
        for number in range(4):
            person = factories.make_contact(session.business, phone=new_person()).phone
            if number % 2:
                simulator.save_contact(account, person, f"Pessoa {at} {number}")
            said += [simulator.say(person, account, text)["id"] for text in ("Oi", "SAIR")]
        with pytest.raises(Killed):
            visited(session, Dying(at))
        assert Reply.objects.count() == kept + at - 1
        assert visited(session) == "done"
        assert sorted(Reply.objects.values_list("message_id", flat=True)) == sorted(said)
    assert visited(session) == "done"
    assert Reply.objects.count() == len(said)


@pytest.mark.django_db(transaction=True)
def test_a_reply_in_the_chat_that_was_open_at_the_end_is_found_by_the_next_visit(
    session: WhatsAppSession,
    simulator: SimulatorProcess,
    account: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    person = factories.make_contact(session.business, phone=new_person()).phone
    simulator.say(person, account, "Oi")
    close = BrowserTransport.close

    def close_late(transport: BrowserTransport) -> None:
        """The last words come after the last poll, in the open chat."""
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
