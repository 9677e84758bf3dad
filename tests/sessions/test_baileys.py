"""Any standard client can use the simulator's server: an unmodified Baileys links, writes and reads, and comes back."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
from django.conf import settings

from tests.simulator_process import SimulatorProcess

pytestmark = pytest.mark.nodes

VERSION = "@whiskeysockets/baileys@7.0.0-rc14"
SCRIPT = Path(__file__).with_name("baileys_client.mjs")
SECONDS = 60
DELIVERED, READ = 3, 4  # Baileys' own numbers for ticks


class Baileys:
    """One Baileys in a process of its own."""

    def __init__(self, folder: Path, simulator: SimulatorProcess, home: Path) -> None:
        with urlopen(f"{simulator.url}/ws/root", timeout=10) as answer:
            root = json.load(answer)["root"]
        address = f"ws://127.0.0.1:{simulator.port}/ws/chat"
        self._process = subprocess.Popen(
            ["node", str(SCRIPT), str(folder), address, root, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._said: queue.Queue[dict[str, Any]] = queue.Queue()
        self._heard: list[dict[str, Any]] = []
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.put(json.loads(line))

    def ask(self, **values: str) -> None:
        """Tell it to do something."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(values) + "\n")
        self._process.stdin.flush()

    def hear(self, name: str, **values: Any) -> Any:
        """What it says of `name` next, with these values; what came before stays."""
        while True:
            for said in self._heard:
                if name in said and values.items() <= said.items():
                    self._heard.remove(said)
                    return said[name]
            self._heard.append(self._said.get(timeout=SECONDS))

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.communicate()


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
def client(library: Path, simulator: SimulatorProcess, tmp_path: Path) -> Iterator[Baileys]:
    client = Baileys(library, simulator, tmp_path)
    yield client
    client.end()


def test_it_links_by_a_qr_code_and_texts_go_both_ways(
    client: Baileys, simulator: SimulatorProcess, account: str, person: str
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
    client: Baileys, simulator: SimulatorProcess, account: str
) -> None:
    client.hear("qr")
    client.ask(code=account[1:])
    simulator.enter_code(client.hear("code"), account)
    assert client.hear("open").startswith(account[1:])
