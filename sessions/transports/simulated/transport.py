"""The `simulated` transport: a thin client of the simulator, for tests, chaos and benchmarks.

It speaks the simulator's own JSON protocol over one keep-alive connection, so that thousands of
messages a second are possible, and can be told to take 0.2–2 s a message as a browser would. It is
no way to WhatsApp: it only works against the simulator.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sessions.events import (
    SENT_HERE,
    Address,
    Event,
    Incoming,
    Link,
    LinkChange,
    Receipt,
    Text,
    Tick,
)
from sessions.interfaces import (
    Batch,
    BeforeWire,
    InDoubt,
    LinkLost,
    NotSent,
    Opened,
    Outgoing,
    PairingCode,
    Sent,
    UncertainMessage,
)
from sessions.transports.simulated.wire import Away, Refused, Values, Wire

PAIR_POLL = 5.0
CLOCKS = timedelta(minutes=5)  # how far WhatsApp's clock and the database's may be apart
LINKS = {"logged_out": Link.LOGGED_OUT, "unknown_token": Link.OFFLINE, "conflict": Link.CONFLICT}
# What the simulator says, as a reason of the link.
REASONS = {"timelock": "no_new_chats", "unknown_token": "simulator_away"}


class SimulatedTransport:
    """Drives the account that the simulator at `base_url` knows under `name`.

    `delay` is the (least, most) seconds a message takes.
    """

    def __init__(
        self,
        base_url: str,
        name: str,
        *,
        delay: tuple[float, float] = (0.0, 0.0),
        chance: random.Random | None = None,
    ) -> None:
        self._base_url = base_url
        self._name = name
        self._delay = delay
        self._chance = chance or random.Random()
        self._wire: Wire | None = None
        self._token = ""
        self._acknowledged = 0
        self._given: tuple[Batch, int] | None = None
        self._changes: list[Event] = []
        self._down: LinkLost | None = None

    # Opening and pairing

    def open(self) -> Opened:
        """Open the account; the simulator says under which number it is linked."""
        self._wire = Wire(self._base_url)
        try:
            return self._online(self._wire.call("POST", "/wire/open", {"name": self._name}))
        except Away as away:
            raise LinkLost(away.reason) from away

    def pair(
        self,
        show: Callable[[PairingCode], None],
        deadline: float,
        *,
        phone: str = "",
        stop: Callable[[], bool] = bool,
    ) -> Opened:
        """Show refs, or a code for `phone`, until the simulator's phone took one or time is up."""
        wire = self._require()
        try:
            said = self._offer(wire, show, deadline, phone)
            if said is None:
                return Opened(Link.NEEDS_PAIRING)
            return self._follow(wire, said, show, deadline, stop)
        except Away as away:
            raise LinkLost(away.reason) from away

    def _offer(
        self, wire: Wire, show: Callable[[PairingCode], None], deadline: float, phone: str
    ) -> Values | None:
        """Start pairing; a wrong number is shown, and None is returned."""
        values = {"name": self._name} | ({"phone": phone} if phone else {})
        try:
            return wire.call("POST", "/wire/pair", values)
        except Refused as refused:
            if refused.reason != "wrong_number":
                raise
            show(PairingCode("code", "", refused.reason))
            return None

    def _follow(
        self,
        wire: Wire,
        said: Values,
        show: Callable[[PairingCode], None],
        deadline: float,
        stop: Callable[[], bool],
    ) -> Opened:
        shown, offer = "", f"/wire/pair/{said['pairing']}"
        try:
            while said["link"] != "online" and time.monotonic() < deadline and not stop():
                if said["value"] != shown:
                    shown = said["value"]
                    show(PairingCode(said["kind"], shown))
                wait = max(0.0, min(PAIR_POLL, deadline - time.monotonic()))
                said = wire.call("GET", f"{offer}?seen={said['version']}&timeout={wait:.2f}")
        finally:
            if said["link"] != "online":
                withdraw(wire, offer)
        return self._online(said)

    def _online(self, said: Values) -> Opened:
        if said["link"] != "online":
            return Opened(Link(said["link"]))
        self._token = said["token"]
        self._acknowledged, self._given = 0, None
        self._changes, self._down = [], None
        return Opened(Link.ONLINE, phone=said["phone"])

    # Working

    def lookup(self, phone: str) -> Address | None:
        """Ask which id is behind a number; None when it isn't on WhatsApp."""
        wire = self._require()
        try:
            said = wire.call("POST", "/wire/lookup", {"token": self._token, "phone": phone})
        except Away as away:
            raise self._lost(away.reason, Link.OFFLINE) from away
        except Refused as refused:
            raise self._lost(refused.reason, LINKS.get(refused.reason, Link.OFFLINE)) from refused
        return Address(phone, said["wa_id"]) if said["wa_id"] else None

    def send(self, message: Outgoing, before_wire: BeforeWire) -> Sent:
        """Send one message; half of the delay passes before the press, half before the answer."""
        wire = self._require()
        if self._down is not None:
            raise self._down
        address = message.to if message.to.wa_id else self.lookup(message.to.phone)
        if address is None:
            raise NotSent("not_on_whatsapp", permanent=True)
        half = self._chance.uniform(*self._delay) / 2
        pause(half)
        try:
            wire.connect()
        except Away as away:
            raise self._lost(away.reason, Link.OFFLINE) from away
        message_id = "3EB0" + secrets.token_hex(9).upper()
        before_wire(message_id)
        sent = self._on_wire(wire, message_id, address, message.content.body)
        pause(half)
        return sent

    def _on_wire(self, wire: Wire, message_id: str, address: Address, text: str) -> Sent:
        values = {"token": self._token, "id": message_id, "to": address.wa_id, "text": text}
        try:
            said = wire.call("POST", "/wire/send", values)
        except Away as away:
            self._lost(away.reason, Link.OFFLINE)
            if away.asked:
                raise InDoubt(away.reason, message_id) from away
            raise NotSent(away.reason, permanent=False) from away
        except Refused as refused:
            raise self._refused(refused) from refused
        return Sent(said["id"], moment(said["at"]), Tick(said["tick"]))

    def _refused(self, refused: Refused) -> NotSent:
        """The server said no to a message: it is certainly not on the wire.

        A link that is gone is remembered: poll tells of it, and the next send doesn't press.
        """
        if refused.reason in LINKS:
            self._lost(refused.reason, LINKS[refused.reason])
        if refused.reason == "timelock":
            until = moment(refused.body["until"]) if refused.body.get("until") else None
            self._lost(refused.reason, Link.RESTRICTED, until)
        return NotSent(refused.reason, permanent=refused.reason == "not_on_whatsapp")

    def _lost(self, said: str, link: Link, until: datetime | None = None) -> LinkLost:
        reason = REASONS.get(said, said)
        self._changes.append(LinkChange(link, reason, until))
        lost = LinkLost(reason, link, until)
        if link is not Link.OFFLINE:
            self._down = lost
        return lost

    def poll(self, timeout: float) -> Batch:
        """All that the simulator has to tell; it forgets only what was acknowledged."""
        if self._given is None:
            self._given = self._asked(timeout)
        return self._given[0]

    def acknowledge(self, batch: Batch) -> None:
        """The next poll asks for what came after it."""
        if self._given is not None and batch is self._given[0]:
            self._acknowledged, self._given = self._given[1], None

    def _asked(self, timeout: float) -> tuple[Batch, int]:
        """New events, and the simulator's number of the last one."""
        wire = self._require()
        if self._changes:
            changes, self._changes = self._changes, []
            return Batch(tuple(changes)), self._acknowledged
        values = {"token": self._token, "after": self._acknowledged, "timeout": timeout}
        try:
            said = wire.call("POST", "/wire/poll", values)
        except Away as away:
            pause(min(timeout, 0.2))
            return Batch((LinkChange(Link.OFFLINE, away.reason),)), self._acknowledged
        except Refused as refused:
            lost = self._lost(refused.reason, LINKS.get(refused.reason, Link.OFFLINE))
            self._changes.clear()
            return Batch((LinkChange(lost.link, lost.reason),)), self._acknowledged
        entries = said["events"]
        events = tuple(event for entry in entries if (event := self._event(entry)) is not None)
        seen = entries[-1]["seq"] if entries else self._acknowledged
        return Batch(events, said["more"]), seen

    def _event(self, entry: Values) -> Event | None:
        at = moment(entry["at"])
        if entry["kind"] == "receipt":
            return Receipt(entry["id"], Tick(entry["tick"]), at, Address(wa_id=entry["wa_id"]))
        if entry["kind"] == "incoming":
            chat = Address(wa_id=entry["wa_id"])
            return Incoming(chat, entry["id"], Text(entry["text"]), at)
        return None

    def prove(self, doubt: UncertainMessage) -> Sent | None:
        """Look in the chat for a message of that text since the press that nothing accounts for."""
        wire, to = self._require(), doubt.to.wa_id or doubt.to.phone
        try:
            said = wire.call("POST", "/wire/history", {"token": self._token, "to": to})
        except Away as away:
            raise self._lost(away.reason, Link.OFFLINE) from away
        except Refused as refused:
            raise self._lost(refused.reason, LINKS.get(refused.reason, Link.OFFLINE)) from refused
        for row in said["messages"]:
            ours = row["id"].startswith(SENT_HERE) and row["id"] not in doubt.known
            fresh = ours and moment(row["at"]) >= doubt.pressed_at - CLOCKS
            if fresh and row["text"] == doubt.content.body:
                return Sent(row["id"], moment(row["at"]), Tick(row["tick"]))
        return None

    def close(self) -> None:
        """Close the account, acknowledging what was received."""
        if self._wire is None:
            return
        try:
            if self._token:
                heard = {"token": self._token, "after": self._acknowledged}
                self._wire.call("POST", "/wire/close", heard)
        except (Away, Refused):
            self._token = ""
        self._wire.close()
        self._wire = None

    def _require(self) -> Wire:
        if self._wire is None:
            raise LinkLost("offline")
        return self._wire


def withdraw(wire: Wire, offer: str) -> None:
    """Take an offer back; one that is gone is gone."""
    try:
        wire.call("DELETE", offer)
    except (Away, Refused):
        wire.close()


def pause(seconds: float) -> None:
    """Sleep, where there is anything to sleep."""
    if seconds > 0:
        time.sleep(seconds)


def moment(seconds: float) -> datetime:
    """Seconds since 1970 as an aware time."""
    return datetime.fromtimestamp(seconds, UTC)
