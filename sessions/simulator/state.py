"""The world: every change is an event, applied here both when it happens and when it is replayed.

`commit` appends to the record, applies and wakes whoever listens; `settled` waits for the disk.
"""

from __future__ import annotations

import secrets
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sessions.simulator import numbers
from sessions.simulator.entities import MAX_DEVICES, Account, Device, Entry, Message, Reply
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


class World:
    """All accounts, devices, messages and replies, rebuilt from the record."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.accounts: dict[str, Account] = {}
        self.devices: dict[str, Device] = {}
        self.messages: list[Message] = []
        self.replies: list[Reply] = []
        self.received: dict[str, list[Message]] = defaultdict(list)
        self.wrote: dict[str, list[Reply]] = defaultdict(list)
        self.absent: set[str] = set()
        self.short: dict[str, bool] = {}
        self.on_sent: list[Listener] = []

    def rebuild(self) -> None:
        """Apply the whole record; call once, before serving."""
        for event in self.record.replay():
            self._apply(event)

    def commit(self, event: Event) -> None:
        """Something happened: write it down soon, apply it now."""
        self.record.append(event)
        self._apply(event)

    async def settled(self) -> None:
        """Wait until everything committed so far is on disk."""
        await self.record.synced()

    def account(self, phone: str) -> Account:
        """The account of canonical digits, made on first use."""
        if phone not in self.accounts:
            self.accounts[phone] = Account(phone)
        return self.accounts[phone]

    def device(self, device_id: str) -> Device | None:
        """A device that is linked now, or None."""
        device = self.devices.get(device_id)
        return device if device is not None and device.linked else None

    def wa_id(self, phone: str) -> str | None:
        """The registered form behind any form of a number; None when it isn't on WhatsApp."""
        number = numbers.canonical(phone)
        if not numbers.is_possible(number) or number in self.absent:
            return None
        if numbers.is_mobile(number) and self.short.get(
            number, numbers.is_short_by_default(number)
        ):
            return numbers.short_form(number)
        return number

    def has_chat(self, account: str, phone: str) -> bool:
        """Whether the account and this number have written to each other before."""
        number = numbers.canonical(phone)
        sent = any(message.account == account for message in self.received.get(number, ()))
        return sent or any(reply.account == account for reply in self.wrote.get(number, ()))

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
    ) -> Message:
        """Take a message from a device, on disk before this returns; the same id again changes nothing."""
        account = self.account(device.account)
        if message_id not in account.messages:
            wa_id = self.wa_id(to)
            if wa_id is None:
                raise Refused("not_on_whatsapp", 404)
            event = {
                "kind": "sent",
                "id": message_id,
                "account": device.account,
                "device": device.id,
                "to": numbers.canonical(to),
                "wa_id": wa_id,
                "text": text,
                "at": time.time(),
            }
            self.commit(event | ({"attachment": attachment} if attachment else {}))
            for listener in self.on_sent:
                listener(account.messages[message_id])
        await self.settled()
        return account.messages[message_id]

    def receipt(self, message: Message, tick: str) -> None:
        """The recipient's phone received or read a message; what is already so stays so."""
        if tick == "delivered" and message.delivered_at is not None:
            return
        if tick == "read" and message.read_at is not None:
            return
        self.commit({"kind": tick, "account": message.account, "id": message.id, "at": time.time()})

    async def say(self, phone: str, account: str, text: str) -> Reply:
        """A person writes to an account from their phone."""
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
                "text": text,
                "at": time.time(),
            }
        )
        await self.settled()
        return self.account(owner).replies[-1]

    def taken(self, device: Device, cursor: int) -> None:
        """A device has taken the first `cursor` entries of its account's log."""
        if cursor > device.cursor:
            self.commit({"kind": "taken", "device": device.id, "cursor": cursor})

    # Events

    def _apply(self, event: Event) -> None:
        getattr(self, f"_on_{event['kind']}")(event)

    def _on_linked(self, event: Event) -> None:
        account = self.account(event["account"])
        device = Device(
            event["device"],
            account.phone,
            event["as"],
            event["name"],
            event["secret"],
            event["at"],
            cursor=len(account.log),
        )
        self.devices[device.id] = account.devices[device.id] = device

    def _on_unlinked(self, event: Event) -> None:
        device = self.devices[event["device"]]
        device.linked = False
        device.news.set()

    def _on_sent(self, event: Event) -> None:
        account = self.account(event["account"])
        message = Message(
            event["id"],
            account.phone,
            event["device"],
            event["to"],
            event["wa_id"],
            event["text"],
            event["at"],
            event.get("attachment"),
        )
        account.messages[message.id] = message
        self.messages.append(message)
        self.received[message.to].append(message)
        self._log(account, Entry("sent", message, "sent", message.at))

    def _on_delivered(self, event: Event) -> None:
        account = self.account(event["account"])
        message = account.messages[event["id"]]
        message.delivered_at = event["at"]
        self._log(account, Entry("receipt", message, "delivered", event["at"]))

    def _on_read(self, event: Event) -> None:
        account = self.account(event["account"])
        message = account.messages[event["id"]]
        message.read_at = event["at"]
        self._log(account, Entry("receipt", message, "read", event["at"]))

    def _on_said(self, event: Event) -> None:
        account = self.account(event["account"])
        reply = Reply(
            event["id"], account.phone, event["from"], event["wa_id"], event["text"], event["at"]
        )
        account.replies.append(reply)
        self.replies.append(reply)
        self.wrote[reply.sender].append(reply)
        self._log(account, Entry("incoming", reply, "", reply.at))

    def _on_taken(self, event: Event) -> None:
        self.devices[event["device"]].cursor = event["cursor"]

    def _on_absent(self, event: Event) -> None:
        if event["absent"]:
            self.absent.add(event["phone"])
        else:
            self.absent.discard(event["phone"])

    def _on_short(self, event: Event) -> None:
        self.short[event["phone"]] = event["short"]

    def _on_named(self, event: Event) -> None:
        self.account(event["account"]).names[event["phone"]] = event["name"]

    def _log(self, account: Account, entry: Entry) -> None:
        account.log.append(entry)
        for device in account.devices.values():
            device.news.set()
