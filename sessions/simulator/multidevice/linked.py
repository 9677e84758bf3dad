"""A linked device's connection: takes what it sends, and sends it what its account receives."""

from __future__ import annotations

import time
from typing import Any

from sessions.simulator import faults, feed
from sessions.simulator.entities import Device
from sessions.simulator.multidevice import account_limits, queries, sending, telling
from sessions.simulator.multidevice.connection import Connection, failure, stream_error
from sessions.simulator.multidevice.jids import SERVER
from sessions.simulator.multidevice.line import Line, Shared
from sessions.simulator.multidevice.nodes import Node
from sessions.simulator.multidevice.store import LinkedKeys

LOGGED_OUT, RESTART_REQUIRED = 401, 515
TEMPORARY_BAN = 402
REPLACED = stream_error(None, Node("conflict", {"type": "replaced"}))


class Linked(Line):
    """The stage of a client whose device is known."""

    def __init__(
        self, shared: Shared, connection: Connection, device: Device, keys: LinkedKeys
    ) -> None:
        super().__init__(shared, connection, device, keys)
        self._told = telling.Told(self)
        self._limits: dict[str, Any] = {}

    @property
    def is_online(self) -> bool:
        """Whether the device has logged in over this line, and over no other since."""
        return self.shared.online.get(self.device.id) is self.connection

    async def begin(self) -> None:
        """Log in: replace the device's earlier connection, then send what the device missed."""
        older = self.shared.online.get(self.device.id)
        self.shared.logins.append((time.time(), self.account, older is not None))
        if older is not None:
            self.shared.hub.later(0, older.end(REPLACED))
        self.shared.online[self.device.id] = self.connection
        if "offline" in self.faults():
            self.connection.drop()
            return
        if "refused" in self.faults():
            await self.connection.end(_refused(self.faults()["refused"]))
            return
        self.connection.held = "silent_cut" in self.faults()
        attrs = {"t": self.shared.now(), "lid": self._own_lid(), "props": "1", "abprops": "1"}
        await self.connection.send(Node("success", attrs | {"location": "sim"}))
        if "conflict" in self.faults():
            await self.connection.end(REPLACED)
            return
        self._limits = await account_limits.tell_changes(self, self._limits)
        self.start(self._follow())

    def _own_lid(self) -> Any:
        return self.shared.jid_of(self.account, lid=True, device=self.keys.index)

    async def take(self, node: Node) -> None:
        """The client said something."""
        if node.tag == "iq" and node.text("type") in ("get", "set"):
            await self.connection.send(queries.answer(self, node))
        elif node.tag == "message":
            self.start(sending.take(self, node))
        elif node.tag == "receipt":
            await self._receipt(node)
        elif node.tag == "ack":
            self._told.acknowledged(node)

    async def _receipt(self, node: Node) -> None:
        """Handle a receipt: the device has received, has read, or can't read a message."""
        attrs = {"id": node.text("id"), "class": "receipt", "from": node.attrs.get("to", SERVER)}
        kind = node.text("type")
        await self.connection.send(Node("ack", attrs | {"type": kind, "t": self.shared.now()}))
        if kind in ("retry", "enc_rekey_retry"):
            self.start(self._told.again(node))
        else:
            self._told.acknowledged(node)
        if kind in ("read", "read-self"):
            self._seen(node)

    def _seen(self, node: Node) -> None:
        """A device that opens a chat takes its badge off the phone."""
        jid = node.jid("to")
        key = self.shared.key_of(jid) if jid is not None else ""
        if key:
            self.shared.hub.world.seen(self.account, key)

    async def heed(self) -> None:
        """The account's faults changed."""
        playing = self.faults()
        cut = {"offline", "refused"} & playing.keys()
        if cut or (self.connection.held and "silent_cut" not in playing):
            self.connection.drop()
        elif "silent_cut" in playing:
            self.connection.held = True
        elif "conflict" in playing:
            await self.connection.end(REPLACED)
        elif "restart_required" in playing:
            await self._restart(playing["restart_required"])
        else:
            self._limits = await account_limits.tell_changes(self, self._limits)

    async def _restart(self, fault: dict[str, Any]) -> None:
        """The server asks the client to come again."""
        played = faults.played(self.account, "restart_required", fault)
        if played is not None:
            self.shared.hub.world.commit(played)
        await self.connection.end(stream_error(RESTART_REQUIRED))

    async def _follow(self) -> None:
        """Tell what the account hears, from where the device was, until it is taken off."""
        world, device = self.shared.hub.world, self.device
        await self._told.backlog()
        await self._told.owed()
        while device.linked:
            device.news.clear()
            await self._told.fresh(feed.fresh(world, device))
            if device.linked and not self._told.has_more(feed.BATCH):
                await device.news.wait()
        removed = Node("conflict", {"type": "device_removed"})
        await self.connection.end(stream_error(LOGGED_OUT, removed))

    def leave(self) -> None:
        """The client is gone."""
        for task in list(self._tasks):
            task.cancel()
        if self.is_online:
            del self.shared.online[self.device.id]


def _refused(fault: dict[str, Any]) -> Node:
    """The failure that refuses a login; a temporary ban says how long."""
    if fault["reason"] != TEMPORARY_BAN:
        return failure(fault["reason"])
    return failure(TEMPORARY_BAN, code=str(fault["code"]), expire=str(int(fault["seconds"])))
