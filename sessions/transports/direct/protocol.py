"""The library's numbers and names, as far as they are used here, and addresses in its form."""

from __future__ import annotations

from typing import Any

ME, PAIRED, CONNECTED, SILENT, HEARD_AGAIN, LOGGED_OUT, REPLACED = 0, 2, 3, 4, 5, 6, 7
BANNED, REFUSED, OUTDATED, DISCONNECTED, MESSAGE, RECEIPT, CAUGHT_UP = 8, 9, 10, 12, 17, 18, 27
EVENTS = bytes(
    [
        PAIRED, CONNECTED, SILENT, HEARD_AGAIN, LOGGED_OUT, REPLACED, BANNED, REFUSED, OUTDATED, DISCONNECTED,
        MESSAGE, RECEIPT, CAUGHT_UP,
    ]
)  # fmt: skip

# How showing codes goes on or ends.
LINKED, RAN_OUT, PASSKEY = "success", "timeout", "passkey-request"
OUTDATED_HERE = "err-client-outdated"

NUMBERS, LIDS = "s.whatsapp.net", "lid"
PEOPLE = (NUMBERS, LIDS)


def jid(messages: Any, user: str, server: str, device: int = 0) -> bytes:
    """An address as the library takes it."""
    made: bytes = messages.JID(
        User=user, Server=server, Device=device, RawAgent=0, Integrator=0, IsEmpty=False
    ).SerializeToString()
    return made


def written(device: Any) -> str:
    """A device's JID as text, as the store has it: number:device@server."""
    return f"{device.User}:{device.Device}@{device.Server}"


def read(messages: Any, text: str) -> bytes:
    """The device of such a text."""
    user, _, rest = text.partition(":")
    device, _, server = rest.partition("@")
    return jid(messages, user, server, int(device))
