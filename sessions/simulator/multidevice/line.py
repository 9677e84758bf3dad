"""A linked device's line, for all that is done over it; beside it, the sealing, the relay and the media that all share."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from sessions.simulator.entities import Device, Entry
from sessions.simulator.hub import Hub
from sessions.simulator.multidevice.connection import Connection
from sessions.simulator.multidevice.media import MediaHost
from sessions.simulator.multidevice.relay import Relay
from sessions.simulator.multidevice.sealing import Sealing
from sessions.simulator.multidevice.store import LinkedKeys
from sessions.simulator.multidevice.switchboard import Switchboard


class Shared(Switchboard):
    """The switchboard, with what carries messages between all of them."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        super().__init__(hub, folder)
        self.sealing = Sealing(self)
        self.relay = Relay(self)
        self.media = MediaHost(folder)
        # By device, what it could not read, and its sender has yet to write anew: by the name of its stanza.
        self.owed: defaultdict[str, dict[str, Entry]] = defaultdict(dict)


class Line:
    """One connection of one linked device."""

    def __init__(
        self, shared: Shared, connection: Connection, device: Device, keys: LinkedKeys
    ) -> None:
        self.shared, self.connection = shared, connection
        self.device, self.keys = device, keys
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def account(self) -> str:
        """The account's canonical digits."""
        return self.device.account

    def faults(self) -> dict[str, dict[str, Any]]:
        """What is wrong with the account now, and with this device of it."""
        return self.shared.hub.world.faults.of(self.account, self.device.id)

    def is_limited(self, what: str) -> bool:
        """Whether too much was asked of this: lookup or message."""
        return self.faults().get("rate_limit", {}).get("what") in (what, "all")

    def start(self, action: Coroutine[Any, Any, None]) -> None:
        """Do something beside the reading of what the client says."""
        task = asyncio.get_running_loop().create_task(action)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def take_off(self) -> None:
        """The device takes itself off the account."""
        self.start(self.shared.hub.world.unlink(self.device))
