"""A message from a linked device: the phones it was sealed for read it, WhatsApp takes it, the device gets its ack."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sessions.simulator import outgoing
from sessions.simulator.multidevice.jids import Jid
from sessions.simulator.multidevice.media import MediaHost
from sessions.simulator.multidevice.nodes import Attribute, Node
from sessions.simulator.multidevice.protobuf import Values
from sessions.simulator.multidevice.ratchet import Unreadable
from sessions.simulator.state import Refused

if TYPE_CHECKING:
    from sessions.simulator.multidevice.linked import Linked

REACHOUT_TIMELOCK, RATE_OVERLIMIT, NOT_FOUND, FORBIDDEN = 463, 429, 404, 403
ERRORS = {"timelock": REACHOUT_TIMELOCK, "cap": REACHOUT_TIMELOCK, "not_on_whatsapp": NOT_FOUND}


async def take(linked: Linked, node: Node) -> None:
    """Take one message and acknowledge it; nothing comes back when the account's faults swallow the answer."""
    to = node.jid("to")
    if to is None or node.text("category") == "peer":
        return await _acknowledge(linked, node)
    key = linked.server.key_of(to)
    if linked.is_limited("message"):
        return await _acknowledge(linked, node, error=RATE_OVERLIMIT)
    if not key:
        return await _acknowledge(linked, node, error=FORBIDDEN if "." in to.server else NOT_FOUND)
    try:
        await _deliver(linked, node, to, key)
    except Unreadable:
        await _acknowledge(linked, node)
        return await _ask_anew(linked, node, to)
    except Refused as refusal:
        return await _acknowledge(linked, node, error=ERRORS.get(refusal.reason, FORBIDDEN))
    except outgoing.Silence:
        return None
    return await _acknowledge(linked, node)


async def _deliver(linked: Linked, node: Node, to: Jid, key: str) -> None:
    """Let the phones read it, unless it goes nowhere, and hand it to WhatsApp; returns when the ack is due."""
    hub, chat = linked.server.hub, str(to.chat) if to.server == "lid" else to.user
    outgoing.refuse(hub, linked.device, chat)
    sealed = _sealed(node, to)
    said = _said_before(linked, node)
    if said is None:
        said = written(linked.server.media, _read(linked, sealed, key))
        await _own_phone(linked, node, sealed, key)
        linked.server.relay.keep(linked, node, sealed)
    await outgoing.take(
        hub,
        linked.device,
        message_id=node.text("id"),
        to=chat,
        text=said[0],
        attachment=said[1],
    )


def _said_before(linked: Linked, node: Node) -> tuple[str, Values | None] | None:
    """What a message said when it came for the first time: its phones throw away what they have already."""
    known = linked.server.hub.world.account(linked.account).messages.get(node.text("id"))
    return (known.text, known.attachment) if known is not None else None


def _read(linked: Linked, sealed: list[tuple[Jid, Node]], key: str) -> Values:
    """What a phone reads; Unreadable when nothing was sealed for it, or under another key."""
    for recipient, enc in sealed:
        if recipient.device == 0 and linked.server.key_of(recipient) == key:
            lid = recipient.server == "lid"
            return linked.server.sealing.read(linked.device.id, key, enc, lid=lid)
    raise Unreadable("nothing was sealed for the phone")


async def _own_phone(linked: Linked, node: Node, sealed: list[tuple[Jid, Node]], key: str) -> None:
    """The account's own phone reads along, if anything was sealed for it, and asks anew if it can't."""
    own = [jid for jid, _enc in sealed if linked.server.key_of(jid) == linked.account != key]
    phone = next((jid for jid in own if jid.device == 0), None)
    if phone is None:
        return
    try:
        _read(linked, sealed, linked.account)
    except Unreadable:
        await _ask_anew(linked, node, phone)


def _sealed(node: Node, to: Jid) -> list[tuple[Jid, Node]]:
    """For whom something was sealed, and what."""
    participants = node.child("participants")
    if participants is None:
        return [(to, enc) for enc in node.children("enc")]
    pairs = ((one.jid("jid"), one.child("enc")) for one in participants.children("to"))
    return [(jid, enc) for jid, enc in pairs if jid is not None and enc is not None]


def written(media: MediaHost, content: Values) -> tuple[str, Values | None]:
    """The text or caption of a message, and what it carries: its bytes only if the phone could open them."""
    for wrapping in ("device_sent", "ephemeral", "captioned"):
        content = content.get(wrapping, {}).get("message", content)
    for kind in ("image", "document"):
        if kind in content:
            carried = content[kind]
            name = carried.get("file_name") or carried.get("title") or ""
            seen = {"kind": kind, "name": name, "type": carried.get("mimetype", "")}
            return carried.get("caption", ""), seen | _opened(media.opened(kind, carried))
    text = content.get("conversation") or content.get("extended_text", {}).get("text", "")
    return text, None


def _opened(data: bytes | None) -> Values:
    if data is None:
        return {"opened": False}
    return {"opened": True, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


async def _acknowledge(linked: Linked, node: Node, *, error: int = 0) -> None:
    attrs: dict[str, Attribute] = {
        "class": "message",
        "id": node.text("id"),
        "from": node.attrs.get("to", ""),
        "t": linked.server.now(),
    }
    await linked.connection.send(Node("ack", attrs | ({"error": str(error)} if error else {})))


async def _ask_anew(linked: Linked, node: Node, to: Jid) -> None:
    """The phone could not read it: it asks for the message again, with what a new session needs."""
    retry = {"count": "1", "id": node.text("id"), "t": linked.server.now(), "v": "1"}
    number = linked.server.key_of(to)
    registration = linked.server.phones.registration_id(number).to_bytes(4, "big")
    attrs: dict[str, Attribute] = {"from": to, "id": node.text("id"), "type": "retry"}
    content = [Node("retry", retry), Node("registration", {}, registration)]
    await linked.connection.send(Node("receipt", attrs | {"t": linked.server.now()}, content))
