"""What a linked device hears: the entries of its account's log after its cursor, as plain JSON."""

from __future__ import annotations

import asyncio
from typing import Any

from sessions.simulator import identity
from sessions.simulator.entities import Device, Entry, Message, Reply
from sessions.simulator.state import World

BATCH = 500


def fresh(world: World, device: Device) -> list[tuple[int, Entry]]:
    """The next entries a device has not taken with their numbers, at most BATCH. See `World.taken`."""
    log = world.account(device.account).log
    start = device.cursor
    twice = "double_receipts" in world.faults.of(device.account)
    return [
        (start + offset + 1, entry)
        for offset, entry in enumerate(log[start : start + BATCH])
        for _ in range(2 if twice and entry.kind == "receipt" else 1)
    ]


def pending(world: World, device: Device) -> list[dict[str, Any]]:
    """The same for the memory wire."""
    return [as_json(entry, seq) for seq, entry in fresh(world, device)]


def for_page(world: World, account: str, entry: Entry, seq: int) -> dict[str, Any]:
    """One entry for the page: see the top of page/model.js."""
    if entry.item is None:
        chat = identity.who(world, account, entry.chat) | entry.state
        return {"seq": seq, "kind": "chat", "chat": chat}
    if entry.kind == "receipt":
        ack = identity.ACKS[entry.tick]
        return {"seq": seq, "kind": "receipt", "id": entry.item.id, "ack": ack}
    return {"seq": seq} | message_event(world, entry.item)


def message_event(world: World, item: Message | Reply) -> dict[str, Any]:
    """A message with its chat, as an event for the page."""
    event = {
        "kind": "message",
        "chat": identity.who(world, item.account, item.chat),
        "message": identity.message(world, item),
    }
    return event | ({"device": item.device} if isinstance(item, Message) else {})


async def wait(world: World, device: Device, seconds: float) -> None:
    """Return when the device has something to hear, or after `seconds`."""
    device.news.clear()
    if device.cursor < len(world.account(device.account).log) or not device.linked:
        return
    try:
        async with asyncio.timeout(seconds):
            await device.news.wait()
    except TimeoutError:
        return


def as_json(entry: Entry, seq: int) -> dict[str, Any]:
    """One entry for the wire. `seq` is what `taken` expects once it was dealt with.

    What somebody wrote into a group chat is `in_group`, what has yet to come is `waiting`, what WhatsApp says
    itself is `system`: none of them is `incoming`.
    """
    item = entry.item
    if item is None:
        return {"seq": seq, "kind": entry.kind, "chat": entry.chat, "at": entry.at} | entry.state
    body: dict[str, Any] = {
        "seq": seq,
        "kind": entry.kind,
        "id": item.id,
        "wa_id": item.wa_id,
        "at": entry.at,
    }
    if entry.kind == "receipt":
        return body | {"tick": entry.tick}
    body |= {"text": item.text or item.title, "message": item.kind}
    if isinstance(item, Message):
        return body | {"device": item.device, "attachment": item.attachment}
    if item.waiting:
        return body | {"kind": "waiting", "text": ""}
    if item.kind == "system":
        return body | {"kind": "system"}
    return body | ({"kind": "in_group", "chat": item.chat} if item.in_group else {})
