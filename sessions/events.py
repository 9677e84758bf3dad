"""What a transport reports of an open session, in plain values.

Nothing here knows Django, as in `sessions.interfaces`.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from datetime import datetime

SENT_HERE = "3EB0"
"""How WhatsApp's ids begin of messages that a linked device sent, not the phone (whatsapp-web.md)."""
_TYPED_ON_PHONE = re.compile(r"A[C5][0-9A-F]{30}|3A[0-9A-F]{18}")
"""Ids of messages that an Android phone (whatsapp-web.md) or an iPhone sent, as seen in the field."""


def typed_on_phone(message_id: str) -> bool:
    """Whether a message of the account's own came from its phone, by WhatsApp's id."""
    return _TYPED_ON_PHONE.fullmatch(message_id) is not None


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
    """WhatsApp's word that a message we sent has come further."""

    message_id: str
    tick: Tick
    at: datetime
    chat: Address = Address()


@dataclass(frozen=True)
class Incoming:
    """A message from a person, as it is now; `edited` where it once said something else.

    `message_id` is WhatsApp's own id, unique per session.
    """

    chat: Address
    message_id: str
    content: Content
    at: datetime
    edited: bool = False


@dataclass(frozen=True)
class LinkChange:
    """The link changed under us, or something about it is worth an event row; `reason` is a code."""

    link: Link
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Entering:
    """The next poll opens a chat, where its replies lose their sign of being unread: kept before that.

    `chat` is its title in the list, or the E.164 number it is found by; `unread` its badge.
    """

    chat: str
    unread: int = 0


@dataclass(frozen=True)
class ReadOut:
    """A chat was left, and all that was said in it has been told: its mark may go."""

    chat: str


@dataclass(frozen=True)
class Mark:
    """A chat that was entered and not read out: `unread` replies stood there then, newer ones are of
    `since` or later, and what is older than `linked` is history that nobody wrote to us.
    """

    chat: str
    unread: int
    since: datetime
    linked: datetime


@dataclass(frozen=True)
class PhoneSeen:
    """A message that was typed on the account's own phone: the phone was in use at that moment."""

    at: datetime


Event = Receipt | Incoming | LinkChange | Entering | ReadOut | PhoneSeen
