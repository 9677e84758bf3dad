"""The things of the simulated WhatsApp: messages, replies, linked devices, accounts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

MAX_DEVICES = 4


def iso(moment: float | None) -> str | None:
    """Seconds since 1970 as ISO 8601 in UTC; None stays None."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()


@dataclass(slots=True)
class Message:
    """A message that a linked device sent, and how far it came on the recipient's phone.

    `account` and `to` are canonical digits; `wa_id` is the recipient's registered form. While it
    is `held`, no device hears how far it came.
    """

    id: str
    account: str
    device: str
    to: str
    wa_id: str
    text: str
    at: float
    attachment: dict[str, Any] | None = None
    delivered_at: float | None = None
    read_at: float | None = None
    held: bool = False

    @property
    def tick(self) -> str:
        """The furthest tick reached: sent, delivered or read."""
        if self.read_at is not None:
            return "read"
        return "sent" if self.delivered_at is None else "delivered"

    def truth(self) -> dict[str, Any]:
        """The message as its recipient saw it. `seen_at`: durable on the recipient's side."""
        return {
            "id": self.id,
            "account": f"+{self.account}",
            "from": f"+{self.account}",
            "to": f"+{self.to}",
            "wa_id": self.wa_id,
            "text": self.text,
            "attachment": self.attachment,
            "device": self.device,
            "seen_at": iso(self.at),
            "delivered_at": iso(self.delivered_at),
            "read_at": iso(self.read_at),
        }


@dataclass(slots=True)
class Reply:
    """A message that a person wrote to an account; `sender` is canonical digits."""

    id: str
    account: str
    sender: str
    wa_id: str
    text: str
    at: float

    def truth(self) -> dict[str, Any]:
        """The reply as /truth shows it."""
        return {
            "id": self.id,
            "account": f"+{self.account}",
            "from": f"+{self.sender}",
            "to": f"+{self.account}",
            "wa_id": self.wa_id,
            "text": self.text,
            "at": iso(self.at),
        }


@dataclass(slots=True)
class Entry:
    """One thing an account's devices must hear of: kind is sent, receipt or incoming."""

    kind: str
    item: Message | Reply
    tick: str
    at: float


@dataclass
class Device:
    """A linked device: a WhatsApp Web page or a simulated session called `name`.

    `cursor` counts the entries of the account's log that it has taken. `grip` names the
    connection that holds it now; a newer one displaces it.
    """

    id: str
    account: str
    kind: str
    name: str
    secret: str
    linked_at: float
    cursor: int = 0
    linked: bool = True
    grip: str = ""
    news: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Account:
    """One WhatsApp account with the log its devices follow. `names` are its saved contacts."""

    phone: str
    log: list[Entry] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    devices: dict[str, Device] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)

    def linked_devices(self) -> list[Device]:
        """The devices linked now."""
        return [device for device in self.devices.values() if device.linked]
