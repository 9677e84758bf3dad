"""Shared by the connections of all clients: who is online, the devices' keys, who is behind an address."""

from __future__ import annotations

import time
from collections import deque
from pathlib import Path

from sessions.simulator import numbers
from sessions.simulator.chats import lid_of
from sessions.simulator.hub import Hub
from sessions.simulator.multidevice.certificates import server_keys
from sessions.simulator.multidevice.connection import Connection
from sessions.simulator.multidevice.jids import LIDS, Jid
from sessions.simulator.multidevice.phone_keys import PhoneKeys, folder_secret
from sessions.simulator.multidevice.store import Store

LOGINS = 10_000  # that are remembered


class Switchboard:
    """`online` holds the connection of each device that has one, `store` what the record keeps of the clients, `logins`
    the moment and the account of each device that came, be it turned away, and whether it displaced a connection of its own that was
    open, for as long as the server runs.
    """

    def __init__(self, hub: Hub, folder: Path) -> None:
        self.hub = hub
        secret = folder_secret(folder)
        self.keys = server_keys(secret)
        self.phones = PhoneKeys(secret)
        self.store = Store(hub.world.lids)
        hub.world.kept_elsewhere["multidevice"] = self.store.apply
        self.online: dict[str, Connection] = {}
        self.newly_linked: set[str] = set()
        self.logins: deque[tuple[float, str, bool]] = deque(maxlen=LOGINS)

    def now(self) -> str:
        """The server's clock, in seconds."""
        return str(int(time.time()))

    def key_of(self, jid: Jid) -> str:
        """The canonical digits behind an address; "" for an unknown one."""
        world = self.hub.world
        key = world.lids.get(jid.user, "") if jid.server == LIDS else numbers.canonical(jid.user)
        return key if key and world.wa_id(key) is not None else ""

    def jid_of(self, number: str, *, lid: bool = False, device: int = 0) -> Jid:
        """A person's address, by number or by LID; a LID that was sent is remembered."""
        world = self.hub.world
        if not lid:
            return Jid(world.wa_id(number) or number, device=device)
        user = lid_of(number)
        if user not in world.lids:
            world.commit({"kind": "multidevice", "what": "lid", "phone": number})
        return Jid(user, LIDS, device)
