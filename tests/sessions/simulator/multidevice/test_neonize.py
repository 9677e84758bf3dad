"""neonize, from a copy in which two byte strings are replaced, links with the simulator's server, writes and reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sessions.simulator.multidevice.client_copy import ADDRESS, ROOT
from sessions.simulator.multidevice.contents import PIXEL
from tests.sessions.simulator.multidevice.standard_clients import (
    StandardClient,
    neonize,
    neonize_copy,
    neonize_package,
)
from tests.simulator_process import SimulatorProcess

# The wheel is asked for first: where it is missing, no simulator is started.
pytestmark = [pytest.mark.nodes, pytest.mark.usefixtures("wheel")]


@pytest.fixture(scope="module")
def wheel() -> Path:
    return neonize_package()


@pytest.fixture(scope="module")
def copy(
    wheel: Path, simulator: SimulatorProcess, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The copy for this file's simulator."""
    return neonize_copy(simulator, tmp_path_factory.mktemp("copy"))


@pytest.fixture
def client(simulator: SimulatorProcess, copy: Path, tmp_path: Path) -> Iterator[StandardClient]:
    client = neonize(simulator, copy, tmp_path)
    yield client
    client.end()


def test_it_links_by_a_qr_code_and_texts_go_both_ways(
    client: StandardClient, simulator: SimulatorProcess, account: str, person: str
) -> None:
    simulator.scan(client.hear("qr"), account)
    client.hear("open")
    client.ask(to=person, text="Olá do neonize 😊")
    assert client.hear("looked_up").endswith("@lid")
    sent = client.hear("sent")
    client.hear("receipt", id=sent)
    (message,) = simulator.messages(to=person)
    assert (message["id"], message["text"]) == (sent, "Olá do neonize 😊")
    simulator.say(person, account, "Oi, recebi!")
    assert client.hear("text", mine=False) == "Oi, recebi!"
    simulator.kill()
    simulator.restart()
    client.hear("open")
    client.ask(to=person, text="Depois da volta")
    client.hear("sent")
    assert [each["text"] for each in simulator.messages(to=person)][-1] == "Depois da volta"


def test_it_links_by_eight_characters_documents_and_pictures_go_both_ways_until_it_is_taken_off(
    client: StandardClient, simulator: SimulatorProcess, account: str, person: str
) -> None:
    client.hear("qr")
    client.ask(code=account[1:])
    simulator.enter_code(client.hear("code"), account)
    client.hear("open")
    client.ask(to=person, text="Segue o orçamento", document="Total: R$ 10")
    client.hear("sent")
    (message,) = simulator.messages(to=person)
    assert (message["text"], message["attachment"]["size"]) == ("Segue o orçamento", 12)
    simulator.say(person, account, "SAIR", message="image")
    assert client.hear("picture", caption="SAIR") == len(PIXEL)
    simulator.unlink(account)
    client.hear("said", event="LoggedOut")


def test_it_says_by_which_number_it_was_refused(
    client: StandardClient, simulator: SimulatorProcess, account: str, person: str
) -> None:
    simulator.scan(client.hear("qr"), account)
    client.hear("open")
    for fault, values, error in (
        ("timelock", {}, "server returned error 463"),
        ("rate_limit", {"what": "message"}, "server returned error 429"),
        ("rate_limit", {"what": "lookup"}, "info query returned status 429: rate-overlimit"),
    ):
        simulator.set_fault(account, fault, **values)
        client.ask(to=person, text="Olá")
        assert client.hear("error").endswith(error)
        simulator.clear_faults(account)
    assert simulator.messages(to=person) == []
    simulator.set_fault(account, "refused", reason=402, seconds=600.0)
    assert "Expire: 600" in client.hear("said", event="TemporaryBan").replace("\n", " ")


def test_the_copy_differs_from_the_library_in_these_two_strings_only(
    wheel: Path, copy: Path
) -> None:
    (library,) = (copy / "neonize").glob("*.so")
    original = (wheel / library.name).read_bytes()
    copied = library.read_bytes()
    places = [(original.index(each), len(each)) for each in (ADDRESS, ROOT)]
    patched = bytearray(original)
    for at, size in places:
        patched[at : at + size] = copied[at : at + size]
    assert bytes(patched) == copied != original
