"""The keys by which somebody is written to for the first time: kept for devices, given out for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sessions.simulator.multidevice.connection import refusal, request_id, result
from sessions.simulator.multidevice.curve import is_signed
from sessions.simulator.multidevice.jids import SERVER, Jid
from sessions.simulator.multidevice.nodes import Attributes, Node
from sessions.simulator.multidevice.ratchet import Bundle
from sessions.simulator.multidevice.store import signed_values

if TYPE_CHECKING:
    from sessions.simulator.multidevice.linked import Linked
    from sessions.simulator.multidevice.server import Multidevice

KEY_TYPE = b"\x05"
FEW = 10


def kept(linked: Linked, iq: Node) -> Node:
    """A device uploads one-time keys, or a new signed one; refused when that isn't signed by its identity."""
    outer = iq.child("rotate") or iq
    signed = _signed_of(outer.child("skey"))
    if signed is None or not is_signed(linked.keys.identity, KEY_TYPE + signed[1], signed[2]):
        return refusal(iq, 406, "not-acceptable")
    listed = iq.child("list")
    keys = [
        [int.from_bytes(key.data("id"), "big"), key.data("value").hex()]
        for key in (listed.children("key") if listed is not None else [])
    ]
    event: dict[str, Any] = {"kind": "multidevice", "what": "pre_keys", "device": linked.device.id}
    linked.server.hub.world.commit(event | {"keys": keys, "signed": signed_values(signed)})
    return result(iq)


def _signed_of(node: Node | None) -> tuple[int, bytes, bytes] | None:
    if node is None:
        return None
    return int.from_bytes(node.data("id"), "big"), node.data("value"), node.data("signature")


def fetched(linked: Linked, iq: Node) -> Node:
    """The bundles of the phones and devices asked for; error 404 in place of one that nobody has."""
    asked = iq.child("key")
    users = []
    for user in asked.children("user") if asked is not None else []:
        jid = user.jid("jid")
        if jid is not None:
            users.append(_user(linked.server, jid))
    return result(iq, Node("list", {}, users))


def _user(server: Multidevice, jid: Jid) -> Node:
    found = bundle_of(server, jid)
    attrs: dict[str, str | Jid] = {"jid": jid, "t": server.now()}
    if found is None:
        return Node("user", attrs, [Node("error", {"code": "404", "text": "item-not-found"})])
    bundle, signature = found
    content = [
        Node("registration", {}, bundle.registration_id.to_bytes(4, "big")),
        Node("type", {}, KEY_TYPE),
        Node("identity", {}, bundle.identity),
        signed_node((bundle.signed_pre_key_id, bundle.signed_pre_key, signature)),
    ]
    if bundle.pre_key_id is not None:
        content.insert(3, Node("key", {}, _key(bundle.pre_key_id, bundle.pre_key)))
    return Node("user", attrs, content)


def bundle_of(server: Multidevice, jid: Jid) -> tuple[Bundle, bytes] | None:
    """What a phone or a linked device offers, and its signature; a device's one-time key is gone then."""
    number = server.key_of(jid)
    if not number:
        return None
    if jid.device == 0:
        return server.phones.bundle(number)
    for keys in server.store.of_account(number):
        if keys.index == jid.device and server.hub.world.device(keys.device) is not None:
            return take_bundle(server, keys.device), keys.signed_pre_key[2]
    return None


def take_bundle(server: Multidevice, device: str) -> Bundle:
    """A linked device's bundle, with one of its one-time keys used up; when few are left, the device is told."""
    bundle = server.store.keys[device].bundle()
    if bundle.pre_key_id is not None:
        event = {"what": "pre_key_taken", "device": device, "id": bundle.pre_key_id}
        server.hub.world.commit({"kind": "multidevice", **event})
        _tell_few(server, device, len(server.store.keys[device].pre_keys))
    return bundle


def _tell_few(server: Multidevice, device: str, left: int) -> None:
    linked = server.online.get(device)
    if left >= FEW or linked is None:
        return
    attrs: Attributes = {"from": SERVER, "type": "encrypt", "id": request_id()}
    told = Node("notification", {**attrs, "t": server.now()}, [Node("count", {"value": str(left)})])
    server.hub.later(0, linked.connection.send(told))


def signed_node(key: tuple[int, bytes, bytes]) -> Node:
    """A signed pre-key as stanzas carry it."""
    return Node("skey", {}, [*_key(key[0], key[1]), Node("signature", {}, key[2])])


def _key(key_id: int, public: bytes) -> list[Node]:
    return [Node("id", {}, key_id.to_bytes(3, "big")), Node("value", {}, public)]
