"""What a page that is online asks the server, and the answers.

Each question takes the hub, the account's canonical digits and what the page said, and returns the
values of the answer; Refused when there is none.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sessions.simulator import feed, identity, numbers, owner_actions
from sessions.simulator.entities import Message, Reply
from sessions.simulator.hub import Hub
from sessions.simulator.state import Refused, World

HISTORY = 200
Values = dict[str, Any]
Question = Callable[[Hub, str, Values], Awaitable[Values]]


async def history(hub: Hub, account: str, said: Values) -> Values:
    """The newest messages of the account, and the badges its phone shows."""
    world, known = hub.world, hub.world.account(account)
    items: list[Message | Reply] = [*known.messages.values(), *known.replies]
    newest = sorted(items, key=lambda item: item.at)[-HISTORY:]
    events = [feed.message_event(world, item) for item in newest]
    events += [
        {"kind": "chat", "chat": identity.who(world, account, key) | thread.state()}
        for key, thread in known.threads.items()
    ]
    return {"events": events}


async def lookup(hub: Hub, account: str, said: Values) -> Values:
    """Who a number is, None when it isn't on WhatsApp; and whether it can be a number at all."""
    world, phone = hub.world, str(said.get("phone", ""))
    key, here = numbers.canonical(phone), hub.world.wa_id(phone) is not None
    chat = identity.who(world, account, key) if here else None
    return {"chat": chat, "possible": numbers.is_possible(key)}


async def seen(hub: Hub, account: str, said: Values) -> Values:
    """The page has opened a chat: the phone's badge goes, the person sees blue ticks."""
    hub.world.seen(account, _key(hub.world, said))
    return {}


async def mark(hub: Hub, account: str, said: Values) -> Values:
    """The menu of a row: marked (as unread), archived, pinned, muted."""
    await owner_actions.put(hub.world, account, _key(hub.world, said), said["values"])
    return {}


def _key(world: World, said: Values) -> str:
    key = identity.key_of(world, str(said.get("chat", "")))
    if not key:
        raise Refused("unknown_chat", 404)
    return key


ALL: dict[str, Question] = {"history": history, "lookup": lookup, "seen": seen, "mark": mark}
