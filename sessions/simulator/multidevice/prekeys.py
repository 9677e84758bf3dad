"""Pre-keys: uploaded by devices, fetched by anyone who writes to a phone or device for the first time."""

from __future__ import annotations

from typing import Any

from sessions.simulator.multidevice import bundles
from sessions.simulator.multidevice.connection import refusal, result
from sessions.simulator.multidevice.curve import is_signed
from sessions.simulator.multidevice.jids import Jid
from sessions.simulator.multidevice.line import Line
from sessions.simulator.multidevice.nodes import Node
from sessions.simulator.multidevice.store import signed_values
from sessions.simulator.multidevice.switchboard import Switchboard

KEY_TYPE = b"\x05"


def kept(line: Line, iq: Node) -> Node:
    """A device uploads one-time keys, or a new signed one; refused when that isn't signed by its identity."""
    outer = iq.child("rotate") or iq
    signed = _signed_of(outer.child("skey"))
    if signed is None or not is_signed(line.keys.identity, KEY_TYPE + signed[1], signed[2]):
        return refusal(iq, 406, "not-acceptable")
    listed = iq.child("list")
    keys = [
        [int.from_bytes(key.data("id"), "big"), key.data("value").hex()]
        for key in (listed.children("key") if listed is not None else [])
    ]
    event: dict[str, Any] = {"kind": "multidevice", "what": "pre_keys", "device": line.device.id}
    line.shared.hub.world.commit(event | {"keys": keys, "signed": signed_values(signed)})
    return result(iq)


def _signed_of(node: Node | None) -> tuple[int, bytes, bytes] | None:
    if node is None:
        return None
    return int.from_bytes(node.data("id"), "big"), node.data("value"), node.data("signature")


def fetched(line: Line, iq: Node) -> Node:
    """The bundles of the phones and devices asked for; error 404 in place of an unknown one."""
    asked = iq.child("key")
    users = []
    for user in asked.children("user") if asked is not None else []:
        jid = user.jid("jid")
        if jid is not None:
            users.append(_user(line.shared, jid))
    return result(iq, Node("list", {}, users))


def _user(board: Switchboard, jid: Jid) -> Node:
    found = bundles.bundle_of(board, jid)
    attrs: dict[str, str | Jid] = {"jid": jid, "t": board.now()}
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


def signed_node(key: tuple[int, bytes, bytes]) -> Node:
    """A signed pre-key as stanzas carry it."""
    return Node("skey", {}, [*_key(key[0], key[1]), Node("signature", {}, key[2])])


def _key(key_id: int, public: bytes) -> list[Node]:
    return [Node("id", {}, key_id.to_bytes(3, "big")), Node("value", {}, public)]
