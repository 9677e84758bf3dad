"""A standard client in a process of its own, spoken to by JSON lines."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import Any

SECONDS = 60


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
