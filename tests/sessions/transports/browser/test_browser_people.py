"""Who is written to and heard on the page of October, and what stops the link where it can't be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sessions.events import Event, Incoming, Link
from sessions.interfaces import LinkLost
from sessions.transports.browser import BrowserTransport, reasons
from tests.sessions.linked_account import (
    evidence_of,
    linked_browser,
    new_account,
    new_person,
    nothing,
    outgoing,
    reopened,
)
from tests.sessions.listening import hear_all, heard_until
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.browser


def said(events: list[Event]) -> list[tuple[str, str]]:
    """Each reply's text, and by what its writer is known."""
    replies = [one for one in events if isinstance(one, Incoming)]
    return [(one.content.body, one.chat.number or one.chat.username) for one in replies]


def hear_and_send(transport: BrowserTransport, phone: str) -> None:
    hear_all(transport)
    transport.send(outgoing(phone, "nunca"), nothing)


def test_people_who_hide_their_number_are_heard_by_the_chat_in_which_we_wrote(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    hidden, named, saved = (new_person() for _ in range(3))
    for phone in (hidden, named, saved):
        simulator.mark_short(phone, False)
    simulator.set_person(hidden, hidden=True)
    simulator.set_person(named, hidden=True, username="ana.souza")
    simulator.save_contact(account, saved, "(11) 99887-7665")
    for phone in (hidden, named, saved):
        assert linked.send(outgoing(phone, "oi"), nothing)
    for phone in (hidden, named, saved):
        simulator.say(phone, account, f"SAIR {phone}")
    heard = heard_until(linked, lambda events: len(said(events)) >= 3)
    assert sorted(said(heard)) == sorted(
        (f"SAIR {phone}", phone) for phone in (hidden, named, saved)
    )
    linked.close()
    chats = simulator.chats(account).values()
    assert sum(chat["marked"] for chat in chats) == 3


def test_a_group_is_neither_opened_nor_heard(
    linked: BrowserTransport, simulator: SimulatorProcess, account: str
) -> None:
    member = new_person()
    group = simulator.make_group_chat(account, "group", "Família", members=[member])
    simulator.say(member, account, "pare", group=group)
    simulator.say(new_person(), account, "oi")
    heard = heard_until(linked, lambda events: bool(said(events)))
    heard += hear_all(linked)
    assert [text for text, _ in said(heard)] == ["oi"]
    assert simulator.chats(account)[group]["unread"] == 1


def test_renamed_elements_stop_the_link_with_evidence_and_an_override_brings_it_back(
    simulator: SimulatorProcess, tmp_path: Path
) -> None:
    account, known, other = new_account(), new_person(), new_person()
    with linked_browser(tmp_path, simulator, account) as own:
        own.send(outgoing(known, "oi"), nothing)
        own.send(outgoing(other, "oi"), nothing)
        hear_all(own)
    override = tmp_path / "renamed.json"
    for element in ("message_row", "message_text", "chat_row"):
        override.write_text(json.dumps({"elements": {element: [{"css": "#gone"}]}}))
        simulator.say(known, account, f"resposta {element}")
        before = len(evidence_of(tmp_path))
        with (
            reopened(tmp_path, simulator, selector_file=override) as (again, _opened),
            pytest.raises(LinkLost) as caught,
        ):
            hear_and_send(again, other)
        assert (caught.value.reason, caught.value.link) == (reasons.UNKNOWN_PAGE, Link.STOPPED)
        assert len(evidence_of(tmp_path)) > before
    assert [one["text"] for one in simulator.messages(to=other)] == ["oi"]
    with reopened(tmp_path, simulator) as (again, _opened):
        texts = [text for text, _ in said(hear_all(again))]
        assert texts == ["resposta message_row", "resposta message_text", "resposta chat_row"]
        assert again.send(outgoing(other, "de volta"), nothing)
