"""What goes wrong in a real Chromium on the simulator's page, one case at a time."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sessions.ports import (
    Incoming,
    InDoubt,
    Link,
    LinkChange,
    LinkLost,
    NotSent,
    Receipt,
    Tick,
)
from sessions.transports.browser import BrowserTransport, selectors, words
from sessions.transports.browser.page import reader_script
from tests.sessions.linked_account import (
    SCALE,
    heard_until,
    home_in,
    in_page,
    link,
    new_account,
    new_person,
    nothing,
    outgoing,
)
from tests.simulator_process import SimulatorProcess, start_simulator

LOOKS_UP_ANOTHER = """(digits) => {
  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (data) {
    const said = JSON.parse(data);
    if (said.op === "lookup") said.phone = digits;
    return send.call(this, JSON.stringify(said));
  };
}"""
NEVER_ON_THE_WIRE = """() => {
  const send = WebSocket.prototype.send;
  window.held = [];
  WebSocket.prototype.send = function (data) {
    if (JSON.parse(data).op === "send") window.held.push(() => send.call(this, data));
    else send.call(this, data);
  };
}"""
CUT = "window.WebSocket = class { readyState = 0; send() {} close() {} }"
DEAF_SEND_BUTTON = """() => document.addEventListener(
  "click", (event) => event.target.closest("button[aria-label=Enviar]") && event.stopPropagation(), true)"""
STRANGE_TICKS = """() => new MutationObserver(() => {
  for (const title of document.querySelectorAll("#main .tick svg > title")) {
    if (title.textContent === "wds-ic-quantum") continue;
    title.textContent = "wds-ic-quantum";
    title.closest(".tick").setAttribute("aria-label", " Quântica ");
  }
}).observe(document, {childList: true, subtree: true})"""


@pytest.fixture(scope="module")
def simulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimulatorProcess]:
    with start_simulator(tmp_path_factory.mktemp("faults"), time_scale=SCALE) as simulator:
        simulator.set_behaviour(reply_share=0, read_share=1)
        yield simulator


@pytest.fixture
def account() -> str:
    return new_account()


@pytest.fixture
def linked(simulator: SimulatorProcess, account: str, tmp_path: Path) -> Iterator[BrowserTransport]:
    transport = BrowserTransport(time_scale=SCALE, screenshots=tmp_path / "shots")
    link(transport, home_in(tmp_path, simulator), simulator, account)
    yield transport
    transport.close()
    assert transport.pids() == []


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
        linked.poll(0)
    assert caught.value.reason == words.BROWSER_GONE
    assert simulator.messages(to=person) == []


def test_browser_killed_between_messages_is_a_lost_link(linked: BrowserTransport) -> None:
    kill_browser(linked)
    pressed: list[int] = []
    with pytest.raises(LinkLost):
        linked.send(outgoing(new_person()), lambda: pressed.append(1))
    assert not pressed


def test_browser_killed_after_pressing_leaves_a_doubt(
    linked: BrowserTransport, simulator: SimulatorProcess
) -> None:
    in_page(linked, NEVER_ON_THE_WIRE)

    def pressing() -> None:
        """The browser dies when the driver has pressed and waits for the tick."""
        threading.Timer(1.0, kill_browser, [linked]).start()

    with pytest.raises(InDoubt) as caught:
        linked.send(outgoing(new_person()), pressing)
    assert caught.value.reason == words.LINK_LOST


def test_killed_profile_opens_again_without_pairing(
    linked: BrowserTransport, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    linked.send(outgoing(new_person()), nothing)
    kill_browser(linked)
    linked.close()
    again = BrowserTransport(time_scale=SCALE)
    try:
        assert again.open(home_in(tmp_path, simulator)).link is Link.ONLINE
        assert again.send(outgoing(new_person()), nothing)
    finally:
        again.close()


def test_open_profile_is_not_opened_twice(
    linked: BrowserTransport, simulator: SimulatorProcess, tmp_path: Path
) -> None:
    with pytest.raises(LinkLost) as caught:
        BrowserTransport().open(home_in(tmp_path, simulator))
    assert caught.value.reason == words.PROFILE_IN_USE
    assert linked.send(outgoing(new_person()), nothing)


def test_wrong_chat_never_gets_the_text(
    linked: BrowserTransport, simulator: SimulatorProcess
) -> None:
    person, other, pressed = new_person(), new_person(), []
    in_page(linked, LOOKS_UP_ANOTHER, other[1:])
    with pytest.raises(NotSent) as caught:
        linked.send(outgoing(person, "só para um"), lambda: pressed.append(1))
    assert (caught.value.reason, caught.value.permanent) == (words.WRONG_CHAT, False)
    assert not pressed
    assert simulator.messages(to=person) == simulator.messages(to=other) == []


def test_chat_that_changes_while_pressing_is_committed_gets_nothing(
    linked: BrowserTransport, simulator: SimulatorProcess
) -> None:
    person, other = new_person(), new_person()
    linked.send(outgoing(other, "antes"), nothing)

    def pressing() -> None:
        in_page(linked, "(to) => window.bluReader.ask('follow', [`/send?phone=${to}`])", other[1:])
        time.sleep(1.0)

    with pytest.raises(NotSent) as caught:
        linked.send(outgoing(person, "só para um"), pressing)
    assert (caught.value.reason, caught.value.permanent) == (words.WRONG_CHAT, False)
    assert [seen["text"] for seen in simulator.messages(to=other)] == ["antes"]
    assert simulator.messages(to=person) == []


def test_saved_contact_is_recognised_by_the_number_behind_the_name(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    person, namesake = new_person(), new_person()
    for phone in (person, namesake):
        simulator.save_contact(account, phone, "Maria Silva")
    for number in range(2):
        linked.send(outgoing(person, f"para a primeira {number}"), nothing)
        linked.send(outgoing(namesake, f"para a outra {number}"), nothing)
    assert [seen["text"] for seen in simulator.messages(to=person)] == [
        "para a primeira 0",
        "para a primeira 1",
    ]
    assert len(simulator.messages(to=namesake)) == 2


def test_reply_of_a_saved_contact_comes_with_the_number(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    person = new_person()
    simulator.save_contact(account, person, "João Souza")
    said = simulator.say(person, account, "Oi")
    heard = heard_until(linked, bool)
    (reply,) = [event for event in heard if isinstance(event, Incoming)]
    assert (reply.phone, reply.message_id) == (f"+{said['wa_id']}", said["id"])


def test_reply_in_the_chat_that_is_being_left_is_not_lost(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    person = new_person()
    linked.send(outgoing(person), nothing)
    said = simulator.say(person, account, "SAIR")
    time.sleep(0.5)
    linked.send(outgoing(new_person()), nothing)
    heard = heard_until(linked, lambda events: any(isinstance(one, Incoming) for one in events))
    assert said["id"] in [event.message_id for event in heard if isinstance(event, Incoming)]


def test_unread_chats_far_down_the_list_are_heard_at_the_first_poll(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    linked.close()
    said = [simulator.say(new_person(), account, f"oi {number}") for number in range(40)]
    again = BrowserTransport(time_scale=SCALE)
    try:
        again.open(home_in(tmp_path, simulator))
        heard = again.poll(0)
    finally:
        again.close()
    assert {reply["id"] for reply in said} == {
        event.message_id for event in heard if isinstance(event, Incoming) and event.backlog
    }


def test_clock_for_ever_is_in_doubt_and_a_late_tick_is_still_heard(
    linked: BrowserTransport, simulator: SimulatorProcess
) -> None:
    person = new_person()
    in_page(linked, NEVER_ON_THE_WIRE)
    with pytest.raises(InDoubt) as caught:
        linked.send(outgoing(person), nothing)
    assert caught.value.reason == words.NO_TICK
    assert caught.value.message_id.startswith("3EB0")
    assert simulator.messages(to=person) == []
    in_page(linked, "() => window.held.forEach((go) => go())")
    heard = heard_until(linked, lambda events: any(isinstance(one, Receipt) for one in events))
    (late,) = [event for event in heard if isinstance(event, Receipt)][:1]
    assert late.message_id == caught.value.message_id


def test_press_without_effect_is_made_once_more(
    linked: BrowserTransport, simulator: SimulatorProcess
) -> None:
    person = new_person()
    assert linked._opening is not None
    linked._opening.sending._tick_seconds = 10.0
    in_page(linked, DEAF_SEND_BUTTON)
    sent = linked.send(outgoing(person), nothing)
    assert [seen["id"] for seen in simulator.messages(to=person)] == [sent.message_id]


def test_unknown_tick_stops_and_keeps_picture_and_skeleton(
    linked: BrowserTransport, tmp_path: Path
) -> None:
    in_page(linked, STRANGE_TICKS)
    with pytest.raises(LinkLost) as caught:
        linked.send(outgoing(new_person(), "segredo"), nothing)
    assert caught.value.reason == words.UNKNOWN_ICON
    kept = {path.suffix: path for path in (tmp_path / "shots").iterdir()}
    assert kept[".png"].stat().st_size > 1000
    skeleton = kept[".txt"].read_text()
    assert "wds-ic-quantum" in skeleton
    assert "segredo" not in skeleton


def test_stale_draft_is_cleared(linked: BrowserTransport, simulator: SimulatorProcess) -> None:
    person = new_person()
    in_page(
        linked,
        "(to) => window.bluReader.ask('follow', [`/send?phone=${to}&text=rascunho%20velho`])",
        person[1:],
    )
    time.sleep(1.0)
    linked.send(outgoing(new_person()), nothing)
    linked.send(outgoing(person, "novo"), nothing)
    assert [seen["text"] for seen in simulator.messages(to=person)] == ["novo"]


def test_news_dialog_is_dismissed(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    simulator.set_fault(account, "whats_new")
    time.sleep(0.5)
    assert linked.send(outgoing(new_person()), nothing)


def test_time_lock_is_said_with_its_end_and_presses_nothing(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    old, new, pressed = new_person(), new_person(), []
    linked.send(outgoing(old), nothing)
    until = (int(time.time()) // 60 + 90) * 60
    simulator.set_fault(account, "timelock", until=until)
    with pytest.raises(LinkLost) as caught:
        linked.send(outgoing(new), lambda: pressed.append(1))
    assert caught.value.link is Link.RESTRICTED
    assert caught.value.until == datetime.fromtimestamp(until, UTC)
    assert not pressed
    assert linked.send(outgoing(old, "conversas que existem continuam"), nothing)


def test_conflict_is_heard_and_nothing_is_clicked_away(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    simulator.set_fault(account, "conflict")
    heard = heard_until(linked, bool)
    assert heard == [LinkChange(Link.CONFLICT, words.CONFLICT)]
    with pytest.raises(LinkLost) as caught:
        linked.send(outgoing(new_person()), nothing)
    assert caught.value.link is Link.CONFLICT
    assert in_page(linked, "() => document.querySelectorAll('[role=dialog]').length") == 1


def test_offline_banner_that_stays_is_a_change_of_the_link(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    simulator.set_fault(account, "offline_banner")
    assert heard_until(linked, bool) == [LinkChange(Link.OFFLINE, words.OFFLINE)]
    pressed: list[int] = []
    with pytest.raises(LinkLost):
        linked.send(outgoing(new_person()), lambda: pressed.append(1))
    assert not pressed
    simulator.clear_faults(account)
    assert heard_until(linked, bool) == [LinkChange(Link.ONLINE)]


def test_pane_without_a_round_trip_is_offline(
    linked: BrowserTransport,
    simulator: SimulatorProcess,
    account: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    linked.close()
    script = reader_script(selectors.load())
    monkeypatch.setattr(
        "sessions.transports.browser.transport.reader_script", lambda _: f"{script};{CUT}"
    )
    again = BrowserTransport(time_scale=SCALE)
    try:
        opened = again.open(home_in(tmp_path, simulator))
        assert again.matched["pane"] == 0
    finally:
        again.close()
    assert (opened.link, opened.phone) == (Link.OFFLINE, account)


def test_browser_that_says_headless_is_refused_plainly(
    simulator: SimulatorProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "sessions.transports.browser.launch.user_agent", lambda version: f"HeadlessChrome/{version}"
    )
    with pytest.raises(LinkLost) as caught:
        BrowserTransport().open(home_in(tmp_path, simulator))
    assert caught.value.reason == words.REFUSED_BROWSER


def test_override_of_a_selector_is_used_and_what_matched_is_recorded(
    simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    override = tmp_path / "selectors.json"
    override.write_text('{"elements": {"send": [{"css": "#gone"}, {"css": "[data-tab=\'11\']"}]}}')
    transport = BrowserTransport(selector_file=override, time_scale=SCALE)
    try:
        link(transport, home_in(tmp_path, simulator), simulator, account)
        assert transport.send(outgoing(new_person()), nothing).tick in Tick
        assert transport.matched["send"] == 1
        assert transport.matched["box"] == 0
    finally:
        transport.close()
