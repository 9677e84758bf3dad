"""A doubt is proven only by a receipt, from the chat that was written to, of a message that nobody else accounts for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from sessions.interfaces import Outgoing, Sent, UncertainMessage
from tests.eventually import eventually
from tests.sessions.linked_account import link, new_person, nothing, outgoing
from tests.sessions.listening import hear_all
from tests.sessions.transports.direct.conftest import Maker
from tests.sessions.transports.direct.elsewhere import DirectElsewhere
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.nodes


def doubt(
    transport: DirectElsewhere, phone: str, *known: str, minutes: float = 0
) -> UncertainMessage:
    """A doubt about a message to this person, pressed just now or so many minutes from now."""
    message: Outgoing = outgoing(phone)
    address = transport.lookup(phone)
    assert address is not None
    pressed_at = datetime.now(UTC) + timedelta(minutes=minutes)
    return UncertainMessage(message.key, address, message.content, pressed_at, frozenset(known))


def killed_in_mid_send(
    direct: Maker, linked: DirectElsewhere, simulator: SimulatorProcess, person: str
) -> tuple[DirectElsewhere, str]:
    """A message that arrives after whoever sent it is dead: the next opening, and the id that nobody knows."""
    simulator.set_behaviour(phone=person, deliver_after=20.0)
    sent = linked.send(outgoing(person), nothing)  # its answer is not kept
    linked.kill()
    again = direct()
    again.open()
    return again, sent.message_id


def proof(transport: DirectElsewhere, message: UncertainMessage) -> Sent | None:
    hear_all(transport)
    return transport.prove(message)


def test_a_receipt_that_comes_later_proves_it(
    direct: Maker, linked: DirectElsewhere, simulator: SimulatorProcess, person: str
) -> None:
    again, message_id = killed_in_mid_send(direct, linked, simulator, person)
    message = doubt(again, person)
    found = eventually(lambda: proof(again, message))
    assert found.message_id == message_id
    assert again.prove(doubt(again, person, message_id)) is None
    assert again.prove(doubt(again, person, minutes=10)) is None
    assert again.prove(doubt(again, new_person())) is None


def test_what_another_device_of_the_account_sent_in_the_same_minute_proves_nothing(
    direct: Maker, linked: DirectElsewhere, simulator: SimulatorProcess, account: str, person: str,
    device_store: str,
) -> None:  # fmt: skip
    other = DirectElsewhere(simulator, device_store, "another-device")
    link(other, simulator, account)
    message = doubt(linked, person)
    sent = other.send(outgoing(person, "do outro aparelho"), nothing)
    simulator.write(account, person, "do celular")
    said = simulator.say(person, account, "Oi")["id"]
    heard: list[object] = []

    def is_heard() -> bool:
        heard.extend(getattr(one, "message_id", "") for one in hear_all(linked))
        return {said, sent.message_id} <= set(heard)

    eventually(is_heard)
    other.kill()
    assert linked.prove(message) is None
