"""Hearing leaves as little trace as it can: the phone's badges after a visit, in a real Chromium."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from sessions.events import Event, Incoming
from sessions.transports.browser import BrowserTransport, chat_list, chat_looks, launch
from sessions.transports.browser.badges import STUCK_MOST
from tests.eventually import eventually
from tests.sessions.linked_account import (
    browser_in,
    in_page,
    linked_browser,
    new_person,
    nothing,
    outgoing,
    reopened,
    shown,
)
from tests.sessions.listening import hear, hear_all
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser


def badges(simulator: SimulatorProcess, account: str) -> set[str]:
    """The numbers of the chats that have one on the phone, counted or not."""
    chats = simulator.chats(account).values()
    return {f"+{chat['number']}" for chat in chats if chat["unread"] or chat["marked"]}


def read_at(simulator: SimulatorProcess, account: str) -> dict[str, str | None]:
    """When the person saw that each reply was read."""
    return {one["id"]: one["read_at"] for one in simulator.truth(account=account)["replies"]}


def texts(events: list[Event]) -> list[str]:
    return sorted(one.content.body for one in events if isinstance(one, Incoming))


def people(simulator: SimulatorProcess, count: int) -> list[str]:
    found = [new_person() for _number in range(count)]
    for phone in found:
        simulator.mark_short(phone, False)
    return found


def test_after_a_visit_the_phones_badges_are_what_they_were(
    linked: BrowserTransport,
    simulator: SimulatorProcess,
    account: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # As if everything had been said in an earlier minute than that of the look.
    monkeypatch.setattr(chat_looks, "FINAL_AFTER", -timedelta(minutes=5))
    twice, marked, read, ours, quiet = people(simulator, 5)
    far = people(simulator, 25)
    hear_all(linked)
    linked.close()
    for phone in (*far, twice, twice, marked, read, quiet):
        simulator.say(phone, account, "oi")
    for phone in (read, marked, quiet, *far[2:]):
        simulator.read(account, phone)
    simulator.put_chat(account, marked, marked=True)
    for phone in far[1:16]:
        simulator.put_chat(account, phone, archived=True)
    before = {far[0], far[1], twice, marked}
    assert badges(simulator, account) == before
    with reopened(tmp_path, simulator) as (transport, _opened):
        # The owner filtered the list, and archived more than fit on a screen.
        in_page(transport, "document.getElementById('unread-filter').click()")
        assert len(texts(hear_all(transport))) == len(far) + 5
        # Back at once, but for the chat that is open still: the visit may go on for minutes, or die.
        eventually(lambda: len(before - badges(simulator, account)) <= 1)
        transport.send(outgoing(ours), nothing)
        simulator.say(ours, account, "recebi")
        shown(transport, "recebi")
        assert texts(hear_all(transport)) == ["recebi"]
        transport.send(outgoing(quiet), nothing)
        simulator.say(quiet, account, "eu também")
        shown(transport, "eu também")
        assert texts(hear_all(transport)) == ["eu também"]
    assert transport.keeps_badges
    # Of what came while the chat stood open for our own message nobody at the phone knows yet.
    assert badges(simulator, account) == before | {ours, quiet}
    with reopened(tmp_path, simulator) as (transport, _opened):
        assert hear_all(transport) == []
    assert transport.keeps_badges is None


def test_badges_that_a_killed_browser_took_are_put_back_by_the_next(
    simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    unkept, kept = people(simulator, 2)
    with linked_browser(tmp_path, simulator, account, apart=True) as transport:
        hear_all(transport)
    for phone in (kept, unkept):
        simulator.say(phone, account, f"SAIR {phone}")
    with reopened(tmp_path, simulator, apart=True) as (transport, _opened):
        hear(transport)
        assert texts(hear(transport)) == [f"SAIR {unkept}"]
        assert texts(list(transport.poll(0).events)) == [f"SAIR {kept}"]
        launch.kill_on(tmp_path / "home")
    assert badges(simulator, account) == set()
    with reopened(tmp_path, simulator, apart=True) as (transport, _opened):
        assert texts(hear_all(transport)) == [f"SAIR {kept}"]
    assert badges(simulator, account) == {kept, unkept}
    # The owner reads them: they are not put back for ever.
    for phone in (kept, unkept):
        simulator.read(account, phone)
    with reopened(tmp_path, simulator, apart=True) as (transport, _opened):
        assert hear_all(transport) == []
    assert badges(simulator, account) == set()


def test_what_the_modules_tell_is_heard_without_opening_the_chat(
    simulator: SimulatorProcess, account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_looks, "FINAL_AFTER", -timedelta(minutes=5))
    simulator.set_phone(account, modules="with")
    ana, voice, stranger = people(simulator, 3)
    with linked_browser(tmp_path, simulator, account) as transport:
        for phone in (ana, voice):
            transport.send(outgoing(phone), nothing)
        hear_all(transport)
    said = simulator.say(ana, account, "SAIR agora 🙏")
    simulator.say(voice, account, message="voice")
    simulator.say(stranger, account, "oi")
    with reopened(tmp_path, simulator) as (transport, _opened):
        heard = hear_all(transport)
        assert texts(heard) == ["", "SAIR agora 🙏", "oi"]
        assert said["id"] in [one.message_id for one in heard if isinstance(one, Incoming)]
        # Nobody has looked at it: the badge counts, and the person sees no blue ticks.
        assert [chat["unread"] for chat in simulator.chats(account).values()].count(1) == 1
        assert read_at(simulator, account)[said["id"]] is None
        simulator.say(ana, account, "por favor")
        shown(transport, "por favor")
        assert texts(hear_all(transport)) == ["por favor"]
        assert read_at(simulator, account)[said["id"]] is None
    with reopened(tmp_path, simulator) as (transport, _opened):
        assert texts(hear_all(transport)) == []
        assert read_at(simulator, account)[said["id"]] is None
        # To write to them it has to be opened, and is set back all the same.
        transport.send(outgoing(ana), nothing)
        assert texts(hear_all(transport)) == []
    assert read_at(simulator, account)[said["id"]]
    assert badges(simulator, account) == {ana, voice, stranger}


def test_a_page_without_a_way_to_set_back_is_told_of(
    simulator: SimulatorProcess, account: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_list, "MENU_SECONDS", 0.5)
    override = tmp_path / "bare.json"
    override.write_text(json.dumps({"elements": {"mark_unread": [{"css": "#gone"}]}}))
    with linked_browser(tmp_path, simulator, account, selector_file=override) as transport:
        said = people(simulator, STUCK_MOST + 1)
        for phone in said:
            simulator.say(phone, account, "oi")
        assert texts(hear_all(transport)) == ["oi"] * len(said)
        assert transport.keeps_badges is False
    again = browser_in(tmp_path, simulator)
    try:
        again.open()
        assert hear_all(again) == []
    finally:
        again.close()
    assert badges(simulator, account) == set()
