"""What a transport reports of an open session, in plain values.

Nothing here knows Django, as in `sessions.ports`.
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


class Tick(enum.Enum):
    """How far a message has come, in the order in which ticks advance."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"


@dataclass(frozen=True)
class Receipt:
    """WhatsApp's word that a message we sent has come further."""

    message_id: str
    tick: Tick
    at: datetime
    wa_id: str = ""


@dataclass(frozen=True)
class Incoming:
    """A message from a person. `phone` is digits as WhatsApp knows them, with a leading +.

    `message_id` is WhatsApp's own id, unique per session; `backlog` is true for a message that
    stood unread before this opening.
    """

    message_id: str
    phone: str
    text: str
    at: datetime
    backlog: bool = False


@dataclass(frozen=True)
class LinkChange:
    """The link changed under us, or something about it is worth an event row."""

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
