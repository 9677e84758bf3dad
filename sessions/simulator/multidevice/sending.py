"""A message from a linked device: the phones it was sealed for read it, WhatsApp takes it, the device gets its ack."""

from __future__ import annotations

import hashlib

from sessions.simulator import delivery
from sessions.simulator.multidevice.jids import Jid
from sessions.simulator.multidevice.line import Line
from sessions.simulator.multidevice.media import MediaHost
from sessions.simulator.multidevice.nodes import Attribute, Node
from sessions.simulator.multidevice.protobuf import Values
from sessions.simulator.multidevice.ratchet import Unreadable
from sessions.simulator.state import Refused

# The error codes of an ack that refuses a message.
REACHOUT_TIMELOCK, RATE_OVERLIMIT, NOT_FOUND, FORBIDDEN = 463, 429, 404, 403
ERRORS = {"timelock": REACHOUT_TIMELOCK, "cap": REACHOUT_TIMELOCK, "not_on_whatsapp": NOT_FOUND}


async def take(line: Line, node: Node) -> None:
    """Take one message and acknowledge it; nothing comes back when the account's faults swallow the answer."""
    to = node.jid("to")
    if to is None or node.text("category") == "peer":
        return await _acknowledge(line, node)
    key = line.shared.key_of(to)
    if line.is_limited("message"):
        return await _acknowledge(line, node, error=RATE_OVERLIMIT)
    if not key:
        return await _acknowledge(line, node, error=FORBIDDEN if "." in to.server else NOT_FOUND)
    try:
        await _deliver(line, node, to, key)
    except Unreadable:
        await _acknowledge(line, node)
        return await _ask_anew(line, node, to)
    except Refused as refusal:
        return await _acknowledge(line, node, error=ERRORS.get(refusal.reason, FORBIDDEN))
    except delivery.Silence:
        return None
    return await _acknowledge(line, node)


async def _deliver(line: Line, node: Node, to: Jid, key: str) -> None:
    """Let the phones read it, unless it goes nowhere, and hand it to WhatsApp; returns when the ack is due."""
    hub, chat = line.shared.hub, str(to.chat) if to.server == "lid" else to.user
    delivery.refuse(hub, line.device, chat)
    sealed = _sealed(node, to)
    said = _said_before(line, node)
    if said is None:
        said = written(line.shared.media, _read(line, sealed, key))
        await _own_phone(line, node, sealed, key)
        line.shared.relay.keep(line.keys, node, sealed)
    await delivery.take(
        hub,
        line.device,
        message_id=node.text("id"),
        to=chat,
        text=said[0],
        attachment=said[1],
    )


def _said_before(line: Line, node: Node) -> tuple[str, Values | None] | None:
    """What a message said when it came for the first time: its phones throw away what they have already."""
    known = line.shared.hub.world.account(line.account).messages.get(node.text("id"))
    return (known.text, known.attachment) if known is not None else None


def _read(line: Line, sealed: list[tuple[Jid, Node]], key: str) -> Values:
    """What a phone reads; Unreadable when nothing was sealed for it, or under another key."""
    for recipient, enc in sealed:
        if recipient.device == 0 and line.shared.key_of(recipient) == key:
            lid = recipient.server == "lid"
            return line.shared.sealing.read(line.device.id, key, enc, lid=lid)
    raise Unreadable("nothing was sealed for the phone")


async def _own_phone(line: Line, node: Node, sealed: list[tuple[Jid, Node]], key: str) -> None:
    """The account's own phone reads along, if anything was sealed for it, and asks anew if it can't."""
    own = [jid for jid, _enc in sealed if line.shared.key_of(jid) == line.account != key]
    phone = next((jid for jid in own if jid.device == 0), None)
    if phone is None:
        return
    try:
        _read(line, sealed, line.account)
    except Unreadable:
        await _ask_anew(line, node, phone)


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


async def _acknowledge(line: Line, node: Node, *, error: int = 0) -> None:
    attrs: dict[str, Attribute] = {
        "class": "message",
        "id": node.text("id"),
        "from": node.attrs.get("to", ""),
        "t": line.shared.now(),
    }
    await line.connection.send(Node("ack", attrs | ({"error": str(error)} if error else {})))


async def _ask_anew(line: Line, node: Node, to: Jid) -> None:
    """The phone could not read it: it asks for the message again, with what a new session needs."""
    retry = {"count": "1", "id": node.text("id"), "t": line.shared.now(), "v": "1"}
    number = line.shared.key_of(to)
    registration = line.shared.phones.registration_id(number).to_bytes(4, "big")
    attrs: dict[str, Attribute] = {"from": to, "id": node.text("id"), "type": "retry"}
    content = [Node("retry", retry), Node("registration", {}, registration)]
    await line.connection.send(Node("receipt", attrs | {"t": line.shared.now()}, content))
