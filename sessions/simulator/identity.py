"""Who a chat is, as an account's devices see it: the parts of its title, its ids, and what is hidden."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import Any

from sessions.simulator import numbers
from sessions.simulator.chats import GroupChat, Person, lid_of, masked_number
from sessions.simulator.entities import Message, Reply
from sessions.simulator.projection import Projection

TOKEN_LIFE = 28 * 86400.0
ACKS = {"sent": 1, "delivered": 2, "read": 3}
NOBODY = Person()


def key_of(world: Projection, chat_id: str) -> str:
    """The digits or group chat behind a chat's id, or behind any form of a number; "" when there is none."""
    if chat_id in world.group_chats:
        return chat_id
    name, _, server = chat_id.partition("@")
    if server == "lid":
        return world.lids.get(name, "")
    return "" if server in ("g.us", "newsletter") else numbers.canonical(name)


def chat_id(world: Projection, key: str) -> str:
    """What the page calls the chat: a number's own form, a LID, or the group chat's id."""
    if key in world.group_chats:
        return key
    if world.persons.get(key, NOBODY).hidden:
        return f"{lid_of(key)}@lid"
    return f"{world.wa_id(key) or key}@c.us"


def who(world: Projection, account: str, key: str) -> dict[str, Any]:
    """What an account's devices know of a chat: see the shape at the top of page/model.js."""
    group = world.group_chats.get(key)
    thread = world.account(account).threads.get(key)
    barred = {"barred": thread.barred if thread else ""}
    return (_group_chat(world, account, group) if group else _person(world, account, key)) | barred


def _person(world: Projection, account: str, key: str) -> dict[str, Any]:
    person, saved = world.persons.get(key, NOBODY), world.account(account).names.get(key, "")
    hidden = person.hidden and not saved
    return {
        "id": chat_id(world, key),
        "kind": "person",
        "name": saved,
        "verified": person.verified,
        "username": person.username,
        "number": "" if hidden else world.wa_id(key) or key,
        "masked": masked_number(key) if hidden and person.masked else "",
        "own": key == account,
        "presence": person.presence,
        "photo": person.photo,
        "locked": is_locked(world, account, key),
    }


def _group_chat(world: Projection, account: str, group: GroupChat) -> dict[str, Any]:
    shown = asdict(group)
    return shown | {"members": [_member(world, account, each) for each in group.members]}


def _member(world: Projection, account: str, number: str) -> str:
    author, person = _author(world, account, number), world.persons.get(number, NOBODY)
    if author["author_saved"]:
        return str(author["author"])
    if person.username:
        return f"@{person.username}"
    shown = author["author_number"]
    return numbers.pretty(shown) if shown else masked_number(number)


def _author(world: Projection, account: str, number: str) -> dict[str, Any]:
    person, saved = world.persons.get(number, NOBODY), world.account(account).names.get(number, "")
    hidden = person.hidden and not saved
    return {
        "author": saved or person.pushname,
        "author_number": "" if hidden else world.wa_id(number) or number,
        "author_saved": bool(saved),
    }


def message(world: Projection, item: Message | Reply) -> dict[str, Any]:
    """A message as it is sent to the page: see the shape at the top of page/model.js."""
    mine = isinstance(item, Message)
    nobody = {"author": "", "author_number": "", "author_saved": False}
    by_others = isinstance(item, Reply) and item.in_group
    author = _author(world, item.account, item.sender) if by_others else nobody  # type: ignore[union-attr]
    return (
        item.shown()
        | author
        | {
            "id": item.id,
            "chat": chat_id(world, item.chat),
            "mine": mine,
            "at": item.at,
            "ack": ACKS[item.tick] if isinstance(item, Message) else 0,
            "attachment": item.attachment if isinstance(item, Message) else None,
        }
    )


def is_locked(world: Projection, account: str, key: str) -> bool:
    """Whether a time-lock applies to the chat: the person hasn't written for 28 days."""
    thread = world.account(account).threads.get(key)
    return thread is None or thread.token_at < time.time() - TOKEN_LIFE
