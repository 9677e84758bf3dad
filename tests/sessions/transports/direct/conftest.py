"""Direct links in processes of their own, on this file's simulator; and the library's messages alone."""

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import count
from typing import Any

import pytest

from sessions.transports.direct.library import installed
from tests.sessions.linked_account import link
from tests.sessions.simulator.multidevice.standard_clients import neonize_package
from tests.sessions.transports.direct.elsewhere import DirectElsewhere
from tests.simulator_process import SimulatorProcess

Maker = Callable[..., DirectElsewhere]
_homes = count(1)


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The library's own forms of what it tells."""
    neonize_package()
    monkeypatch.syspath_prepend(str(installed() / "proto"))
    return import_module("Neonize_pb2")


@pytest.fixture
def home() -> str:
    """A home of this test's own."""
    return f"home-{next(_homes)}"


@pytest.fixture
def direct(simulator: SimulatorProcess, device_store: str, home: str) -> Iterator[Maker]:
    """Makes a transport for this test's home, in a fresh process; those that still run at the end are killed."""
    neonize_package()
    made: list[DirectElsewhere] = []

    def make(**options: Any) -> DirectElsewhere:
        made.append(DirectElsewhere(simulator, device_store, home, **options))
        return made[-1]

    yield make
    for transport in made:
        transport.kill()


@pytest.fixture
def linked(direct: Maker, simulator: SimulatorProcess, account: str) -> DirectElsewhere:
    """One that is linked to this test's account."""
    transport = direct()
    link(transport, simulator, account)
    return transport
