"""One message from a linked device to WhatsApp: refused, swallowed, taken or acknowledged late.

The page and the memory wire come through here, so that a fault of the wire is the same for both.
"""

from __future__ import annotations

import asyncio
from typing import Any

from sessions.simulator import identity
from sessions.simulator.entities import Device, Message
from sessions.simulator.faults import Values, ended, started
from sessions.simulator.hub import Hub
from sessions.simulator.state import Refused

DEAD = ("silent_cut", "offline")
LOGOUT_AFTER = 0.05


class Silence(Exception):
    """Nothing is ever answered: the message may be on its way or not."""


def refuse_silence(hub: Hub, device: Device) -> None:
    """Raise Silence while the device's network is cut."""
    if any(fault in hub.world.faults.of(device.account, device.id) for fault in DEAD):
        raise Silence


async def take(
    hub: Hub,
    device: Device,
    *,
    message_id: str,
    to: str,
    text: str,
    attachment: dict[str, Any] | None = None,
) -> Message:
    """Take a message; returns when it is to be acknowledged, Silence or Refused otherwise."""
    refuse(hub, device, to)
    faults = hub.world.faults.of(device.account)
    message = await hub.world.send(
        device,
        message_id=message_id,
        to=to,
        text=text,
        attachment=attachment,
        held="clock" in faults or "late_tick" in faults,
    )
    if "clock" in faults or "no_ack" in faults:
        raise Silence
    await _delay(hub, message, faults)
    _count_down(hub, device, faults)
    return message


def refuse(hub: Hub, device: Device, to: str) -> None:
    """What does not reach WhatsApp, or is refused there: Silence or Refused."""
    refuse_silence(hub, device)
    refuse_new_chat(hub, device, to)
    if not hub.world.faults.of(device.account).get("clock", {}).get("reaches", True):
        raise Silence


def refuse_new_chat(hub: Hub, device: Device, to: str) -> None:
    """During a time-lock only chats with a recent token go on; over the cap only those that exist."""
    world, faults = hub.world, hub.world.faults.of(device.account)
    lock, key = faults.get("timelock"), identity.key_of(world, to)
    if lock is not None and identity.is_locked(world, device.account, key):
        raise Refused("timelock", 403, until=lock["until"] or None)
    capped = faults.get("cap", {}).get("status") == "CAPPED"
    if capped and not world.has_chat(device.account, key):
        raise Refused("cap", 403)


async def settle(hub: Hub, account: str) -> None:
    """Apply changed faults of an account: release what they held back, and inform its pages."""
    faults = hub.world.faults.of(account)
    if "clock" not in faults and "late_tick" not in faults:
        for message in list(hub.world.account(account).messages.values()):
            hub.world.release(message)
    if "logout" in faults and faults["logout"]["after"] <= 0:
        await log_out(hub, account)
    for link in list(hub.pages):
        if link.device is not None and link.device.account == account:
            await link.heed()
    for tell in hub.on_faults:
        await tell(account)


async def log_out(hub: Hub, account: str) -> None:
    """The phone takes all its devices off, and the fault is over."""
    for device in hub.world.account(account).linked_devices():
        await hub.world.unlink(device)
    hub.world.commit(ended(account, "logout"))


async def _delay(hub: Hub, message: Message, faults: dict[str, Values]) -> None:
    if "receipt_first" in faults:
        hub.world.receipt(message, "delivered")
        await asyncio.sleep(faults["receipt_first"]["seconds"] * hub.scale)
    if "late_tick" in faults:
        await asyncio.sleep(faults["late_tick"]["seconds"] * hub.scale)
        hub.world.release(message)


def _count_down(hub: Hub, device: Device, faults: dict[str, Values]) -> None:
    """Count a message towards the logout, which comes just after the last acknowledgement."""
    if "logout" not in faults:
        return
    left = faults["logout"]["after"] - 1
    hub.world.commit(started(device.account, "logout", {"after": max(0, left)}))
    if left <= 0:
        hub.later(LOGOUT_AFTER, log_out(hub, device.account))
