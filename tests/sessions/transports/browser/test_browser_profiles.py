"""The other builds of the page: linking, sending, ticks, replies and a fault on each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sessions.events import Incoming, Link, LinkChange, Text
from sessions.interfaces import InDoubt, LinkLost, NotSent, UncertainMessage
from sessions.transports.browser import BrowserTransport, reasons
from tests.sessions.linked_account import (
    SCALE,
    SECONDS,
    browser_in,
    fault,
    linked_browser,
    new_account,
    new_person,
    nothing,
    outgoing,
    reopened,
    scanning,
)
from tests.sessions.listening import heard_until, heard_until_read
from tests.simulator_process import SimulatorProcess, start_simulator

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", params=["2026-08", "2026-no-testid"])
def simulator(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("profile"), time_scale=SCALE) as simulator:
        simulator.set_behaviour(reply_share=0, read_share=1)
        simulator.set_page(profile=request.param)
        yield simulator


@pytest.fixture(scope="module")
def account(simulator: SimulatorProcess) -> str:
    return new_account()


@pytest.fixture(scope="module")
def linked(
    simulator: SimulatorProcess, account: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BrowserTransport]:
    with linked_browser(tmp_path_factory.mktemp("linked"), simulator, account) as transport:
        yield transport


def test_account_is_linked_by_code_as_well_as_by_its_picture(
    linked: BrowserTransport, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    account = new_account()
    transport = browser_in(tmp_path, simulator)
    try:
        assert transport.open().link is Link.NEEDS_PAIRING
        limit = time.monotonic() + SECONDS
        opened = transport.pair(scanning(simulator, account), limit, phone=account)
        assert (opened.link, opened.phone) == (Link.ONLINE, account)
    finally:
        transport.close()


def test_messages_go_and_their_ticks_come_until_read(
    linked: BrowserTransport, simulator: SimulatorProcess
) -> None:
    people = [new_person() for _ in range(3)]
    text = "Olá, *Ana*! 😀\nlinha dois"
    sent = {person: linked.send(outgoing(person, text), nothing) for person in people}
    for person, proof in sent.items():
        assert [(seen["id"], seen["text"]) for seen in simulator.messages(to=person)] == [
            (proof.message_id, text)
        ]
    heard_until_read(linked, *sent.values())


def test_number_that_is_not_on_whatsapp_is_told(
    linked: BrowserTransport, simulator: SimulatorProcess
) -> None:
    person = new_person()
    simulator.mark_absent(person)
    with pytest.raises(NotSent) as caught:
        linked.send(outgoing(person), nothing)
    assert (caught.value.reason, caught.value.permanent) == (reasons.NOT_ON_WHATSAPP, True)


def test_reply_of_a_saved_contact_is_heard_with_number_and_text(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    person = new_person()
    simulator.save_contact(account, person, "Maria Silva")
    said = simulator.say(person, account, "SAIR\npor favor")
    heard = heard_until(linked, lambda events: any(isinstance(one, Incoming) for one in events))
    (reply,) = [one for one in heard if isinstance(one, Incoming)]
    assert (reply.message_id, reply.chat.number, reply.content.body) == (
        said["id"],
        f"+{said['wa_id']}",
        "SAIR\npor favor",
    )
    assert linked.send(outgoing(person, "até logo"), nothing)


def test_row_with_a_tick_proves_a_doubt(linked: BrowserTransport) -> None:
    message = outgoing(new_person(), "provado")
    sent = linked.send(message, nothing)
    linked.send(outgoing(new_person()), nothing)
    doubt = UncertainMessage(
        message.key, message.to, Text("provado"), datetime.now(UTC), frozenset()
    )
    proof = linked.prove(doubt)
    assert proof is not None
    assert proof.message_id == sent.message_id


def test_news_are_put_away(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    with fault(simulator, account, "whats_new", when="typed", times=1):
        assert linked.send(outgoing(new_person()), nothing)


def test_wrong_chat_never_gets_the_text(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    person, other = new_person(), new_person()
    with (
        fault(simulator, account, "wrong_chat", to=other, when="typed"),
        pytest.raises((NotSent, InDoubt)) as caught,
    ):
        linked.send(outgoing(person, "um\ndois"), nothing)
    assert simulator.messages(to=other) == []
    # The page may change just after a press that was right: then it is a doubt, never a refusal.
    if isinstance(caught.value, NotSent):
        assert caught.value.reason == reasons.WRONG_CHAT
        assert simulator.messages(to=person) == []


def test_clock_for_ever_is_a_doubt(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    with fault(simulator, account, "clock"), pytest.raises(InDoubt) as caught:
        linked.send(outgoing(new_person()), nothing)
    assert caught.value.reason == reasons.NO_TICK
    assert linked.send(outgoing(new_person()), nothing)


def test_time_lock_keeps_a_new_chat_waiting_and_no_other(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    known = new_person()
    linked.send(outgoing(known), nothing)
    simulator.say(known, account, "oi")
    heard_until(linked, lambda events: any(isinstance(one, Incoming) for one in events))
    with fault(simulator, account, "timelock"):
        with pytest.raises(NotSent) as caught:
            linked.send(outgoing(new_person()), nothing)
        assert linked.send(outgoing(known), nothing)
    assert (caught.value.reason, caught.value.permanent) == (reasons.CHAT_LOCKED, False)


def test_offline_is_heard(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    with fault(simulator, account, "offline_banner"):
        heard = heard_until(linked, lambda events: any(_away(one) for one in events))
        assert [one for one in heard if _away(one)] == [LinkChange(Link.OFFLINE, reasons.OFFLINE)]
    heard_until(linked, lambda events: LinkChange(Link.ONLINE) in events)


def test_unknown_icon_stops_conflict_is_told_and_logout_too(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    account = new_account()
    with linked_browser(tmp_path, simulator, account) as own:
        simulator.set_fault(account, "unknown_tick")
        with pytest.raises(LinkLost) as caught:
            own.send(outgoing(new_person()), nothing)
        assert caught.value.reason == reasons.UNKNOWN_ICON
    simulator.clear_faults(account)
    with reopened(tmp_path, simulator) as (again, _opened):
        simulator.set_fault(account, "conflict")
        heard = heard_until(again, lambda events: any(_away(one) for one in events))
        assert [one for one in heard if _away(one)] == [LinkChange(Link.CONFLICT, reasons.CONFLICT)]
    simulator.clear_faults(account)
    with reopened(tmp_path, simulator) as (again, opened):
        assert opened.link is Link.ONLINE
        simulator.unlink(account)
        heard = heard_until(again, lambda events: any(_away(one) for one in events))
        assert [one for one in heard if _away(one)] == [
            LinkChange(Link.LOGGED_OUT, reasons.LOGGED_OUT)
        ]


def _away(event: object) -> bool:
    return isinstance(event, LinkChange) and event.link is not Link.ONLINE
