"""Every fault of the simulator that meets the link or the page as a whole, in a real Chromium.

Where each thing that WhatsApp's page may do stands, all of them on the build of October:

| On the page | Test |
|---|---|
| banners that mean no harm, warning of the quota | `test_banners_that_mean_no_harm_…` here |
| offline banner, `offline` event | `test_offline_event_…` here; `test_browser_profiles`: `test_offline_is_heard` |
| block-message: contact; announcement, ex-member, old LID; terms, unknown | `test_contact_that_…`, `test_what_stands_in_place_of_the_box_…` here |
| time-lock by type and token, without an end; with one | `test_time_lock_keeps_…` here; `test_browser_visits`: `test_time_lock_is_kept_…` |
| cap | `test_cap_keeps_…` here |
| clock for ever, tick after 40 s | `test_browser_sending_faults`: The clock |
| silent cut | The network, here; `test_browser_visits`: `test_silent_cut_…` |
| conflict, logout | The account, here |
| states that only the page's modules tell | `test_state_that_the_modules_tell_…` here |
| dialogs over the box, clicks that do nothing | `test_browser_sending_faults`: The press |
| renderer that dies before and after Enter | `test_browser_sending_faults`: The renderer |
| wrong chat, by opening and under the fingers; one that comes late | `test_browser_sending_faults`: The wrong chat |
| unknown icon | `test_browser_sending_faults`: Icons; `test_browser_visits` |
| stale draft, same text already there | `test_browser_sending_faults` |
| slow pane | `test_slow_pane_…` here |
| names of a build that nobody has seen | `test_browser_renamed` |
"""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path

import pytest

