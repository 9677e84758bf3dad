"""What the drive speaks: the transport below it, the outbox above it, and the plain values between.

Nothing here knows Django, so that transports can import it. The consumer
declares both interfaces: `sessions.transports.*` implement `Transport`, `campaigns.ledger.outbox`
implements `Outbox`, and `blu.tasks` wires them together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from sessions.events import Address, Content, Event, Link, OfMessages, Tick


class Key(NamedTuple):
    """Which ledger row a message belongs to; kind is "delivery" or "notice"."""

    kind: str
    id: int


@dataclass(frozen=True)
class Outgoing:
    """One message to send: its ledger key, to whom, and what.

    `to.phone` is always known; `to.wa_id` and `to.lid` are "" while nothing has told them here.
    """

    key: Key
    to: Address
    content: Content


@dataclass(frozen=True)
class UncertainMessage:
    """A row that may be on the wire: pressed at `pressed_at`, its outcome never known.

    `known` holds the ids of messages to this person that the ledger already accounts for: the same
    text may legitimately stand in the chat from before.
    """

    key: Key
    to: Address
    content: Content
    pressed_at: datetime
    known: frozenset[str]


@dataclass(frozen=True)
class Sent:
    """Proven: WhatsApp gave the message an id and a tick beyond pending."""

    message_id: str
    at: datetime
    tick: Tick = Tick.SENT


class NotSent(Exception):
    """Certainly not on the wire. Permanent: never will be (not on WhatsApp); else try later.

    `of_text` where the right chat stood open and didn't take this text. Whether that is the text's fault the
    outbox knows, which remembers earlier tries.
    """

    def __init__(self, reason: str, *, permanent: bool, of_text: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.of_text = of_text


class InDoubt(Exception):
    """It may be on the wire: only a proof or a person may move the row.

    `message_id` is WhatsApp's id where a row appeared but its tick didn't: a later receipt for it
    is the proof. "" when no row was seen.
    """

    def __init__(self, reason: str, message_id: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.message_id = message_id


class LinkLost(Exception):
    """The link to WhatsApp or the browser itself is gone; the drive must stop.

    `link` says what is known of the session now; `until` when a restriction ends. `reason` is a code
    and `params` what its words need (sessions.reasons). Whoever keeps the news calls `acknowledge` afterwards.
    """

    def __init__(
        self,
        reason: str,
        link: Link = Link.OFFLINE,
        until: datetime | None = None,
        *,
        params: Mapping[str, str] | None = None,
        acknowledge: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.link = link
        self.until = until
        self.params = params or {}
        self.acknowledge = acknowledge


class LeaseLost(Exception):
    """A newer fence was drawn for this session: stop at once, write nothing more."""


@dataclass(frozen=True)
class PairingCode:
    """What a person needs to link: the text of a QR picture, or 8 characters to type.

    `kind` is "qr" or "code"; `reason`, with `params`, says why there is no value (a wrong number, say).
    """

    kind: str
    value: str
    reason: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """The result of opening or pairing: the link, and what WhatsApp says of the account.

    `phone` is the linked account's own E.164 number when known, "" otherwise; `reason` a code and
    `params` what its words need. `proven` is False where the link looks well and nothing showed yet that
    WhatsApp answers.
    """

    link: Link
    phone: str = ""
    reason: str = ""
    until: datetime | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    proven: bool = True


@dataclass(frozen=True)
class Batch:
    """What one poll gave, in the order in which it happened.

    `more` says that something unread is known to be left: poll again at once, and send nothing before.
    """

    events: tuple[Event, ...] = ()
    more: bool = False


Awaiting = Callable[[], Sequence[tuple[str, str]]]
"""Gives (WhatsApp id, message id) of the messages whose next tick is still to come, oldest first."""


class BeforeWire(Protocol):
    """Called in the caller's thread just before a message goes on the wire."""

    def __call__(self, message_id: str = "") -> None:
        """`message_id` is WhatsApp's id where the transport draws it itself: a receipt for it is a proof,
        also when nobody lives to hear the ack.
        """


