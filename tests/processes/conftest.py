"""Real processes of a house of their own: own data folder, own ports, own database server."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings

from tests.eventually import GENEROUS

Start = Callable[..., "subprocess.Popen[str]"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def house_env(tmp_path: Path) -> dict[str, str]:
    """The environment of a fresh trial."""
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "BLU_BROWSER") if key in os.environ}
    return kept | {
        "BLU_VAR": str(tmp_path / "var"),
        "BLU_PORT": str(free_port()),
        "BLU_SIMULATOR_PORT": str(free_port()),
        "PYTHONUNBUFFERED": "1",
    }


@pytest.fixture
def start(house_env: dict[str, str]) -> Iterator[Start]:
    """Start `python …` in the house; what the test leaves running is stopped."""
    started: list[subprocess.Popen[str]] = []

    def run(*command: str, **environment: str) -> "subprocess.Popen[str]":
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=settings.BASE,
            env=house_env | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        return process

    yield run
    for process in started:
        process.terminate()
        try:
            process.communicate(timeout=GENEROUS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
