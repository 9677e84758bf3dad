"""Any standard client can use the simulator's server: an unmodified Baileys links, writes and reads, and comes back."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings

from tests.sessions.standard_client import StandardClient
from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.nodes

VERSION = "@whiskeysockets/baileys@7.0.0-rc14"
SCRIPT = Path(__file__).with_name("baileys_client.mjs")
DELIVERED, READ = 3, 4  # Baileys' own numbers for ticks


def baileys(folder: Path, simulator: SimulatorProcess, home: Path) -> StandardClient:
    """One Baileys that talks to the simulator."""
    with urlopen(f"{simulator.url}/ws/root", timeout=10) as answer:
        root = json.load(answer)["root"]
    address = f"ws://127.0.0.1:{simulator.port}/ws/chat"
    return StandardClient(["node", str(SCRIPT), str(folder), address, root, str(home)])


@pytest.fixture(scope="module")
def library() -> Path:
    """The package as npm installs it, below var/; skipped, loudly, where there is no npm."""
    if shutil.which("npm") is None or shutil.which("node") is None or os.environ.get("CI"):
        pytest.skip("*** Baileys was NOT held against the simulator: there is no npm here ***")
    home = Path(settings.BASE) / "var" / "baileys"
    folder = home / "node_modules" / "@whiskeysockets" / "baileys"
    if not folder.exists():
        home.mkdir(parents=True, exist_ok=True)
        command = [
            "npm",
            "install",
            "--prefix",
            str(home),
            "--ignore-scripts",
            "--no-save",
            VERSION,
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


@pytest.fixture
def client(library: Path, simulator: SimulatorProcess, tmp_path: Path) -> Iterator[StandardClient]:
    client = baileys(library, simulator, tmp_path)
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
