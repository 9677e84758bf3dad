"""What can be written beside plain texts, and what happens to it afterwards.

A person or an owner may send any of `KINDS`, late (the devices have "Aguardando esta mensagem"
until `arrive`), quoting; edit, delete, and react.
"""

from __future__ import annotations

import time
from typing import Any

from sessions.simulator.entities import Message, Reply
from sessions.simulator.state import Refused, World

KINDS = (
    "text", "image", "video", "document", "voice", "sticker", "view_once",
    "poll", "list", "buttons", "contact", "location", "system",
)  # fmt: skip


def content_of(values: dict[str, Any]) -> dict[str, Any]:
    """The content of a call to write; ValueError names what is wrong.

    message (the kind), title, quoted {author, text}, late.
    """
    kind, title = values.get("message", "text"), values.get("title")
    if kind not in KINDS:
        raise ValueError(f"unknown message {kind}; known: {', '.join(KINDS)}")
    content: dict[str, Any] = {} if kind == "text" else {"kind": kind}
    if title:
        content["title"] = str(title)
    if values.get("late"):
        content["waiting"] = True
    quoted = values.get("quoted")
    if isinstance(quoted, dict):
        content["quoted"] = {name: str(quoted.get(name, "")) for name in ("author", "text")}
    return content


def found(world: World, account: str, message_id: str) -> Message | Reply:
    """A message of the account's chats; Refused when there is none of that id."""
    try:
        return world.written(world.account(account), message_id)
    except KeyError as error:
        raise Refused("unknown_message", 404) from error


async def _changed(world: World, item: Message | Reply, **values: Any) -> None:
    world.commit(
        {
            "kind": "changed",
            "account": item.account,
            "id": item.id,
            "values": values,
            "at": time.time(),
        }
    )
    await world.settled()


async def edit(world: World, account: str, message_id: str, text: str) -> None:
    """Who wrote it changes the text: same id, "Editada"."""
    await _changed(world, found(world, account, message_id), text=text)


async def delete(world: World, account: str, message_id: str) -> None:
    """Who wrote it deletes it for everyone."""
    await _changed(world, found(world, account, message_id), deleted=True)


async def arrive(world: World, account: str, message_id: str) -> None:
    """What was "Aguardando esta mensagem" stands there now, under the same id."""
    await _changed(world, found(world, account, message_id), waiting=False)


async def react(world: World, account: str, message_id: str, emoji: str) -> None:
    """The other one reacts with an emoji; "" takes every reaction back."""
    item = found(world, account, message_id)
    await _changed(world, item, reactions=[*item.reactions, emoji] if emoji else [])
