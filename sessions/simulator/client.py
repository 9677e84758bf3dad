"""A small client of the simulator's calls, for tests and the demo. Standard library only."""

from __future__ import annotations

import json
import time
from collections.abc import Collection
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

Values = dict[str, Any]


class CallRefused(Exception):
    """The simulator said no: `reason` is its word, `status` the HTTP status."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(f"{reason} ({status})")
        self.reason = reason
        self.status = status


class SimulatorAway(ConnectionError):
    """The simulator doesn't answer."""


class SimulatorClient:
    """Calls to the simulator at `url`. Phones are E.164 strings."""

    def __init__(self, url: str, *, timeout: float = 30.0) -> None:
        self.url = url.rstrip("/")
        self._timeout = timeout

    def health(self) -> Values:
        """Counts of what it holds; SimulatorAway when it doesn't serve."""
        return self._call("GET", "/health")

    def truth(self, **filters: str) -> Values:
        """{"messages": […], "replies": […]}; filters since=, to=, account=."""
        return self._call("GET", f"/truth?{urlencode(filters)}" if filters else "/truth")

    def messages(self, **filters: str) -> list[Values]:
        """Only the messages of the truth."""
        return list(self.truth(**filters)["messages"])

    def messages_after_restart(self, *, seconds: int = 60) -> list[Values]:
        """The messages, waited for while it is being started again; then SimulatorAway."""
        return list(self.truth_after_restart(seconds=seconds)["messages"])

    def truth_after_restart(self, *, seconds: int = 60) -> Values:
        """The truth, waited for in the same way."""
        for _second in range(seconds):
            try:
                return self.truth()
            except SimulatorAway:
                time.sleep(1)
        return self.truth()

    def displaced(self, *accounts: str) -> list[float]:
        """When a multi-device client of one of them came while the same device had a connection that was open."""
        return [at for at, displaced in self._logins(accounts) if displaced]

    def came(self, *accounts: str) -> list[float]:
        """When a multi-device client of one of them came, be it turned away."""
        return [at for at, _displaced in self._logins(accounts)]

    def _logins(self, accounts: Collection[str]) -> list[tuple[float, bool]]:
        digits = {account.lstrip("+") for account in accounts}
        logins = self._call("GET", "/ws/logins")["logins"]
        return [(at, displaced) for at, account, displaced in logins if account in digits]

    def scan(self, ref: str, phone: str) -> Values:
        """A phone scans the QR code whose text is `ref`; CallRefused stale_ref, too_many_devices."""
        return self._phone(phone, "scan", {"ref": ref})

    def enter_code(self, code: str, phone: str) -> Values:
        """A phone types eight characters; CallRefused wrong_code."""
        return self._phone(phone, "code", {"code": code})

    def say(self, phone: str, to: str, text: str = "", **values: Any) -> Values:
        """A person writes to an account; its truth, with its `id`.

        message= one of `messages.KINDS`, title=, quoted={"author", "text"}, late=True (until
        `arrive`), group= a group's id, at= seconds.
        """
        return self._phone(phone, "say", {"to": to, "text": text, **values})

    def write(
        self, phone: str, to: str, text: str = "", *, at: float | None = None, **values: Any
    ) -> Values:
        """An account's owner writes from the phone itself, now or at an earlier time; as `say` else."""
        values |= {"to": to, "text": text}
        return self._phone(phone, "write", values | ({"at": at} if at else {}))

    def edit(self, account: str, message: str, text: str) -> Values:
        """Who wrote it edits a message in one of the account's chats; CallRefused unknown_message."""
        return self._message(account, message, "edit", {"text": text})

    def delete(self, account: str, message: str) -> Values:
        """Who wrote it deletes it for everyone."""
        return self._message(account, message, "delete")

    def arrive(self, account: str, message: str) -> Values:
        """A message that was late arrives, under the same id."""
        return self._message(account, message, "arrive")

    def react(self, account: str, message: str, emoji: str) -> Values:
        """The other one reacts; "" takes the reactions back."""
        return self._message(account, message, "react", {"emoji": emoji})

    def read(self, account: str, chat: str) -> Values:
        """The owner opens a chat on the phone: its badge goes, the person sees blue ticks."""
        return self.put_chat(account, chat, read=True)

    def put_chat(self, account: str, chat: str, **values: bool | str) -> Values:
        """The owner marks (as unread), archives, pins, mutes; typing="…" the person; barred= its box.

        `chat` is a number or a chat's id. The answer is the chat as the phone shows it.
        """
        return self._phone(account, f"chats/{quote(chat, safe='')}", values)

    def chats(self, account: str) -> dict[str, Values]:
        """The chats on an account's phone by id: unread, marked, archived, name, number, …"""
        return {chat["id"]: chat for chat in self.phone(account)["chats"]}

    def unlink(self, phone: str, device: str | None = None) -> Values:
        """The phone takes one linked device off, or all."""
        return self._phone(phone, "unlink", {"device": device} if device else {})

    def phone(self, phone: str) -> Values:
        """What is on a phone: devices, received, wrote."""
        return self._call("GET", f"/phones/{quote(phone)}?format=json")

    def set_behaviour(self, *, phone: str | None = None, **values: float) -> Values:
        """What recipients do: deliver_after, deliver_share, read_after, read_share, reply_after, reply_share."""
        return self._call(
            "POST", "/control/behaviour", values | ({"phone": phone} if phone else {})
        )

    def set_page(self, **values: float | str) -> Values:
        """Waits of the page (boot, qr_loading, …) and its DOM `profile`, with `account` that one's."""
        return self._call("POST", "/control/page", values)

    def set_fault(self, account: str, fault: str, **values: Any) -> Values:
        """Put an account under a fault; its pages play it when this returns.

        CallRefused page_heeds_nothing when an open page says for 20 seconds neither yes nor goodbye.
        """
        return self._call("POST", "/control/faults", {"account": account, "fault": fault, **values})

    def clear_faults(self, account: str, fault: str | None = None) -> Values:
        """End one fault of an account, or all of them; its pages know when this returns."""
        return self._call(
            "POST", "/control/faults", {"account": account, "fault": fault, "clear": True}
        )

    def mark_absent(self, phone: str, absent: bool = True) -> Values:
        """The number is not on WhatsApp (any more)."""
        return self._call("POST", "/control/numbers", {"phone": phone, "absent": absent})

    def mark_short(self, phone: str, short: bool = True) -> Values:
        """The account behind a number is registered without the ninth digit, or with it."""
        return self._call("POST", "/control/numbers", {"phone": phone, "short": short})

    def save_contact(self, account: str, phone: str, name: str) -> Values:
        """A contact saved on an account's phone: its chats show the name."""
        return self._call(
            "POST", "/control/contacts", {"account": account, "phone": phone, "name": name}
        )

    def set_person(self, phone: str, **values: bool | str) -> Values:
        """What WhatsApp shows of a person: pushname, username, verified, presence, hidden, masked, photo.

        Hidden before the first message: the chat's id is a LID, and no page tells the number.
        The answer names the `chat`.
        """
        return self._call("POST", "/control/people", {"phone": phone, **values})

    def make_group_chat(self, account: str, kind: str, name: str, **values: Any) -> str:
        """A group, community or channel that the account is in; its id.

        members= numbers, followers=, photo=; id= changes an earlier one. Say something in it with
        `say(person, account, text, group=id)`.
        """
        values |= {"account": account, "kind": kind, "name": name}
        return str(self._call("POST", "/control/group-chats", values)["id"])

    def set_phone(self, account: str = "", **values: bool | str) -> Values:
        """The phone's language (pt, en, es) and hour12; modules: without, with, renamed; line: page, worker;
        links inside the page: followed inside, or by a reload.

        Of pages opened from now on.
        """
        return self._call("POST", "/control/settings", {"account": account, **values})

    def set_linking(self, **values: float | str) -> Values:
        """Set what goes wrong while linking (`timing.Linking`); the rest is as usual again."""
        return self._call("POST", "/control/linking", values)

    def rename(self, *names: str) -> Values:
        """A build in which these ids and attributes are called otherwise (`-v2` behind them); none: as usual again."""
        return self._call("POST", "/control/build", {"names": list(names)})

    def _message(
        self, account: str, message: str, what: str, values: Values | None = None
    ) -> Values:
        return self._phone(account, f"messages/{quote(message)}/{what}", values or {})

    def _phone(self, phone: str, action: str, values: Values) -> Values:
        return self._call("POST", f"/phones/{quote(phone)}/{action}", values)

    def _call(self, method: str, path: str, values: Values | None = None) -> Values:
        data = None if values is None else json.dumps(values).encode()
        request = Request(
            self.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with urlopen(request, timeout=self._timeout) as response:
                answer: Values = json.load(response)
                return answer
        except HTTPError as error:
            raise CallRefused(reason_of(error.read()), error.code) from error
        except (URLError, HTTPException, ConnectionError, TimeoutError) as error:
            raise SimulatorAway(f"no simulator at {self.url}") from error


def reason_of(body: bytes) -> str:
    """The word of a refusal, or its text when it isn't JSON."""
    try:
        return str(json.loads(body)["error"])
    except (ValueError, KeyError, TypeError):
        return body.decode(errors="replace")[:200]
