"""What a linked device asks (iq), and the server's answers. Each is found by its namespace."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from sessions.simulator.multidevice import account_limits, lookups, prekeys
from sessions.simulator.multidevice.connection import refusal, result
from sessions.simulator.multidevice.line import Line
from sessions.simulator.multidevice.nodes import Node

Answer = Callable[[Line, Node], Node]

PRIVACY = ("readreceipts", "profile", "status", "online", "last", "groupadd", "calladd", "messages")
RATE_OVERLIMIT = 429
MEDIA_TTL, MEDIA_AUTH_TTL = 300, 21_600


def answer(line: Line, iq: Node) -> Node:
    """The answer to an iq; error 501 for an unknown one."""
    if iq.text("xmlns") == "usync" and line.is_limited("lookup"):
        return refusal(iq, RATE_OVERLIMIT, "rate-overlimit")
    known = ANSWERS.get(iq.text("xmlns"))
    if known is not None:
        return known(line, iq)
    return refusal(iq, 501, "feature-not-implemented")


def _empty(line: Line, iq: Node) -> Node:
    return result(iq)


def _passive(line: Line, iq: Node) -> Node:
    return result(iq, *(Node(child.tag) for child in iq.children()))


def _props(line: Line, iq: Node) -> Node:
    if iq.child("props") is None:
        return result(iq)
    attrs = {"protocol": "1", "hash": "1", "ab_key": "1", "refresh": "86400", "refresh_id": "1"}
    return result(iq, Node("props", {**attrs, "version": "1"}, []))


def _privacy(line: Line, iq: Node) -> Node:
    categories = [Node("category", {"name": name, "value": "all"}) for name in PRIVACY]
    return result(iq, Node("privacy", {}, categories))


def _blocklist(line: Line, iq: Node) -> Node:
    return result(iq, Node("list", {"matched": "false", "dhash": "1"}, []))


def _app_state(line: Line, iq: Node) -> Node:
    """Nothing is kept in the collections: they are empty, at the version that the device has."""
    sync = iq.child("sync")
    collections = [
        Node("collection", {"name": one.text("name"), "version": one.text("version", "0")})
        for one in (sync.children("collection") if sync is not None else [])
    ]
    return result(iq, Node("sync", {}, collections))


def _media(line: Line, iq: Node) -> Node:
    host = Node("host", {"hostname": line.shared.media.host})
    attrs = {"auth": line.device.id, "ttl": str(MEDIA_TTL), "auth_ttl": str(MEDIA_AUTH_TTL)}
    return result(iq, Node("media_conn", attrs | {"max_buckets": "12"}, [host]))


def _picture(line: Line, iq: Node) -> Node:
    return refusal(iq, 404, "item-not-found")


def _devices(line: Line, iq: Node) -> Node:
    """Unlink the client, or notify it of its device list."""
    if iq.child("remove-companion-device") is not None:
        line.take_off()
    return result(iq)


def digest(line: Line, iq: Node) -> Node:
    """What the server holds of the device's keys, so that the device can compare."""
    keys = line.keys
    content = [
        Node("registration", {}, keys.registration_id.to_bytes(4, "big")),
        Node("type", {}, b"\x05"),
        Node("identity", {}, keys.identity),
        prekeys.signed_node(keys.signed_pre_key),
        Node("list", {}, [Node("id", {}, one.to_bytes(3, "big")) for one in keys.pre_keys]),
        Node("hash", {}, hashlib.sha1(keys.identity, usedforsecurity=False).digest()),
    ]
    return result(iq, Node("digest", {}, content))


def _encrypt(line: Line, iq: Node) -> Node:
    if iq.text("type") == "set":
        return prekeys.kept(line, iq)
    if iq.child("count") is not None:
        return result(iq, Node("count", {"value": str(len(line.keys.pre_keys))}))
    if iq.child("digest") is not None:
        return digest(line, iq)
    return prekeys.fetched(line, iq)


ANSWERS: dict[str, Answer] = {
    "encrypt": _encrypt,
    "usync": lookups.answer,
    "passive": _passive,
    "w": _props,
    "abt": _props,
    "privacy": _privacy,
    "blocklist": _blocklist,
    "w:p": _empty,
    "w:m": _media,
    "w:mex": account_limits.answer,
    "w:sync:app:state": _app_state,
    "w:profile:picture": _picture,
    "md": _devices,
    "urn:xmpp:whatsapp:dirty": _empty,
    "urn:xmpp:whatsapp:push": _empty,
    "status": _empty,
    "disappearing_mode": _empty,
    "bot": _empty,
    "tos": _empty,
    "w:stats": _empty,
}
