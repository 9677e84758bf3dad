"""A direct transport in a process of its own, as its caller sees it; and the copy of the library for a simulator."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import cache
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from sessions.events import Address
from sessions.interfaces import (
    Batch,
    BeforeWire,
    Opened,
    Outgoing,
    PairingCode,
    Sent,
    UncertainMessage,
)
from sessions.simulator.multidevice.client_copy import installed_copy
from sessions.transports.direct.store import IDLE_MOST, ends_idle
from tests import forked
from tests.sessions.transports.direct.serving import serve
from tests.simulator_process import SimulatorProcess


@cache
def package_for(simulator: SimulatorProcess) -> Path:
    """The copy of the library that talks to this simulator, also where it runs no more."""
    try:
        with urlopen(f"{simulator.url}/ws/copy", timeout=30) as answer:
            return Path(json.load(answer)["package"])
    except URLError:
        return installed_copy(simulator.data, simulator.port, bytes(32))


class DirectElsewhere:
    """A Transport; each of its calls is made over there, and what it calls is called here."""

    tells_lids = True

    def __init__(
        self,
        simulator: SimulatorProcess,
        store: str,
        home: str,
        *,
        is_linked: bool = True,
        idle: int = IDLE_MOST,
    ) -> None:
        self._simulator, self._home = simulator, home
        self._stores = (store, ends_idle(store, idle))
        self._is_linked = is_linked
        self._process: ForkServerProcess | None = None
        self._given: tuple[int, Batch] | None = None

    def _start(self) -> None:
        forked.load()
        ours, theirs = forked.SERVER.Pipe()
        package = package_for(self._simulator)
        given = (theirs, package, self._stores, self._home, self._is_linked)
        self._process = forked.SERVER.Process(target=serve, args=given)
        self._process.start()
        theirs.close()
        self._pipe = ours

    def _ask(self, name: str, *args: Any, **named: Any) -> Any:
        if self._process is None:
            self._start()
        callbacks = {key: value for key, value in named.items() if callable(value)}
        self._pipe.send((name, args, named | dict.fromkeys(callbacks)))
        raised: Exception | None = None
        while True:
            word, value = self._pipe.recv()
            if word == "done":
                return value
            if word == "raised":
                error, error_args, error_named = value
                raise raised or error(*error_args, **error_named)
            called, called_args = value
            try:
                self._pipe.send(("done", callbacks[called](*called_args)))
            except Exception as error:  # noqa: BLE001 - it is raised here, once they are told over there
                raised = error
                self._pipe.send(("raised", None))

    def open(self) -> Opened:
        return self._ask("open")

    def pair(
        self,
        show: Callable[[PairingCode], None],
        deadline: float,
        *,
        phone: str = "",
        stop: Callable[[], bool] = bool,
    ) -> Opened:
        return self._ask("pair", show=show, deadline=deadline, phone=phone, stop=stop)

    def lookup(self, phone: str) -> Address | None:
        return self._ask("lookup", phone)

    def send(self, message: Outgoing, before_wire: BeforeWire) -> Sent:
        return self._ask("send", message, before_wire=before_wire)

    def prove(self, message: UncertainMessage) -> Sent | None:
        return self._ask("prove", message)

    def poll(self, timeout: float) -> Batch:
        number, batch = self._ask("poll", timeout)
        if self._given is None or self._given[0] != number:
            self._given = number, batch
        return self._given[1]

    def acknowledge(self, batch: Batch) -> None:
        if self._given is not None and batch is self._given[1]:
            self._ask("acknowledge", self._given[0])

    def leave(self) -> None:
        """Close it; the process lives on, as a host does."""
        self._ask("close")

    def close(self) -> None:
        """Also ends the process."""
        if self._process is None:
            return
        with contextlib.suppress(EOFError, OSError):
            self.leave()
        self.kill()

    def kill(self) -> None:
        """kill -9."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._pipe.close()
            self._process = None
