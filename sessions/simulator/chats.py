"""The chats of an account: people as WhatsApp shows them, groups and channels, and each chat's state on the phone."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import Any

KINDS = ("group", "community", "channel")
BARS = ("", "contact", "announcement", "ex_member", "old_lid", "terms", "unknown")


@dataclass(slots=True)
class Person:
    """What WhatsApp shows of a person beside the number.

    `pushname` is the name they gave themselves, seen in groups. While `hidden`, the number is
    shown to nobody who hasn't saved it, and the chat's id is their LID.
    """

    pushname: str = ""
    username: str = ""
    verified: str = ""
    presence: str = ""
    hidden: bool = False
    masked: bool = False
    photo: bool = False


@dataclass(slots=True)
class GroupChat:
    """A group, a community's announcement group, or a channel. `members` are canonical digits."""

    id: str
    kind: str
    name: str
    members: list[str] = field(default_factory=list)
    followers: int = 0
    photo: bool = False


@dataclass(slots=True)
class Thread:
    """One chat of one account, as its phone shows it: the badge, and where the owner put it.

    `barred` says what stands in place of the box, "" for nothing. `token_at` is when the person
    wrote last: without a recent one a time-lock applies.
    """

    unread: int = 0
    marked: bool = False
    archived: bool = False
    pinned: bool = False
    muted: bool = False
    typing: str = ""
    barred: str = ""
    token_at: float = 0.0

    def state(self) -> dict[str, Any]:
        """The fields sent to linked devices when it changes."""
        return {
            "unread": self.unread,
            "marked": self.marked,
            "archived": self.archived,
            "pinned": self.pinned,
            "muted": self.muted,
            "typing": self.typing,
        }


def lid_of(number: str) -> str:
    """The 15 digits by which WhatsApp knows a person; nothing of the number shows in them."""
    return f"{200_000_000_000_000 + zlib.crc32(number.encode()) * 23_281:015d}"


def masked_number(number: str) -> str:
    """A number of which only the country and the end are shown."""
    return f"+{number[:2]} {'•' * 2} {'•' * 5}-••{number[-2:]}"


def group_chat_id(kind: str, name: str, count: int) -> str:
    """The id of a new group, community or channel."""
    number = 120_363_000_000_000_000 + zlib.crc32(f"{kind}:{name}".encode()) * 1000 + count
    return f"{number}@{'newsletter' if kind == 'channel' else 'g.us'}"
