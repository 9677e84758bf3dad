"""What an account's owner does on the phone, and what is set up there: reads, archives, names, groups, settings."""

from __future__ import annotations

import time
from dataclasses import asdict, fields
from typing import Any

from sessions.simulator import numbers
from sessions.simulator.chats import BARS, KINDS, GroupChat, Person, group_chat_id
from sessions.simulator.state import Refused, World

STATES = {"marked": bool, "archived": bool, "pinned": bool, "muted": bool, "typing": str, "barred": str}  # fmt: skip
SETTINGS = {
    "language": ("pt", "en", "es"),
    "hour12": (True, False),
    "modules": ("without", "with", "renamed"),
    "line": ("page", "worker"),
    "links": ("inside", "reload"),
}


async def put(world: World, account: str, key: str, values: dict[str, Any]) -> None:
    """Mark a chat as unread, archive, pin or mute it, let its person type, or bar it; ValueError for else."""
    for name, value in values.items():
        if not isinstance(value, STATES.get(name, ())):
            raise ValueError(f"{name} must be one of {', '.join(STATES)}, true, false or a text")
    if values.get("barred", "") not in BARS:
        raise ValueError(f"barred must be one of {', '.join(BARS[1:])} or empty")
    world.commit(
        {"kind": "thread", "account": account, "chat": key, "values": values, "at": time.time()}
    )
    await world.settled()


async def make_group_chat(
    world: World, account: str, kind: str, name: str, members: list[str], **values: Any
) -> GroupChat:
    """A group, community or channel that the account is in; with `id`, that one changed."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind {kind}; known: {', '.join(KINDS)}")
    group = GroupChat(
        id=str(values.pop("id", "")) or group_chat_id(kind, name, len(world.group_chats)),
        kind=kind,
        name=name,
        members=[numbers.canonical(member) for member in members],
        followers=int(values.pop("followers", 0)),
        photo=bool(values.pop("photo", False)),
    )
    world.commit(
        {"kind": "group_chat", "account": account, "group_chat": asdict(group), "at": time.time()}
    )
    if kind != "group":
        await put(world, account, group.id, {"barred": "announcement"})
    await world.settled()
    return group


async def describe(world: World, phone: str, values: dict[str, Any]) -> Person:
    """Set what WhatsApp shows of a person; ValueError names what it doesn't know."""
    known = {field.name: field.type for field in fields(Person)}
    for name, value in values.items():
        if name not in known or type(value).__name__ != known[name]:
            raise ValueError(f"{name} must be one of {known}")
    number = numbers.canonical(phone)
    if world.wa_id(number) is None:
        raise Refused("not_on_whatsapp", 404)
    world.commit({"kind": "person", "phone": number, "values": values, "at": time.time()})
    await world.settled()
    return world.persons[number]


async def set_up(world: World, account: str, values: dict[str, Any]) -> None:
    """The phone's language and clock, the page's modules, where its socket lives; for everybody without account."""
    for name, value in values.items():
        if value not in SETTINGS.get(name, ()):
            raise ValueError(f"{name} must be one of {SETTINGS.get(name, tuple(SETTINGS))}")
    world.commit({"kind": "setting", "account": account, "values": values})
    await world.settled()
