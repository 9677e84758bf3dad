"""From one account's device to another's: what was sealed for a linked device is passed on unread."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sessions.simulator.entities import Message
from sessions.simulator.multidevice.jids import Jid
from sessions.simulator.multidevice.nodes import Node
from sessions.simulator.multidevice.store import LinkedKeys
from sessions.simulator.multidevice.switchboard import Switchboard


@dataclass(frozen=True)
class Relayed:
    """Something sealed for one device, and by which device; with the sender's identity when it is a first word."""

    sender: Jid
    content: list[Node]


class Relay:
    """What waits for a device, by message and device. It is lost when the server restarts: then the phone writes it."""

    def __init__(self, board: Switchboard) -> None:
        self._board = board
        self._kept: dict[tuple[str, str], Relayed] = {}
        board.hub.world.on_sent.append(self.carry)

    def keep(self, keys: LinkedKeys, message: Node, sealed: Iterable[tuple[Jid, Node]]) -> None:
        """Keep what a message carries for linked devices."""
        identity = message.children("device-identity")
        for recipient, enc in sealed:
            device = self._device(recipient)
            if device:
                lid = recipient.server == "lid"
                index = keys.index
                sender = self._board.jid_of(keys.account, lid=lid, device=index)
                self._kept[message.text("id"), device] = Relayed(sender, [enc, *identity])

    def _device(self, jid: Jid) -> str:
        if jid.device == 0:
            return ""
        for keys in self._board.store.of_account(self._board.key_of(jid)):
            if keys.index == jid.device and self._board.hub.world.device(keys.device) is not None:
                return keys.device
        return ""

    def waiting(self, message_id: str, device: str) -> Relayed | None:
        """What was sealed for this very device."""
        return self._kept.get((message_id, device))

    def done(self, message_id: str, device: str) -> None:
        """The device has it, or can't read it."""
        self._kept.pop((message_id, device), None)

    def carry(self, message: Message) -> None:
        """A message to an account with multi-device clients comes to all its devices, under the same id."""
        world = self._board.hub.world
        devices = (world.device(keys.device) for keys in self._board.store.of_account(message.to))
        if message.to == message.account or not any(devices):
            return
        event = {
            "kind": "said",
            "id": message.id,
            "account": message.to,
            "from": message.account,
            "wa_id": world.wa_id(message.account) or message.account,
            "text": message.text,
            "at": message.at,
        }
        world.commit(event | {"chat": message.account, "content": {}})
