"""Any standard client can use the simulator's server: an unmodified Baileys links, writes and reads, and comes back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sessions.linked_account import new_account
from tests.sessions.simulator.multidevice.standard_clients import (
    StandardClient,
    baileys,
    baileys_library,
    neonize,
    neonize_copy,
    require_neonize_client,
)
from tests.simulator_process import SimulatorProcess

# The library is asked for first: where it is missing, no simulator is started.
pytestmark = [pytest.mark.nodes, pytest.mark.usefixtures("library")]

REFUSED, DELIVERED, READ = 0, 3, 4  # Baileys' own numbers for ticks


@pytest.fixture(scope="module")
def library() -> Path:
    return baileys_library()


@pytest.fixture
def client(library: Path, simulator: SimulatorProcess, tmp_path: Path) -> Iterator[StandardClient]:
    client = baileys(library, simulator, tmp_path / "baileys")
    yield client
    client.end()


def test_it_links_by_a_qr_code_and_texts_go_both_ways(
    client: StandardClient, simulator: SimulatorProcess, account: str, person: str
) -> None:
    simulator.scan(client.hear("qr"), account)
    assert client.hear("closed") == 515
    assert client.hear("open").startswith(account[1:])
    client.ask(to=person, text="Olá do Baileys 😊")
    sent = client.hear("sent")
    assert client.hear("status", id=sent) in (DELIVERED, READ)
    (message,) = simulator.messages(to=person)
    assert (message["id"], message["text"]) == (sent, "Olá do Baileys 😊")
    simulator.say(person, account, "Oi, recebi!")
    assert client.hear("text", mine=False) == "Oi, recebi!"
    simulator.kill()
    simulator.restart()
    client.hear("open")
    client.ask(to=person, text="Depois da volta")
    client.hear("sent")
    assert [each["text"] for each in simulator.messages(to=person)][-1] == "Depois da volta"


def test_it_links_by_the_eight_characters_that_it_shows(
    client: StandardClient, simulator: SimulatorProcess, account: str
) -> None:
    client.hear("qr")
    client.ask(code=account[1:])
    simulator.enter_code(client.hear("code"), account)
    assert client.hear("open").startswith(account[1:])


def test_a_lost_ack_a_time_lock_and_a_515_are_what_it_knows_them_as(
    client: StandardClient, simulator: SimulatorProcess, account: str, person: str
) -> None:
    simulator.scan(client.hear("qr"), account)
    client.hear("open")
    simulator.set_fault(account, "no_ack")
    client.ask(to=person, text="Sem resposta do servidor")
    assert client.hear("status", id=client.hear("sent")) in (DELIVERED, READ)
    simulator.clear_faults(account)
    simulator.set_fault(account, "timelock")
    client.ask(to=person, text="Recusada")
    assert client.hear("status", id=client.hear("sent")) == REFUSED
    simulator.clear_faults(account)
    assert client.hear("closed") == 515  # after pairing
    simulator.set_fault(account, "restart_required")
    assert client.hear("closed") == 515
    client.hear("open")
    client.ask(to=person, text="De volta")
    client.hear("status", id=client.hear("sent"))
    texts = [message["text"] for message in simulator.messages(to=person)]
    assert texts == ["Sem resposta do servidor", "De volta"]


def test_it_and_neonize_write_to_each_other(
    client: StandardClient, simulator: SimulatorProcess, account: str, tmp_path: Path
) -> None:
    require_neonize_client()
    other, theirs = (
        neonize(simulator, neonize_copy(simulator, tmp_path / "copy"), tmp_path),
        new_account(),
    )
    try:
        simulator.scan(client.hear("qr"), account)
        simulator.scan(other.hear("qr"), theirs)
        client.hear("open")
        other.hear("open")
        for text in ("De Baileys", "Outra vez"):
            client.ask(to=theirs, text=text)
            sent = client.hear("sent")
            assert other.hear("text", id=sent) == text
        for text in ("De neonize", "De novo"):
            other.ask(to=account, text=text)
            sent = other.hear("sent")
            assert client.hear("text", id=sent) == text
    finally:
        other.end()
