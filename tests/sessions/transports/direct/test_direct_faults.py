"""What WhatsApp says no to: each is one state of the link, or a message that goes again later; nothing goes twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sessions.events import Event, Link, LinkChange
from sessions.interfaces import LinkLost, NotSent, Opened
from tests.eventually import eventually
from tests.sessions.linked_account import new_person, nothing, outgoing
from tests.sessions.listening import hear_all, heard_until
from tests.sessions.transports.direct.conftest import Maker
from tests.sessions.transports.direct.elsewhere import DirectElsewhere
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.nodes

REFUSALS = [
    ({"reason": 402, "seconds": 6000.0}, Link.RESTRICTED, "no_messages"),
    ({"reason": 403}, Link.BANNED, "banned"),
    ({"reason": 405}, Link.OUTDATED, "outdated"),
]


def changes(events: list[Event]) -> list[LinkChange]:
    return [event for event in events if isinstance(event, LinkChange)]


def next_change(transport: DirectElsewhere) -> LinkChange:
    """What is heard next of the link."""
    return changes(heard_until(transport, lambda events: bool(changes(events))))[0]


def is_lost(transport: DirectElsewhere) -> bool:
    """Whether it knows that its line is gone."""
    try:
        transport.lookup(new_person())
    except LinkLost:
        return True
    return False


@pytest.mark.parametrize(("fault", "state", "reason"), REFUSALS)
def test_a_refusal_in_mid_work_is_one_state_and_nothing_is_pressed(
    linked: DirectElsewhere, simulator: SimulatorProcess, account: str,
    fault: dict[str, Any], state: Link, reason: str,
) -> None:  # fmt: skip
    pressed: list[str] = []
    hear_all(linked)
    simulator.set_fault(account, "refused", **fault)
    change = next_change(linked)
    assert (change.link, change.reason) == (state, reason)
    with pytest.raises(LinkLost) as lost:
        linked.send(outgoing(new_person()), pressed.append)
    assert lost.value.link is state
    assert not pressed


@pytest.mark.parametrize(("fault", "state", "reason"), REFUSALS)
def test_a_refusal_at_the_opening_is_the_same_state(
    direct: Maker, linked: DirectElsewhere, simulator: SimulatorProcess, account: str,
    fault: dict[str, Any], state: Link, reason: str,
) -> None:  # fmt: skip
    linked.close()
    simulator.set_fault(account, "refused", **fault)
    opened: Opened = direct().open()
    assert (opened.link, opened.reason) == (state, reason)
    if state is Link.RESTRICTED:
        ends = opened.until or datetime.now(UTC)
        assert timedelta(minutes=90) < ends - datetime.now(UTC) <= timedelta(minutes=100)


def test_a_463_is_no_fault_of_the_message_and_says_that_new_chats_wait(
    linked: DirectElsewhere, simulator: SimulatorProcess, account: str, person: str
) -> None:
    hear_all(linked)
    simulator.set_fault(account, "timelock")
    with pytest.raises(NotSent) as refused:
        linked.send(outgoing(person), nothing)
    assert (refused.value.reason, refused.value.permanent) == ("chat_locked", False)
    assert next_change(linked) == LinkChange(Link.ONLINE, "no_new_chats", quota=0)
    simulator.clear_faults(account)
    assert linked.send(outgoing(person), nothing)


@pytest.mark.parametrize("what", ["lookup", "message"])
def test_after_a_429_nothing_is_asked_for_a_while(
    linked: DirectElsewhere, simulator: SimulatorProcess, account: str, person: str, what: str
) -> None:
    simulator.set_fault(account, "rate_limit", what=what)
    for _again in range(2):
        with pytest.raises(NotSent) as refused:
            linked.send(outgoing(person), nothing)
        assert (refused.value.reason, refused.value.permanent) == ("too_much_asked", False)
        simulator.clear_faults(account)
    assert simulator.messages(to=person) == []


def test_a_515_in_mid_work_is_no_loss(
    linked: DirectElsewhere, simulator: SimulatorProcess, account: str, person: str
) -> None:
    linked.send(outgoing(person, "um"), nothing)
    simulator.set_fault(account, "restart_required")
    linked.send(outgoing(person, "dois"), nothing)
    assert [one["text"] for one in simulator.messages(to=person)] == ["um", "dois"]
    assert not changes(hear_all(linked))


def test_a_short_restart_of_whatsapp_is_no_loss(
    linked: DirectElsewhere, simulator: SimulatorProcess, person: str
) -> None:
    linked.send(outgoing(person, "um"), nothing)
    simulator.kill()
    simulator.restart()
    linked.send(outgoing(person, "dois"), nothing)
    assert [one["text"] for one in simulator.messages_after_restart(seconds=10)][-1] == "dois"
    assert not changes(hear_all(linked))


def test_whatsapp_that_stays_away_is_offline(
    linked: DirectElsewhere, simulator: SimulatorProcess
) -> None:
    hear_all(linked)
    simulator.kill()
    try:
        assert next_change(linked).link is Link.OFFLINE
    finally:
        simulator.restart()


def test_who_is_displaced_at_once_displaces_the_other_once_and_then_it_is_a_conflict(
    linked: DirectElsewhere, simulator: SimulatorProcess, account: str, person: str, direct: Maker
) -> None:
    """The other still holds the line of the device: its lease is over, which it doesn't know yet."""
    hear_all(linked)
    other = direct()
    assert other.open().link is Link.ONLINE
    eventually(lambda: hear_all(linked) == [] and is_lost(other))
    assert linked.send(outgoing(person, "de volta"), nothing)
    simulator.set_fault(account, "conflict")
    assert next_change(linked).link is Link.CONFLICT
