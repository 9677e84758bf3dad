"""A device that another thread logs out before it is this one's turn: the library would end the process."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from sessions.interfaces import LinkLost
from sessions.transports.direct.transport import DirectTransport
from tests.eventually import eventually
from tests.sessions.transports.direct.scripted_library import LET_IN, OneDevice, ScriptedLibrary


def test_a_device_that_went_while_it_waited_for_its_turn_is_never_asked_for(messages: Any) -> None:
    library, store = ScriptedLibrary(messages, LET_IN), OneDevice()
    here: Any = store
    load: Any = lambda: library  # noqa: E731 - it has not its type
    transport = DirectTransport(load, here, "home")
    lost: list[LinkLost] = []

    def opens() -> None:
        with pytest.raises(LinkLost) as told:
            transport.open()
        lost.append(told.value)

    with library.registry.ending():
        opening = threading.Thread(target=opens)
        opening.start()
        eventually(lambda: any(thread.name == "direct" for thread in threading.enumerate()))
        store.device = ""  # logged out by a host that takes unlinked devices off the phone
    opening.join()
    assert (lost[0].reason, library.opened) == ("unreachable", 0)
    transport.close()


def test_while_a_device_is_logged_out_nobody_begins_as_it(messages: Any) -> None:
    store = OneDevice()
    said: list[bool] = []

    class Leaving(ScriptedLibrary):
        def log_out(self, _name: str) -> str:
            said.append(self.registry.is_leaving(store.device))
            return ""

    library = Leaving(messages, LET_IN)
    here: Any = store
    load: Any = lambda: library  # noqa: E731 - it has not its type
    DirectTransport(load, here, "home").log_out()
    assert said == [True]
    assert not store.device
