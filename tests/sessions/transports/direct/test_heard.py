"""What a message of a person says, by its kind: words, none, or nothing that is a message."""

from __future__ import annotations

from typing import Any

import pytest

from sessions.events import Address, Text
from sessions.transports.direct import heard, protocol

LID = "193457208123456"


def event(messages: Any, **content: Any) -> bytes:
    """A message of this content, as the library tells it, from a person without a number."""
    made = messages.Message()
    source, info = made.Info.MessageSource, made.Info
    for jid in (source.Chat, source.Sender):
        jid.CopyFrom(messages.JID.FromString(protocol.jid(messages, LID, protocol.LIDS)))
    info.ID, info.Timestamp = "3A01", 1_795_000_000_000
    for kind, fields in content.items():
        part = getattr(made.Message, kind)
        part.SetInParent()
        for name, value in fields.items():
            setattr(part, name, value)
    return bytes(made.SerializePartialToString())


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("extendedTextMessage", {"text": "SAIR"}, "SAIR"),
        ("imageMessage", {"caption": "SAIR"}, "SAIR"),
        ("videoMessage", {"caption": "SAIR"}, "SAIR"),
        ("documentMessage", {"caption": "SAIR"}, "SAIR"),
        ("buttonsResponseMessage", {"selectedDisplayText": "SAIR"}, "SAIR"),
        ("listResponseMessage", {"title": "SAIR"}, "SAIR"),
        ("audioMessage", {}, ""),
        ("contactsArrayMessage", {}, ""),
        ("liveLocationMessage", {}, ""),
        ("pollCreationMessageV3", {"name": "Que dia?"}, ""),
        ("orderMessage", {}, ""),
    ],
)
def test_a_message_is_its_words_or_one_without_any(
    messages: Any, kind: str, fields: dict[str, str], words: str
) -> None:
    reply = heard.incoming(messages, event(messages, **{kind: fields}))
    assert reply is not None
    assert (reply.content, reply.chat) == (Text(words), Address(lid=LID))


@pytest.mark.parametrize(
    "kind", ["reactionMessage", "pollUpdateMessage", "pinInChatMessage", "keepInChatMessage"]
)
def test_what_is_done_to_other_messages_is_none(messages: Any, kind: str) -> None:
    assert heard.incoming(messages, event(messages, **{kind: {}})) is None
