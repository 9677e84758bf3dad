"""Hearing without opening: what the page's own modules tell of a chat whose row has a badge.

A row's preview has the words and no id, and a reply without its id would be told again when its chat is opened.
So the modules tell the id, and the row has to agree. They know what came since the page was loaded, and each
chat's newest message before that: where they have the last message that was heard, nothing is missing below
it. All else is opened: a chat that was never heard, pictures, late texts, people without a number.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sessions.events import Address, Incoming, Text
from sessions.transports.browser.chat_looks import Look
from sessions.transports.browser.dom_rows import ChatRow
from sessions.transports.browser.text import strip_marks

PLAIN = "chat"
"""WhatsApp's word for a message that is all text."""
SIGNS = ("*", "_", "~", "`", "\n")


def replies(chat: dict[str, Any] | None, row: ChatRow, looks: Sequence[Look]) -> list[Incoming]:
    """Every new reply in the chat of this row, oldest first; none where that isn't certain.

    `chat` is the reader's answer, `looks` those of the row's title.
    """
    if chat is None or not chat["number"]:
        return []
    messages = chat["messages"]
    places = {message["id"]: place for place, message in enumerate(messages)}
    heard = [look for look in looks if look.last_id in places]
    if not heard:
        return []
    last = max(heard, key=lambda look: places[look.last_id])
    new = messages[places[last.last_id] + 1 :]
    incoming = [message for message in new if not message["mine"]]
    if not incoming or len(incoming) < row.unread - last.told or not _agrees(row, new):
        return []
    return [_reply(chat["number"], message) for message in incoming]


def _agrees(row: ChatRow, new: list[dict[str, Any]]) -> bool:
    """Does the row show the last of them, and are they all words without formatting?

    Bold and the like stand in them as signs, which an opened chat draws: the same message would say two things.
    """
    texts = all(message["type"] == PLAIN and message["text"] for message in new)
    plain = not any(sign in message["text"] for message in new for sign in SIGNS)
    return texts and plain and strip_marks(new[-1]["text"]) == row.preview and not new[-1]["mine"]


def _reply(number: str, message: dict[str, Any]) -> Incoming:
    at = datetime.fromtimestamp(message["t"], UTC)
    return Incoming(Address(wa_id=number), message["id"], Text(strip_marks(message["text"])), at)
