"""The first word of the account's phone to a device that was just linked: how much history there is (none)."""

from __future__ import annotations

import secrets
import zlib

from sessions.simulator.multidevice.line import Line
from sessions.simulator.multidevice.nodes import Attributes, Node
from sessions.simulator.multidevice.shapes import HISTORY_SYNC_NOTIFICATION

INITIAL_BOOTSTRAP, RECENT = 0, 3
WHOLE = 100


async def bootstrap(line: Line) -> None:
    """Tell a new device its history, which is empty; without it some clients wait for twenty seconds."""
    if line.device.id not in line.shared.newly_linked:
        return
    line.shared.newly_linked.discard(line.device.id)
    for kind in (INITIAL_BOOTSTRAP, RECENT):
        sync = {
            "sync_type": kind,
            "chunk_order": 1,
            "progress": WHOLE,
            "inline_payload": zlib.compress(bytes([0x08, kind, 0x28, 1, 0x30, WHOLE])),
        }
        message = {"protocol": {"type": HISTORY_SYNC_NOTIFICATION, "history_sync": sync}}
        enc = line.shared.sealing.write(line.device.id, line.account, message)
        attrs: Attributes = {
            "from": line.shared.jid_of(line.account),
            "id": "3A" + secrets.token_hex(9).upper(),
            "t": line.shared.now(),
            "type": "text",
            "category": "peer",
        }
        await line.connection.send(Node("message", attrs, [enc]))
