"""The present state: accounts, devices, messages and replies, and how each event of the record changes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from sessions.simulator import numbers
from sessions.simulator.chats import GroupChat, Person, lid_of
from sessions.simulator.entities import Account, Device, Entry, Message, Reply
from sessions.simulator.faults import Faults
from sessions.simulator.record import Event

DEFAULT_PROFILE = "2026-10"
DEFAULT_SETTING = {
    "language": "pt",
    "hour12": False,
    "modules": "without",
    "line": "page",
    "links": "inside",
}


class Projection:
    """Everything the record says. Events change it, nothing else does.

    `kept_elsewhere` holds who keeps the events of a kind that nothing here needs; it is filled before they are applied.
    """

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.devices: dict[str, Device] = {}
        self.messages: list[Message] = []
        self.replies: list[Reply] = []
        self.received: dict[str, list[Message]] = defaultdict(list)
        self.wrote: dict[str, list[Reply]] = defaultdict(list)
        self.absent: set[str] = set()
        self.short: dict[str, bool] = {}
        self.faults = Faults()
        self.profiles: dict[str, str] = {}
        self.settings: dict[str, dict[str, Any]] = {}
        self.persons: dict[str, Person] = {}
        self.lids: dict[str, str] = {}
        self.group_chats: dict[str, GroupChat] = {}
        self.kept_elsewhere: dict[str, Callable[[Event], None]] = {}

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

    def profile_of(self, account: str = "") -> str:
        """The DOM profile of an account's pages, or of those that have none of their own."""
        return self.profiles.get(account) or self.profiles.get("") or DEFAULT_PROFILE

    def setting(self, account: str) -> dict[str, Any]:
        """What an account's phone, or everybody's, was set to: language, hour12, modules, line, links."""
        return DEFAULT_SETTING | self.settings.get("", {}) | self.settings.get(account, {})

    def has_chat(self, account: str, phone: str) -> bool:
        """Whether the account and this number have written to each other before."""
        number = numbers.canonical(phone)
        sent = any(message.account == account for message in self.received.get(number, ()))
        return sent or any(reply.account == account for reply in self.wrote.get(number, ()))

    def apply(self, event: Event) -> None:
        """Something happened, now or when it is replayed."""
        keep = self.kept_elsewhere.get(event["kind"])
        (keep or getattr(self, f"_on_{event['kind']}"))(event)

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
            id=event["id"],
            account=account.phone,
            device=event["device"],
            chat=event["to"],
            wa_id=event["wa_id"],
            text=event["text"],
            at=event["at"],
            attachment=event.get("attachment"),
            held=event.get("held", False),
            **event.get("content", {}),
        )
        account.messages[message.id] = message
        account.threads[message.chat].typing = ""
        self.messages.append(message)
        self.received[message.to].append(message)
        self._log(account, Entry("sent", message, "sent", message.at))

    def _on_delivered(self, event: Event) -> None:
        account = self.account(event["account"])
        message = account.messages[event["id"]]
        message.delivered_at = event["at"]
        if not message.held:
            self._log(account, Entry("receipt", message, "delivered", event["at"]))

    def _on_read(self, event: Event) -> None:
        account = self.account(event["account"])
        message = account.messages[event["id"]]
        message.read_at = event["at"]
        if not message.held:
            self._log(account, Entry("receipt", message, "read", event["at"]))

    def _on_released(self, event: Event) -> None:
        account = self.account(event["account"])
        message = account.messages[event["id"]]
        message.held = False
        for tick, at in (("delivered", message.delivered_at), ("read", message.read_at)):
            if at is not None:
                self._log(account, Entry("receipt", message, tick, at))

    def _on_fault(self, event: Event) -> None:
        self.faults.apply(event)

    def _on_profile(self, event: Event) -> None:
        self.profiles[event["account"]] = event["profile"]

    def _on_said(self, event: Event) -> None:
        account = self.account(event["account"])
        reply = Reply(
            id=event["id"],
            account=account.phone,
            sender=event["from"],
            chat=event["chat"] if "chat" in event else event["from"],
            wa_id=event["wa_id"],
            text=event["text"],
            at=event["at"],
            **event.get("content", {}),
        )
        account.replies.append(reply)
        account.heard[reply.chat].append(reply)
        thread = account.threads[reply.chat]
        thread.typing = ""
        if reply.kind != "system":
            thread.unread += 1
            thread.token_at = max(thread.token_at, reply.at)
        self.replies.append(reply)
        self.wrote[reply.sender].append(reply)
        self._log(account, Entry("incoming", reply, "", reply.at))

    def _on_changed(self, event: Event) -> None:
        account = self.account(event["account"])
        item = self.written(account, event["id"])
        arrived = item.waiting
        if "text" in event["values"]:
            item.before.append(item.text)
        for name, value in event["values"].items():
            setattr(item, name, value)
        again = "sent" if isinstance(item, Message) else "incoming"
        kind = again if arrived and not item.waiting else "changed"
        self._log(account, Entry(kind, item, "", event["at"], state=event["values"]))

    def written(self, account: Account, message_id: str) -> Message | Reply:
        """A message in one of the account's chats, whoever wrote it; KeyError when there is none."""
        found = account.messages.get(message_id) or next(
            (reply for reply in reversed(account.replies) if reply.id == message_id), None
        )
        if found is None:
            raise KeyError(message_id)
        return found

    def _on_seen(self, event: Event) -> None:
        account = self.account(event["account"])
        for reply in reversed(account.heard[event["chat"]]):
            if reply.read_at is not None:
                break
            reply.read_at = event["at"]
        thread = account.threads[event["chat"]]
        thread.unread, thread.marked = 0, False
        self._log_chat(account, event)

    def _on_thread(self, event: Event) -> None:
        account = self.account(event["account"])
        for name, value in event["values"].items():
            setattr(account.threads[event["chat"]], name, value)
        self._log_chat(account, event)

    def _on_person(self, event: Event) -> None:
        number = event["phone"]
        person = self.persons.setdefault(number, Person())
        for name, value in event["values"].items():
            setattr(person, name, value)
        self.lids[lid_of(number)] = number
        for account in self.accounts.values():
            if number in account.threads:
                self._log_chat(account, event | {"chat": number})

    def _on_group_chat(self, event: Event) -> None:
        self.group_chats[event["group_chat"]["id"]] = GroupChat(**event["group_chat"])
        account = self.account(event["account"])
        self._log_chat(account, event | {"chat": event["group_chat"]["id"]})

    def _on_setting(self, event: Event) -> None:
        self.settings[event["account"]] = self.settings.get(event["account"], {}) | event["values"]

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
        account = self.account(event["account"])
        account.names[event["phone"]] = event["name"]
        if event["phone"] in account.threads:
            self._log_chat(account, event | {"chat": event["phone"]})

    def _log_chat(self, account: Account, event: Event) -> None:
        state = account.threads[event["chat"]].state()
        at = event.get("at", 0.0)
        self._log(account, Entry("chat", None, "", at, chat=event["chat"], state=state))

    def _log(self, account: Account, entry: Entry) -> None:
        account.log.append(entry)
        for device in account.devices.values():
            device.news.set()
