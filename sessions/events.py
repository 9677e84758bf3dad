"""What a transport reports of an open session, in plain values.

Nothing here knows Django, as in `sessions.interfaces`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

SENT_HERE = "3EB0"
"""How WhatsApp's ids begin of messages that a linked device sent, not the phone."""


class Link(enum.Enum):
    """What opening or polling a session tells about its link to WhatsApp."""

    ONLINE = "online"
    OFFLINE = "offline"
    NEEDS_PAIRING = "needs_pairing"
    LOGGED_OUT = "logged_out"
    CONFLICT = "conflict"
    RESTRICTED = "restricted"
    STOPPED = "stopped"
    """Linked, but it behaves in a way nobody has described: nothing is sent until it is looked at."""
    BANNED = "banned"
    OUTDATED = "outdated"
    """WhatsApp speaks to newer programs only."""
    NEEDS_PASSKEY = "needs_passkey"
    """The account can only be linked with a passkey, which a server can't have."""


class Tick(enum.Enum):
    """How far a message has come, in the order in which ticks advance."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"


@dataclass(frozen=True)
class Address:
    """What is known of a person on WhatsApp; "" for what isn't.

    `phone` is an E.164 number; `wa_id` the digits that WhatsApp has for it, which for Brazil may lack
    the ninth digit; `lid` the digits of WhatsApp's own identity, which are no number; `username` the
    name without its @.
    """

    phone: str = ""
    wa_id: str = ""
    lid: str = ""
    username: str = ""

    @property
    def number(self) -> str:
        """The number as WhatsApp writes it, with a leading +; "" of a person without one."""
        return f"+{self.wa_id}" if self.wa_id else self.phone


@dataclass(frozen=True)
class Text:
    """A message of plain text, with WhatsApp's own marks for bold and the like."""

    body: str


Content = Text
"""What a message is."""


@dataclass(frozen=True)
class Receipt:
    """A receipt from WhatsApp: a message we sent has come further."""

    message_id: str
    tick: Tick
    at: datetime
    chat: Address = Address()


@dataclass(frozen=True)
class Undelivered:
    """A later notice from WhatsApp that a message which it had taken will not arrive.

    `reason` is the ledger's code for why, "" where WhatsApp says nothing that has one. A receipt that says
    that it did arrive is believed instead, whichever comes first.
    """

    message_id: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Incoming:
    """A message from a person, as it is now; `edited` where it once said something else.

    `message_id` is WhatsApp's own id, unique per session. `unwritten` says that their chat was seen from its first
    message on, and nothing that this account sent stands in it.
    """

    chat: Address
    message_id: str
    content: Content
    at: datetime
    edited: bool = False
    unwritten: bool = False


@dataclass(frozen=True)
class LinkChange:
    """The link changed under us, or something about it is worth an event row; `reason` is a code and
    `params` what its words need.

    `quota` is how many new chats WhatsApp itself still allows until `until`, None where it doesn't say. A
    link that is online with a reason is no proof that it answers, but news of what the account may do.
    """

    link: Link
    reason: str = ""
    until: datetime | None = None
    quota: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)


OfMessages = Receipt | Undelivered | Incoming
"""What an outbox keeps, whoever hears it."""

Event = OfMessages | LinkChange
