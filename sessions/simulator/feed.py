"""What a linked device hears: the entries of its account's log after its cursor, as plain JSON."""

from __future__ import annotations

import asyncio
from typing import Any

from sessions.simulator.entities import Device, Entry, Message
from sessions.simulator.state import World

BATCH = 500


def pending(world: World, device: Device) -> list[dict[str, Any]]:
    """The next entries a device has not taken, at most BATCH. Taking is said by `World.taken`."""
    log = world.account(device.account).log
    start = device.cursor
    twice = "double_receipts" in world.conditions.of(device.account)
    return [
        as_json(entry, start + offset + 1)
        for offset, entry in enumerate(log[start : start + BATCH])
        for _ in range(2 if twice and entry.kind == "receipt" else 1)
    ]


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
    """One entry for the wire. `seq` is what `taken` expects once it was dealt with."""
    item = entry.item
    body: dict[str, Any] = {
        "seq": seq,
        "kind": entry.kind,
        "id": item.id,
        "wa_id": item.wa_id,
        "at": entry.at,
    }
    if entry.kind == "receipt":
        return body | {"tick": entry.tick}
    if isinstance(item, Message):
        return body | {"text": item.text, "device": item.device, "attachment": item.attachment}
    return body | {"text": item.text}
