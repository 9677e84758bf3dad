"""What is so: accounts, devices, messages and replies, and how each event of the record changes them."""

from __future__ import annotations

from collections import defaultdict

from sessions.simulator import numbers
from sessions.simulator.conditions import Conditions
from sessions.simulator.entities import Account, Device, Entry, Message, Reply
from sessions.simulator.record import Event


class Facts:
    """Everything the record says. Events change it, nothing else does."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.devices: dict[str, Device] = {}
        self.messages: list[Message] = []
        self.replies: list[Reply] = []
        self.received: dict[str, list[Message]] = defaultdict(list)
        self.wrote: dict[str, list[Reply]] = defaultdict(list)
        self.absent: set[str] = set()
        self.short: dict[str, bool] = {}
        self.conditions = Conditions()
        self.profiles: dict[str, str] = {}

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

    def apply(self, event: Event) -> None:
        """Something happened, now or when it is replayed."""
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
            held=event.get("held", False),
        )
        account.messages[message.id] = message
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
        self.conditions.apply(event)

    def _on_profile(self, event: Event) -> None:
        self.profiles[event["account"]] = event["profile"]

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
