"""Starts the simulator as a real process, for tests of anything that talks to WhatsApp.

with start_simulator(tmp_path) as simulator:
    simulator.scan(ref, "+5511988880000")
    simulator.truth()

It is forked from what has loaded it (tests/forked.py): dozens of files have one each.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from sessions.simulator.client import SimulatorClient
from tests import forked

ROOT = Path(__file__).resolve().parent.parent
OWNER = "+5511988880000"


class SimulatorProcess(SimulatorClient):
    """A running simulator: its client calls, its `pid`, and ways to end and restart it."""

    def __init__(self, data: Path, *, port: int, time_scale: float, seed: bool) -> None:
        self.data = data
        self._killed = False
        self._options = {"data": data, "host": "127.0.0.1", "scale": time_scale, "seeded": seed}
        self._start(port)
        super().__init__(f"http://127.0.0.1:{self.port}")

    def _start(self, port: int) -> None:
        forked.load()
        log = self.data.with_name("simulator.log")
        log.parent.mkdir(parents=True, exist_ok=True)
        ear, mouth = forked.SERVER.Pipe(duplex=False)
        begin = (mouth, log, self._options | {"port": port})
        self._process = forked.SERVER.Process(target=_play, args=begin)
        self._process.start()
        mouth.close()
        try:
            self.port: int = ear.recv()
        except EOFError:
            said = log.read_text(encoding="utf-8")
            raise RuntimeError(f"the simulator did not start: {said}") from None

    @property
    def pid(self) -> int:
        """The process id of the simulator now."""
        assert self._process.pid is not None
        return self._process.pid

    def kill(self) -> None:
        """kill -9, waiting until it is gone."""
        self._killed = True
        self._process.kill()
        self._process.join()

    def terminate(self, timeout: float = 60.0) -> int:
        """SIGTERM; returns the exit status."""
        self._process.terminate()
        self._process.join(timeout)
        assert self._process.exitcode is not None, "the simulator does not end"
        return self._process.exitcode

    def restart(self) -> None:
        """Start again on the same port and record, after `kill` or `terminate`."""
        self._start(self.port)
        self._killed = False

    def ensure(self) -> None:
        """Running, whatever a test did to it before, or is still about to finish in a thread."""
        if self._killed:
            self._process.join()
        if not self._process.is_alive():
            self.restart()

    def end(self) -> None:
        """Whatever it does: it is gone afterwards."""
        if self._process.is_alive():
            self.kill()


def _play(mouth: Connection, log: Path, options: dict[str, Any]) -> None:
    """In the process itself: serve until SIGTERM, having told the port."""
    from sessions.simulator import server

    os.umask(0o077)
    with log.open("ab") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    server.run(**options, ready=mouth.send)


@contextmanager
def start_simulator(
    folder: Path, *, port: int = 0, time_scale: float = 0.1, seed: bool = False
) -> Iterator[SimulatorProcess]:
    """A simulator on a free port with its record in `folder`/simulator, gone when the block ends."""
    simulator = SimulatorProcess(folder / "simulator", port=port, time_scale=time_scale, seed=seed)
    try:
        yield simulator
    finally:
        simulator.end()
