"""Starts the simulator as a real process, for tests of anything that talks to WhatsApp.

with start_simulator(tmp_path) as simulator:
    simulator.scan(ref, "+5511988880000")
    simulator.truth()
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sessions.simulator.client import SimulatorClient

ROOT = Path(__file__).resolve().parent.parent
OWNER = "+5511988880000"


class SimulatorProcess(SimulatorClient):
    """A running simulator: its client calls, its `pid`, and ways to end and restart it."""

    def __init__(self, data: Path, *, port: int, time_scale: float, seed: bool) -> None:
        self.data = data
        self._killed = False
        self._arguments = [
            "--data",
            str(data),
            "--time-scale",
            str(time_scale),
            *(["--seed"] if seed else []),
        ]
        self._process = self._start(port)
        super().__init__(f"http://127.0.0.1:{self.port}")

    def _start(self, port: int) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "sessions.simulator", "--port", str(port), *self._arguments],
            cwd=ROOT,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.search(r"http://[^:]+:(\d+)/", line)
        if found is None:
            process.kill()
            raise RuntimeError(f"the simulator did not start: {line}{process.communicate()[0]}")
        self.port = int(found.group(1))
        return process

    @property
    def pid(self) -> int:
        """The process id of the simulator now."""
        return self._process.pid

    def kill(self) -> None:
        """kill -9, waiting until it is gone."""
        self._killed = True
        self._process.kill()
        self._process.communicate()

    def terminate(self, timeout: float = 60.0) -> int:
        """SIGTERM; returns the exit status."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        self._process.communicate(timeout=timeout)
        return self._process.returncode

    def restart(self) -> None:
        """Start again on the same port and record, after `kill` or `terminate`."""
        self._process = self._start(self.port)
        self._killed = False

    def ensure(self) -> None:
        """Running, whatever a test did to it before, or is still about to finish in a thread."""
        if self._killed:
            self._process.wait()
        if self._process.poll() is not None:
            self.restart()

    def end(self) -> None:
        """Whatever it does: it is gone afterwards."""
        if self._process.poll() is None:
            self.kill()


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