from sessions.events import Event, Incoming, Link, LinkChange
from sessions.interfaces import InDoubt, LinkLost, NotSent
from sessions.transports.browser import BrowserTransport, reasons, screens
from tests.eventually import eventually
from tests.sessions.linked_account import (
    browser_in,
    evidence_of,
    fault,
    in_page,
    link,
    linked_browser,
    new_account,
    new_person,
    nothing,
    outgoing,
    reopened,
)
from tests.sessions.listening import hear, hear_all, heard_until
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def home(simulator: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder whose home is linked to the account beside it, for what is about openings."""
    folder, account = tmp_path_factory.mktemp("linked"), new_account()
    with linked_browser(folder, simulator, account):
        pass
    return folder, account


def conflict_after(simulator: SimulatorProcess, account: str, person: str) -> threading.Thread:
    """Another window takes the account once WhatsApp has the message to that person."""

    def take() -> None:
        eventually(lambda: simulator.messages(to=person))
        simulator.set_fault(account, "conflict")

    thread = threading.Thread(target=take)
    thread.start()
    return thread


def changes(transport: BrowserTransport) -> list[LinkChange]:
    """Poll until the link is heard to be anything but online; all changes heard.

    A poll that is about to open a chat raises what it finds in the way; a drive heeds both alike.
    """
    try:
        heard = heard_until(
            transport,
            lambda events: any(
                isinstance(one, LinkChange) and one.link is not Link.ONLINE for one in events
            ),
        )
    except LinkLost as lost:
        return [LinkChange(lost.link, lost.reason, lost.until)]
    return [one for one in heard if isinstance(one, LinkChange) and one.link is not Link.ONLINE]


# The network


def test_cut_that_nothing_shows_is_noticed_at_the_opening(
    simulator: SimulatorProcess, home: tuple[Path, str]
) -> None:
    folder, account = home
    with (
        fault(simulator, account, "silent_cut"),
        reopened(folder, simulator) as (again, opened),
    ):
        assert (opened.link, opened.reason) == (Link.OFFLINE, reasons.OFFLINE)
        assert "pane" in again.matched


def test_cut_while_nothing_is_sent_is_noticed_by_asking(
    shared: BrowserTransport, simulator: SimulatorProcess, ours: str
) -> None:
    with fault(simulator, ours, "silent_cut"):
        assert changes(shared) == [LinkChange(Link.OFFLINE, reasons.OFFLINE)]


def test_cut_in_mid_campaign_costs_one_doubt_and_nothing_else_is_pressed(
    shared: BrowserTransport, simulator: SimulatorProcess, ours: str
) -> None:
    known, pressed = [new_person() for _ in range(2)], []
    for person in known:
        shared.send(outgoing(person, "antes"), nothing)
    # The page needs WhatsApp to open another chat; the one that is open takes the text.
    with fault(simulator, ours, "silent_cut"):
        with pytest.raises(InDoubt):
            shared.send(outgoing(known[1], "no escuro"), nothing)
        with pytest.raises(LinkLost) as caught:
            shared.send(outgoing(known[0], "nunca"), lambda _id="": pressed.append(1))
    assert (caught.value.link, caught.value.reason) == (Link.OFFLINE, reasons.OFFLINE)
    assert not pressed


def test_link_that_answers_when_asked_is_told_as_a_proof(shared: BrowserTransport) -> None:
    assert eventually(lambda: hear(shared, 0.5) == [LinkChange(Link.ONLINE)])


def test_offline_event_is_a_change_of_the_link_and_its_end_too(
    shared: BrowserTransport, simulator: SimulatorProcess, ours: str
) -> None:
    pressed: list[int] = []
    with fault(simulator, ours, "offline"):
        assert changes(shared) == [LinkChange(Link.OFFLINE, reasons.OFFLINE)]
        with pytest.raises(LinkLost) as caught:
            shared.send(outgoing(new_person()), lambda _id="": pressed.append(1))
        assert caught.value.link is Link.OFFLINE
    assert not pressed


# The account


def test_conflict_in_mid_campaign_stops_and_explains(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    pressed: list[int] = []
    linked.send(outgoing(new_person()), nothing)
    simulator.set_fault(account, "conflict")
    assert changes(linked) == [LinkChange(Link.CONFLICT, reasons.CONFLICT)]
    with pytest.raises(LinkLost) as caught:
        linked.send(outgoing(new_person()), lambda _id="": pressed.append(1))
    assert (caught.value.link, caught.value.reason) == (Link.CONFLICT, reasons.CONFLICT)
    assert not pressed
    # "Usar aqui" would take the account from whoever took it from us.
    assert in_page(linked, "() => document.querySelectorAll('[role=dialog]').length") == 1


def test_conflict_under_the_clock_ends_the_wait_at_once(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    """Without it, the driver would wait five minutes for the tick, and say so."""
    account, person = new_account(), new_person()
    with linked_browser(tmp_path, simulator, account, tick_seconds=3000) as own:
        simulator.set_fault(account, "clock", reaches=True)
        other = conflict_after(simulator, account, person)
        with pytest.raises(InDoubt) as caught:
            own.send(outgoing(person), nothing)
        other.join()
    assert caught.value.reason == reasons.LINK_LOST


def test_logout_in_mid_campaign_stops_and_explains(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    simulator.set_fault(account, "logout", after=2)
    people, outcomes = [new_person() for _ in range(5)], []
    for person in people:
        try:
            outcomes.append(linked.send(outgoing(person), nothing).tick)
        except (NotSent, InDoubt, LinkLost) as lost:
            outcomes.append(lost)
            if isinstance(lost, LinkLost):
                break
    assert isinstance(outcomes[-1], LinkLost)
    assert outcomes[-1].link in (Link.LOGGED_OUT, Link.NEEDS_PAIRING)
    assert outcomes[-1].reason == reasons.LOGGED_OUT
    assert [len(simulator.messages(to=person)) for person in people] == [1, 1, 0, 0, 0]
    linked.close()
    with reopened(tmp_path, simulator) as (_again, opened):
        assert opened.link is Link.NEEDS_PAIRING


def limits(events: list[Event]) -> list[LinkChange]:
    """What was told of the account's limits."""
    return [one for one in events if isinstance(one, LinkChange) and one.quota is not None]


LOCKS = {"pt": "DEFAULT", "en": "RESTRICT_ALL_COMPANIONS", "es": "WEB_COMPANION_ONLY"}


def test_time_lock_keeps_chats_without_a_token_waiting_while_others_go_on(
    simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    pressed: list[int] = []
    # One of them has the ninth digit in WhatsApp's number, the other hasn't: the page asks for it anew.
    warm = [new_person(), new_person()]
    with linked_browser(tmp_path, simulator, account) as own:
        for person in warm:
            own.send(outgoing(person), nothing)
            simulator.say(person, account, "oi")
            heard_until(own, lambda events: any(isinstance(one, Incoming) for one in events))
    for language, kind in LOCKS.items():
        simulator.set_phone(account, language=language)
        until = time.time() + 5 * 3600
        with reopened(tmp_path, simulator) as (own, _opened):
            assert in_page(own, "() => document.documentElement.lang").startswith(language)
            hear_all(own)
            with fault(simulator, account, "timelock", type=kind, until=until):
                with pytest.raises(NotSent) as caught:
                    own.send(outgoing(new_person()), lambda _id="": pressed.append(1))
                for person in warm:
                    assert own.send(outgoing(person, f"com resposta continuam {kind}"), nothing)
                told = limits(heard_until(own, lambda events: bool(limits(events))))
        # Without the page's modules its end stands in the details alone.
        assert [(one.link, one.reason, one.quota) for one in told] == [
            (Link.ONLINE, reasons.RESTRICTED, 0)
        ]
        assert told[0].until is not None
        assert abs(told[0].until.timestamp() - until) < 60
        assert (caught.value.reason, caught.value.permanent) == (reasons.CHAT_LOCKED, False)
    assert not pressed


def test_contact_that_the_account_blocked_is_refused_for_good_and_nothing_is_pressed(
    shared: BrowserTransport, simulator: SimulatorProcess, ours: str
) -> None:
    pressed: list[int] = []
    with fault(simulator, ours, "blocked"), pytest.raises(NotSent) as caught:
        shared.send(outgoing(new_person()), lambda _id="": pressed.append(1))
    assert (caught.value.reason, caught.value.permanent) == (reasons.CONTACT_BLOCKED, True)
    assert not pressed


def test_what_stands_in_place_of_the_box_fails_nobody_and_stops_where_it_must(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    pressed: list[int] = []
    waiting = {
        "announcement": reasons.WRONG_CHAT,
        "ex_member": reasons.WRONG_CHAT,
        "old_lid": reasons.CHAT_DID_NOT_OPEN,
    }
    for kind, reason in waiting.items():
        with fault(simulator, account, "blocked", kind=kind), pytest.raises(NotSent) as kept:
            linked.send(outgoing(new_person()), lambda _id="": pressed.append(1))
        assert (kept.value.reason, kept.value.permanent) == (reason, False)
        assert linked.send(outgoing(new_person()), nothing)
    for kind, reason in {"terms": reasons.TERMS_ASKED, "unknown": reasons.UNKNOWN_PAGE}.items():
        with fault(simulator, account, "blocked", kind=kind), pytest.raises(LinkLost) as lost:
            linked.send(outgoing(new_person()), lambda _id="": pressed.append(1))
        assert (lost.value.link, lost.value.reason) == (Link.STOPPED, reason)
    assert len(evidence_of(tmp_path)) >= 2
    assert not pressed


def test_cap_keeps_new_chats_waiting_and_says_so_while_others_go_on(
    shared: BrowserTransport, simulator: SimulatorProcess, ours: str
) -> None:
    known, pressed = new_person(), []
    shared.send(outgoing(known), nothing)
    with fault(simulator, ours, "cap"):
        with pytest.raises(NotSent) as caught:
            shared.send(outgoing(new_person()), lambda _id="": pressed.append(1))
        assert shared.send(outgoing(known, "a conversa que existe continua"), nothing)
        said = LinkChange(Link.ONLINE, reasons.NEW_CHATS_SPENT, quota=0)
        heard_until(shared, lambda events: said in events)
    assert (caught.value.reason, caught.value.permanent) == (reasons.NEW_CHATS_SPENT, False)
    assert not pressed


def test_banners_that_mean_no_harm_neither_stop_nor_silence_the_link(
    shared: BrowserTransport, simulator: SimulatorProcess, ours: str
) -> None:
    simulator.set_fault(ours, "cap", status="FIRST_WARNING", used=44)
    names = ["notifications", "update", "background_sync", "language", "notice"]
    with fault(simulator, ours, "banners", names=names):
        eventually(lambda: in_page(shared, BANNERS) >= 6)
        assert shared.send(outgoing(new_person()), nothing)
        heard = heard_until(shared, lambda events: LinkChange(Link.ONLINE) in events)
    assert [
        one for one in heard if isinstance(one, LinkChange) and one.link is not Link.ONLINE
    ] == []


BANNERS = "() => document.querySelectorAll('#side .butterbar-text').length"
STATES = {
    "TOS_BLOCK": (Link.STOPPED, reasons.TERMS_ASKED),
    "SCREEN_LOCKED": (Link.STOPPED, reasons.SCREEN_LOCKED),
    "CONFLICT": (Link.CONFLICT, reasons.CONFLICT),
}


def test_state_that_the_modules_tell_is_told_as_what_it_is(
    simulator: SimulatorProcess, home: tuple[Path, str]
) -> None:
    folder, account = home
    simulator.set_phone(account, modules="with")
    with reopened(folder, simulator) as (again, opened):
        assert opened.proven
        for state, (link, reason) in STATES.items():
            in_page(
                again, "(state) => { require('WAWebSocketModel').Socket.state = state; }", state
            )
            assert changes(again) == [LinkChange(link, reason)]
    simulator.set_phone(account, modules="without")


# The page


def test_reload_after_pairing_is_part_of_the_pairing(
    simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    simulator.set_fault(account, "reload_after_pairing")
    transport = browser_in(tmp_path, simulator)
    try:
        opened = link(transport, simulator, account)
        assert opened.phone == account
        assert transport.send(outgoing(new_person()), nothing)
    finally:
        transport.close()


def test_slow_pane_is_waited_for(simulator: SimulatorProcess, home: tuple[Path, str]) -> None:
    folder, account = home
    # Longer than anything that the page is asked may take here.
    with (
        fault(simulator, account, "slow_pane", seconds=60),
        reopened(folder, simulator) as (again, opened),
    ):
        assert opened.link is Link.ONLINE
        assert again.send(outgoing(new_person()), nothing)


def test_page_that_shows_nothing_known_is_kept_for_support(
    simulator: SimulatorProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sessions.transports.browser.page_session.SCREEN_SECONDS", 2.0)
    override = tmp_path / "selectors.json"
    gone = [{"css": "#gone"}]
    known = [name for name in screens.ALL if name != "pane"]
    override.write_text(json.dumps({"elements": dict.fromkeys(["pane", *known], gone)}))
    transport = browser_in(tmp_path, simulator, selector_file=override)
    with pytest.raises(LinkLost) as caught:
        transport.open()
    assert (caught.value.reason, caught.value.link) == (reasons.UNKNOWN_PAGE, Link.STOPPED)
    [kept] = evidence_of(tmp_path)
    assert kept.picture
    assert kept.document
