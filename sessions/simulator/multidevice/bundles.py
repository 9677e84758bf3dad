"""Bundles: the keys for writing to a phone or device for the first time."""

from __future__ import annotations

from sessions.simulator.multidevice.connection import request_id
from sessions.simulator.multidevice.jids import SERVER, Jid
from sessions.simulator.multidevice.nodes import Attributes, Node
from sessions.simulator.multidevice.ratchet import Bundle
from sessions.simulator.multidevice.switchboard import Switchboard

FEW = 10


def bundle_of(board: Switchboard, jid: Jid) -> tuple[Bundle, bytes] | None:
    """What a phone or a linked device offers, and its signature; a device's one-time key is gone then."""
    number = board.key_of(jid)
    if not number:
        return None
    if jid.device == 0:
        return board.phones.bundle(number)
    for keys in board.store.of_account(number):
        if keys.index == jid.device and board.hub.world.device(keys.device) is not None:
            return take_bundle(board, keys.device), keys.signed_pre_key[2]
    return None


def take_bundle(board: Switchboard, device: str) -> Bundle:
    """A linked device's bundle, with one of its one-time keys used up; when few are left, the device gets a notification."""
    bundle = board.store.keys[device].bundle()
    if bundle.pre_key_id is not None:
        event = {"what": "pre_key_taken", "device": device, "id": bundle.pre_key_id}
        board.hub.world.commit({"kind": "multidevice", **event})
        _tell_few(board, device, len(board.store.keys[device].pre_keys))
    return bundle


def _tell_few(board: Switchboard, device: str, left: int) -> None:
    connection = board.online.get(device)
    if left >= FEW or connection is None:
        return
    attrs: Attributes = {"from": SERVER, "type": "encrypt", "id": request_id()}
    told = Node("notification", {**attrs, "t": board.now()}, [Node("count", {"value": str(left)})])
    board.hub.later(0, connection.send(told))
