"""The things of the simulated WhatsApp: messages, replies, linked devices, accounts."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sessions.simulator.chats import Thread

MAX_DEVICES = 4


def iso(moment: float | None) -> str | None:
    """Seconds since 1970 as ISO 8601 in UTC; None stays None."""
    return None if moment is None else datetime.fromtimestamp(moment, UTC).isoformat()


@dataclass(slots=True, kw_only=True)
class Written:
    """A written message: one of `messages.KINDS`, with a text or caption and a title.

    `chat` is the canonical digits of the other person, or the id of a group or channel. While it
    is `waiting`, the account's devices have only "Aguardando esta mensagem". `before` holds what it
    said before it was edited.
    """

    id: str
    account: str
    chat: str
    text: str
    at: float
    kind: str = "text"
    title: str = ""
    quoted: dict[str, str] | None = None
    waiting: bool = False
    deleted: bool = False
    before: list[str] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)

    @property
    def in_group(self) -> bool:
        """Whether it was written into a group or channel."""
        return "@" in self.chat

    def shown(self) -> dict[str, Any]:
        """Its content as the account's devices see it now."""
        kind = "waiting" if self.waiting else "deleted" if self.deleted else self.kind
        gone = self.waiting or self.deleted
        return {
            "kind": kind,
            "text": "" if gone else self.text,
            "title": "" if gone else self.title,
            "edited": bool(self.before) and not gone,
            "quoted": None if gone else self.quoted,
            "reactions": self.reactions,
        }

    def content(self) -> dict[str, Any]:
        """The same for /truth: what was really written, seen or not."""
        return {
            "chat": self.chat if self.in_group else f"+{self.chat}",
            "kind": self.kind,
            "text": self.text,
            "title": self.title,
            "waiting": self.waiting,
            "deleted": self.deleted,
            "before": self.before,
        }


@dataclass(slots=True, kw_only=True)
class Message(Written):
    """A message that a linked device sent, and how far it came on the recipient's phone.

    `account` is canonical digits; `wa_id` is the recipient's registered form. While it is `held`,
    no device hears how far it came.
    """

    device: str
    wa_id: str
    attachment: dict[str, Any] | None = None
    delivered_at: float | None = None
    read_at: float | None = None
    held: bool = False

    @property
    def to(self) -> str:
        """The recipient: canonical digits, or the id of a group."""
        return self.chat

    @property
    def tick(self) -> str:
        """The furthest tick reached: sent, delivered or read."""
        if self.read_at is not None:
            return "read"
        return "sent" if self.delivered_at is None else "delivered"

    def truth(self) -> dict[str, Any]:
        """The message as its recipient saw it. `seen_at`: durable on the recipient's side."""
        return self.content() | {
            "id": self.id,
            "account": f"+{self.account}",
            "from": f"+{self.account}",
            "to": self.chat if self.in_group else f"+{self.chat}",
            "wa_id": self.wa_id,
            "attachment": self.attachment,
            "device": self.device,
            "seen_at": iso(self.at),
            "delivered_at": iso(self.delivered_at),
            "read_at": iso(self.read_at),
        }


@dataclass(slots=True, kw_only=True)
class Reply(Written):
    """A message that a person wrote to an account, or into one of its groups; `sender` is canonical digits.

    `read_at`: when the account's phone, or a device of it, opened the chat. The person saw blue ticks then.
    """

    sender: str
    wa_id: str
    read_at: float | None = None

    def truth(self) -> dict[str, Any]:
        """The reply as /truth shows it."""
        return self.content() | {
            "id": self.id,
            "account": f"+{self.account}",
            "from": f"+{self.sender}",
            "to": f"+{self.account}",
            "wa_id": self.wa_id,
            "at": iso(self.at),
            "read_at": iso(self.read_at),
        }


@dataclass(slots=True)
class Entry:
    """One thing an account's devices must hear of.

    sent and incoming (again under the same id when a late text has come), receipt, changed (edited,
    deleted, reacted to; `state` says which), chat (of which `state` is what its phone shows since then).
    """

    kind: str
    item: Message | Reply | None
    tick: str
    at: float
    chat: str = ""
    state: dict[str, Any] = field(default_factory=dict)

    def is_from(self, device: str) -> bool:
        """Whether this device sent it."""
        return isinstance(self.item, Message) and self.item.device == device


@dataclass
class Device:
    """A linked device: a WhatsApp Web page or a simulated session called `name`.

    `cursor` counts the entries of the account's log that it has taken. `holder` names the
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
    holder: str = ""
    news: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass
class Account:
    """One WhatsApp account with the log its devices follow. `names` are its saved contacts.

    `threads` and `heard` (what others wrote) go by chat: digits of the person, or id of the group chat.
    """

    phone: str
    log: list[Entry] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    replies: list[Reply] = field(default_factory=list)
    devices: dict[str, Device] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    threads: dict[str, Thread] = field(default_factory=lambda: defaultdict(Thread))
    heard: dict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))

    def linked_devices(self) -> list[Device]:
        """The devices linked now."""
        return [device for device in self.devices.values() if device.linked]
