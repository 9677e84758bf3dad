"""The world: every change is an event, applied here both when it happens and when it is replayed.

`commit` appends to the record, applies and wakes whoever listens; `settled` waits for the disk.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

from sessions.simulator import identity, numbers
from sessions.simulator.entities import MAX_DEVICES, Device, Message, Reply
from sessions.simulator.projection import Projection
from sessions.simulator.record import Event, Record

Listener = Callable[[Message], None]


class Refused(Exception):
    """WhatsApp says no. `reason` is a word for programs, `status` the HTTP status, `until` an end time."""

    def __init__(self, reason: str, status: int = 409, *, until: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.until = until

    def as_json(self) -> dict[str, Any]:
        """The refusal as calls answer it."""
        return {"error": self.reason} | ({"until": self.until} if self.until else {})


class World(Projection):
    """The facts, rebuilt from the record, and what people and programs do to them."""

    def __init__(self, record: Record) -> None:
        super().__init__()
        self.record = record
        self.on_sent: list[Listener] = []

    def rebuild(self) -> None:
        """Apply the whole record; call once, before serving."""
        for event in self.record.replay():
            self.apply(event)

    def commit(self, event: Event) -> None:
        """Apply an event now, and write it to the record soon."""
        self.record.append(event)
        self.apply(event)

    async def settled(self) -> None:
        """Wait until everything committed so far is on disk."""
        await self.record.synced()

    # What people and programs do

    async def link(self, phone: str, *, kind: str, name: str) -> Device:
        """Link a new device to an account; Refused when the phone can't or has four already."""
        number = numbers.canonical(phone)
        if self.wa_id(number) is None:
            raise Refused("not_on_whatsapp", 404)
        if len(self.account(number).linked_devices()) >= MAX_DEVICES:
            raise Refused("too_many_devices")
        device_id = secrets.token_hex(8)
        self.commit(
            {
                "kind": "linked",
                "device": device_id,
                "account": number,
                "as": kind,
                "name": name,
                "secret": secrets.token_hex(32),
                "at": time.time(),
            }
        )
        await self.settled()
        return self.devices[device_id]

    async def unlink(self, device: Device) -> None:
        """Take a device off its account."""
        self.commit({"kind": "unlinked", "device": device.id, "at": time.time()})
        await self.settled()

    async def send(
        self,
        device: Device,
        *,
        message_id: str,
        to: str,
        text: str,
        attachment: dict[str, Any] | None = None,
        held: bool = False,
    ) -> Message:
        """Take a message from a device, on disk before this returns; the same id again changes nothing.

        Of a `held` message nothing is told before `release`.
        """
        account = self.account(device.account)
        if message_id not in account.messages:
            key, wa_id = self.addressee(to)
            event = {
                "kind": "sent",
                "id": message_id,
                "account": device.account,
                "device": device.id,
                "to": key,
                "wa_id": wa_id,
                "text": text,
                "at": time.time(),
            }
            event |= {"attachment": attachment} if attachment else {}
            self._sent(event | ({"held": True} if held else {}))
        await self.settled()
        return account.messages[message_id]

    def addressee(self, to: str) -> tuple[str, str]:
        """The chat behind a chat's id or a number, and its registered form; Refused when there is none."""
        key = identity.key_of(self, to)
        wa_id = key if key in self.group_chats else self.wa_id(key) if key else None
        if wa_id is None:
            raise Refused("not_on_whatsapp", 404)
        return key, wa_id

    async def write(
        self,
        phone: str,
        to: str,
        text: str,
        *,
        at: float | None = None,
        content: dict[str, Any] | None = None,
    ) -> Message:
        """An account's owner writes from the phone itself, now or at an earlier time.

        Now, the chat was opened for it: its badge is gone.
        """
        owner = numbers.canonical(phone)
        if self.wa_id(owner) is None:
            raise Refused("not_on_whatsapp", 404)
        key, wa_id = self.addressee(to)
        event = {
            "kind": "sent",
            "id": "A5" + secrets.token_hex(15).upper(),
            "account": owner,
            "device": "phone",
            "to": key,
            "wa_id": wa_id,
            "text": text,
            "at": at or time.time(),
            "content": content or {},
        }
        if at is None:
            self.seen(owner, key)
        message = self._sent(event)
        await self.settled()
        return message

    def _sent(self, event: Event) -> Message:
        self.commit(event)
        message = self.account(event["account"]).messages[event["id"]]
        for listener in self.on_sent:
            listener(message)
        return message

    def release(self, message: Message) -> None:
        """Tell the devices now how far a held message came."""
        if message.held:
            self.commit({"kind": "released", "account": message.account, "id": message.id})

    def receipt(self, message: Message, tick: str) -> None:
        """The recipient's phone received or read a message; what is already so stays so."""
        if tick == "delivered" and message.delivered_at is not None:
            return
        if tick == "read" and message.read_at is not None:
            return
        self.commit({"kind": tick, "account": message.account, "id": message.id, "at": time.time()})

    def seen(self, account: str, key: str) -> None:
        """The chat was opened, on the phone or on a device: no badge any more, blue ticks for the person."""
        thread = self.account(account).threads[key]
        if thread.unread or thread.marked:
            self.commit({"kind": "seen", "account": account, "chat": key, "at": time.time()})

    async def say(
        self,
        phone: str,
        account: str,
        text: str,
        *,
        group: str = "",
        content: dict[str, Any] | None = None,
        at: float | None = None,
    ) -> Reply:
        """A person writes to an account from their phone, or into a `group` that the account is in."""
        number, owner = numbers.canonical(phone), numbers.canonical(account)
        wa_id = self.wa_id(number)
        if wa_id is None or self.wa_id(owner) is None:
            raise Refused("not_on_whatsapp", 404)
        self.commit(
            {
                "kind": "said",
                "id": "AC" + secrets.token_hex(15).upper(),
                "account": owner,
                "from": number,
                "wa_id": wa_id,
                "chat": group or number,
                "text": text,
                "at": at or time.time(),
                "content": content or {},
            }
        )
        await self.settled()
        return self.account(owner).replies[-1]

    def taken(self, device: Device, cursor: int) -> None:
        """A device has taken the first `cursor` entries of its account's log."""
        if cursor > device.cursor:
            self.commit({"kind": "taken", "device": device.id, "cursor": cursor})
