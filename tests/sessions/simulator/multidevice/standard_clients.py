"""Standard clients, each in a process of its own and spoken to by JSON lines: an unmodified Baileys, and a copied neonize."""

from __future__ import annotations

import importlib.util
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from blu.lab.bench.baileys import NoBaileys, library
from sessions.simulator.multidevice.client_copy import copy_client
from tests.simulator_process import SimulatorProcess

HERE = Path(__file__).parent
SECONDS = 30


class StandardClient:
    """One client. What it says is kept until somebody asks for it."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env
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
        """What it says of `name` next, with these values; what came before stays. queue.Empty when nothing comes."""
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


def root_of(simulator: SimulatorProcess) -> bytes:
    """The public key by which clients know the simulator."""
    with urlopen(f"{simulator.url}/ws/root", timeout=10) as answer:
        return bytes.fromhex(json.load(answer)["root"])


def baileys_library() -> Path:
    """The package as npm installs it, below var/; skips the test, loudly, where there is no npm."""
    try:
        return library()
    except NoBaileys as error:
        pytest.skip(f"*** Baileys was NOT held against the simulator: {error} ***")


def baileys(library: Path, simulator: SimulatorProcess, home: Path) -> StandardClient:
    """A Baileys that talks to the simulator, with its credentials in a folder."""
    home.mkdir(exist_ok=True)
    address, script = f"ws://127.0.0.1:{simulator.port}/ws/chat", HERE / "baileys_client.mjs"
    command = ["node", str(script), str(library), address, root_of(simulator).hex(), str(home)]
    return StandardClient(command)


def neonize_package() -> Path:
    """The folder of the installed wheel, which is not imported; skips the test, loudly, where there is none."""
    found = importlib.util.find_spec("neonize")
    if found is None or found.origin is None:
        if os.environ.get("CI"):
            pytest.fail("neonize is not installed")
        pytest.skip("*** neonize was NOT held against the simulator: it is not installed ***")
    return Path(found.origin).parent


def neonize_copy(simulator: SimulatorProcess, folder: Path) -> Path:
    """A copy of the library for this simulator."""
    root = root_of(simulator)
    return copy_client(neonize_package(), folder, port=simulator.port, root=root)


def neonize(simulator: SimulatorProcess, copy: Path, home: Path) -> StandardClient:
    """A neonize from a copy, with its store in a folder; it trusts the simulator's host of media."""
    home.mkdir(exist_ok=True)
    trust = {"PYTHONPATH": str(copy), "SSL_CERT_FILE": str(simulator.data / "media.pem")}
    command = [sys.executable, str(HERE / "neonize_client.py"), str(home / "store.db")]
    return StandardClient(command, os.environ | trust)
