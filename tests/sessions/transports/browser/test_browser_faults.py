"""What goes wrong around a real Chromium that isn't WhatsApp's doing, and what names hide."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions.events import Incoming, Link, Tick
from sessions.interfaces import InDoubt, LinkLost, NotSent
from sessions.transports.browser import BrowserTransport, reasons
from tests.eventually import eventually
from tests.sessions.linked_account import (
    browser_in,
    in_page,
    in_the_middle_of,
    link,
    linked_browser,
    new_person,
    nothing,
    outgoing,
    shown,
)
from tests.sessions.listening import hear, heard_until
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser

OPEN_CHAT = "(last) => document.querySelector('#main header')?.innerText.includes(last)"
NEVER_ON_THE_WIRE = """() => {
  const send = WebSocket.prototype.send;
  window.held = [];
  WebSocket.prototype.send = function (data) {
    if (JSON.parse(data).op === "send") window.held.push(() => send.call(this, data));
    else send.call(this, data);
  };
}"""


@pytest.fixture
def linked(simulator: SimulatorProcess, account: str, tmp_path: Path) -> Iterator[BrowserTransport]:
    """One with processes of its own, to be killed."""
    with linked_browser(tmp_path, simulator, account, apart=True) as transport:
        yield transport


def kill_browser(transport: BrowserTransport) -> None:
    for pid in transport.pids():
        os.kill(pid, signal.SIGKILL)


def test_browser_killed_before_pressing_has_sent_nothing(
    linked: BrowserTransport, simulator: SimulatorProcess
) -> None:
    person = new_person()
    with pytest.raises((LinkLost, NotSent)):
        linked.send(outgoing(person), lambda: kill_browser(linked))
    with pytest.raises(LinkLost) as caught:
        hear(linked, 0)
    assert caught.value.reason == reasons.BROWSER_GONE
    assert simulator.messages(to=person) == []


def test_browser_killed_after_pressing_leaves_a_doubt(
    linked: BrowserTransport, simulator: SimulatorProcess
) -> None:
    in_page(linked, NEVER_ON_THE_WIRE)

    def before_wire(message_id: str = "") -> None:
        """The browser dies when the driver has pressed and waits for the tick."""
        in_the_middle_of(linked, "arrival", lambda: kill_browser(linked))

    with pytest.raises(InDoubt) as caught:
        linked.send(outgoing(new_person()), before_wire)
    assert caught.value.reason == reasons.LINK_LOST


def test_browser_killed_between_messages_is_a_lost_link_and_opens_again_without_pairing(
    linked: BrowserTransport, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    linked.send(outgoing(new_person()), nothing)
    kill_browser(linked)
    pressed: list[int] = []
    with pytest.raises(LinkLost):
        linked.send(outgoing(new_person()), lambda _id="": pressed.append(1))
    assert not pressed
    linked.close()
    again = browser_in(tmp_path, simulator, apart=True)
    try:
        assert again.open().link is Link.ONLINE
        assert again.send(outgoing(new_person()), nothing)
    finally:
        again.close()


def test_open_profile_is_not_opened_twice(
    linked: BrowserTransport, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    with pytest.raises(LinkLost) as caught:
        browser_in(tmp_path, simulator, apart=True).open()
    assert caught.value.reason == reasons.PROFILE_IN_USE
    assert linked.send(outgoing(new_person()), nothing)


def test_chat_that_changes_while_pressing_is_committed_gets_nothing(
    shared: BrowserTransport, simulator: SimulatorProcess
) -> None:
    person, other = new_person(), new_person()
    shared.send(outgoing(other, "antes"), nothing)

    def before_wire(message_id: str = "") -> None:
        in_page(shared, "(to) => window.bluReader.ask('follow', [`/send?phone=${to}`])", other[1:])
        eventually(lambda: in_page(shared, OPEN_CHAT, other[-4:]))

    with pytest.raises(NotSent) as caught:
        shared.send(outgoing(person, "só para um"), before_wire)
    assert (caught.value.reason, caught.value.permanent) == (reasons.WRONG_CHAT, False)
    assert [seen["text"] for seen in simulator.messages(to=other)] == ["antes"]
    assert simulator.messages(to=person) == []


def test_saved_contact_is_recognised_by_the_number_behind_the_name(
    shared: BrowserTransport, simulator: SimulatorProcess, ours: str
) -> None:
    person, namesake = new_person(), new_person()
    for phone in (person, namesake):
        simulator.save_contact(ours, phone, "Maria Silva")
    for number in range(2):
        shared.send(outgoing(person, f"para a primeira {number}"), nothing)
        shared.send(outgoing(namesake, f"para a outra {number}"), nothing)
    assert [seen["text"] for seen in simulator.messages(to=person)] == [
        "para a primeira 0",
        "para a primeira 1",
    ]
    assert len(simulator.messages(to=namesake)) == 2


def test_reply_of_a_saved_contact_comes_with_the_number(
    shared: BrowserTransport, simulator: SimulatorProcess, ours: str
) -> None:
    person = new_person()
    simulator.save_contact(ours, person, "João Souza")
    said = simulator.say(person, ours, "Oi")
    heard = heard_until(shared, lambda events: any(isinstance(one, Incoming) for one in events))
    (reply,) = [event for event in heard if isinstance(event, Incoming)]
    assert (reply.chat.number, reply.message_id) == (f"+{said['wa_id']}", said["id"])


def test_reply_in_the_chat_that_is_being_left_is_not_lost(
    shared: BrowserTransport, simulator: SimulatorProcess, ours: str
) -> None:
    person = new_person()
    shared.send(outgoing(person), nothing)
    said = simulator.say(person, ours, "SAIR")
    shown(shared, "SAIR")
    shared.send(outgoing(new_person()), nothing)
    heard = heard_until(shared, lambda events: any(isinstance(one, Incoming) for one in events))
    assert said["id"] in [event.message_id for event in heard if isinstance(event, Incoming)]


def test_browser_that_says_headless_is_refused_plainly(
    simulator: SimulatorProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "sessions.transports.browser.launch.user_agent", lambda version: f"HeadlessChrome/{version}"
    )
    with pytest.raises(LinkLost) as caught:
        browser_in(tmp_path, simulator).open()
    assert caught.value.reason == reasons.REFUSED_BROWSER


def test_override_of_a_selector_is_used_and_what_matched_is_recorded(
    simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    override = tmp_path / "selectors.json"
    override.write_text('{"elements": {"send": [{"css": "#gone"}, {"css": "[data-tab=\'11\']"}]}}')
    transport = browser_in(tmp_path, simulator, selector_file=override)
    try:
        link(transport, simulator, account)
        assert transport.send(outgoing(new_person()), nothing).tick in Tick
        assert transport.matched["send"] == 1
        assert transport.matched["box"] == 0
    finally:
        transport.close()
