"""The first word of the account's phone to a device that was just linked: how much history there is (none)."""

from __future__ import annotations

import secrets
import zlib
from typing import TYPE_CHECKING

from sessions.simulator.multidevice.nodes import Attributes, Node
from sessions.simulator.multidevice.shapes import HISTORY_SYNC_NOTIFICATION

if TYPE_CHECKING:
    from sessions.simulator.multidevice.linked import Linked

INITIAL_BOOTSTRAP, RECENT = 0, 3
WHOLE = 100


async def bootstrap(linked: Linked) -> None:
    """Tell a new device its history, which is empty; without it some clients wait for twenty seconds."""
    if linked.device.id not in linked.server.newly_linked:
        return
    linked.server.newly_linked.discard(linked.device.id)
    for kind in (INITIAL_BOOTSTRAP, RECENT):
        sync = {
            "sync_type": kind,
            "chunk_order": 1,
            "progress": WHOLE,
            "inline_payload": zlib.compress(bytes([0x08, kind, 0x28, 1, 0x30, WHOLE])),
        }
        message = {"protocol": {"type": HISTORY_SYNC_NOTIFICATION, "history_sync": sync}}
        enc = linked.server.sealing.write(linked.device.id, linked.account, message)
        attrs: Attributes = {
            "from": linked.server.jid_of(linked.account),
            "id": "3A" + secrets.token_hex(9).upper(),
            "t": linked.server.now(),
            "type": "text",
            "category": "peer",
        }
        await linked.connection.send(Node("message", attrs, [enc]))