class Transport(Protocol):
    """What speaks to WhatsApp. One instance drives one link, from one calling thread; `lookup` and `send`
    from as many as its kind sends messages at once (`Backend.in_flight`), beside `poll` in another.

    `sessions.registry.BACKENDS` says how one is made, with all that it needs.
    """

    def open(self) -> Opened:
        """Open the link; LinkLost when the browser or WhatsApp can't be reached."""

    def pair(
        self,
        show: Callable[[PairingCode], None],
        deadline: float,
        *,
        phone: str = "",
        stop: Callable[[], bool] = bool,
    ) -> Opened:
        """Show fresh codes until linked, `deadline` (time.monotonic seconds) passes, or `stop` says so.

        With `phone` (E.164) the 8-character code is asked for, otherwise the QR. `show` is called
        in the caller's thread, so it may use the database.
        """

    def lookup(self, phone: str) -> Address | None:
        """Is this E.164 number on WhatsApp, and under which id? None when it is not."""

    def send(self, message: Outgoing, before_wire: BeforeWire) -> Sent:
        """Send one message; calls `before_wire` just before the wire.

        Raises NotSent, InDoubt or LinkLost. Whatever `before_wire` raises passes through, with
        nothing sent.
        """

    def poll(self, timeout: float) -> Batch:
        """What happened, waiting at most `timeout` seconds; what lookup, send and prove heard too.

        The same batch is given again until it is acknowledged; what was never acknowledged is told
        again by the next opening.
        """

    def acknowledge(self, batch: Batch) -> None:
        """All of this batch is stored, and need not be given again. Empty ones are acknowledged too."""

    def close(self) -> None:
        """Close gracefully, waiting until everything sent is on disk. Never raises."""


@runtime_checkable
class ProvesByLooking(Protocol):
    """A transport that can look for a message in its chat, as the browser's, which has no better proof."""

    def prove(self, message: UncertainMessage) -> Sent | None:
        """Look in the chat for the message; None proves nothing. Raises LinkLost."""


@runtime_checkable
class HearsProofs(Protocol):
    """A transport that proves a message by what it has heard: with a new receipt it is worth asking again."""

    hears_proofs: bool


@runtime_checkable
class TellsLids(Protocol):
    """A transport whose lookup gives the LID of a number."""

    tells_lids: bool


@runtime_checkable
class AsksOfItself(Protocol):
    """The ability to prove a round trip by a question about the account's own number."""

    def asks_of_itself(self) -> bool:
        """Whether WhatsApp answered. Raises LinkLost."""


@runtime_checkable
class LogsOut(Protocol):
    """The ability to take its device off the account's linked devices, without a phone."""

    def log_out(self) -> None:
        """In place of `open`; nothing of the device is left here either. LinkLost where WhatsApp isn't reached."""


@runtime_checkable
class KeepsBadges(Protocol):
    """A transport that reports whether chats it opened are unread again on the phone, after `close` too."""

    @property
    def keeps_badges(self) -> bool | None:
        """None while none had to be set back; False where the page has no way to."""


@dataclass(frozen=True)
class LeaseToken:
    """A held lease as the outbox sees it: of which session's link, under which fence."""

    session_id: int
    fence: int
    link_id: int = 0


@dataclass(frozen=True)
class Idle:
    """Nothing to send now. `until` is when something may be due, None when nothing waits."""

    until: datetime | None = None


Outcome = Sent | NotSent | InDoubt


class Outbox(Protocol):
    """The queued deliveries and notices, as the drive sees them."""

    def next(self, token: LeaseToken) -> Outgoing | Idle:
        """Claim ONE row, committed before it is returned; LeaseLost when the fence is old."""

    def before_wire(self, token: LeaseToken, key: Key, message_id: str = "") -> None:
        """Commit pressed_at for a claimed row, and its id where it is known by now; or raise LeaseLost."""

    def settle(self, token: LeaseToken, key: Key, outcome: Outcome) -> None:
        """Write the outcome of a claimed row, fenced; LeaseLost when zero rows changed."""

    def record_lookup(self, token: LeaseToken, key: Key, address: Address | None) -> None:
        """Remember what a lookup said of the row's number.

        NotSent where it shows that the person has asked to stop, before anybody knew their number.
        """

    def record_event(self, session_id: int, event: OfMessages) -> None:
        """Keep a receipt, a failure or a reply; the same event twice changes nothing."""

    def recover(self, token: LeaseToken) -> int:
        """Move what older fences left in `sending`, before anything is claimed. Returns the number of rows."""

    def uncertain_messages(self, token: LeaseToken) -> list[UncertainMessage]:
        """Recent rows in doubt that a look into the chat may prove."""

    def confirm_sent(self, token: LeaseToken, key: Key, sent: Sent) -> None:
        """Turn a row in doubt into sent; LeaseLost when the fence is old."""

    def awaiting_receipts(self, token: LeaseToken) -> list[tuple[str, str]]:
        """(WhatsApp id, message id) of recent messages whose next tick is still to come."""
