"""What the library hears, as the drive knows it: messages and receipts of people, and what becomes of the link."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sessions.events import SENT_HERE, Address, Incoming, Link, LinkChange, Receipt, Text, Tick
from sessions.transports.direct import protocol

OFFLINE = LinkChange(Link.OFFLINE, "offline")
# Texts of what a person may send; of a picture and the like it is the caption, which may be empty.
_CAPTIONED = ("imageMessage", "videoMessage", "documentMessage")
# What they may send that has no words to obey.
_SPOKEN = (
    "audioMessage", "stickerMessage", "stickerPackMessage", "ptvMessage", "contactMessage", "contactsArrayMessage",
    "locationMessage", "liveLocationMessage", "pollCreationMessage", "pollCreationMessageV2", "pollCreationMessageV3",
    "eventMessage", "groupInviteMessage", "productMessage", "orderMessage", "sendPaymentMessage", "requestPaymentMessage",
)  # fmt: skip
_CHOICES = (
    ("buttonsResponseMessage", "selectedDisplayText"),
    ("templateButtonReplyMessage", "selectedDisplayText"),
    ("listResponseMessage", "title"),
)


def receipts(messages: Any, event: bytes) -> list[Receipt]:
    """A person's receipts of messages that a linked device has sent: those typed on the phone have other ids."""
    told = messages.Receipt.FromString(event)
    tick = {
        messages.Receipt.DELIVERED: Tick.DELIVERED,
        messages.Receipt.INACTIVE: Tick.DELIVERED,
        messages.Receipt.READ: Tick.READ,
        messages.Receipt.PLAYED: Tick.READ,
    }.get(told.Type)
    source = told.MessageSource
    if tick is None or not _is_persons(source):
        return []
    at, chat = moment(told.Timestamp), _chat(source)
    return [Receipt(one, tick, at, chat) for one in told.MessageIDs if one.startswith(SENT_HERE)]


def echoed(messages: Any, event: bytes) -> str:
    """The id of a message that another linked device of the account sent to a person; "" of any other."""
    info = messages.Message.FromString(event).Info
    source = info.MessageSource
    ours = source.IsFromMe and not source.IsGroup and info.Category != "peer"
    return str(info.ID) if ours and info.ID.startswith(SENT_HERE) else ""


def chats_of(person: Address) -> list[str]:
    """The addresses under which WhatsApp may tell of a person's chat."""
    pairs = ((person.lid, protocol.LIDS), (person.wa_id, protocol.NUMBERS))
    return [f"{user}@{server}" for user, server in pairs if user]


def change(messages: Any, number: int, event: bytes) -> LinkChange | None:
    """What an event says of the link; None where nothing is wrong, or nothing that lasts."""
    reasons = messages.ConnectFailureReason
    if number == protocol.LOGGED_OUT:
        told = messages.LoggedOut.FromString(event).Reason
        if told == reasons.Value("MAIN_DEVICE_GONE"):  # 403
            return LinkChange(Link.BANNED, "banned")
        return LinkChange(Link.LOGGED_OUT, "logged_out")
    if number == protocol.REPLACED:
        return LinkChange(Link.CONFLICT, "conflict")
    if number == protocol.BANNED:
        seconds = messages.TemporaryBan.FromString(event).Expire
        until = datetime.now(UTC) + timedelta(seconds=seconds) if seconds > 0 else None
        return LinkChange(Link.RESTRICTED, "no_messages", until)
    if number == protocol.OUTDATED:
        return LinkChange(Link.OUTDATED, "outdated")
    if number == protocol.REFUSED:
        return LinkChange(Link.STOPPED, "unknown_sign")
    return None


def incoming(messages: Any, event: bytes) -> Incoming | None:
    """A person's message to this account; None of what is none."""
    told = messages.Message.FromString(event)
    info, message = told.Info, told.Message
    if info.Category == "peer" or not _is_persons(info.MessageSource):
        return None
    message_id, edited = info.ID, told.IsEdit
    if message.HasField("protocolMessage"):
        inner = message.protocolMessage
        if not inner.HasField("editedMessage"):
            return None  # a deletion, a timer: what was said before stays as it was heard
        message_id, message, edited = inner.key.ID, inner.editedMessage, True
    text = _text(message)
    if text is None:
        return None
    at = datetime.fromtimestamp(info.Timestamp / 1000, UTC)
    return Incoming(_chat(info.MessageSource), message_id, Text(text), at, edited=edited)


def _text(message: Any) -> str | None:
    """What a person wrote; "" of a picture without a word, None of what is no message: a reaction, a vote."""
    if message.HasField("conversation"):
        return str(message.conversation)
    if message.HasField("extendedTextMessage"):
        return str(message.extendedTextMessage.text)
    for kind in _CAPTIONED:
        if message.HasField(kind):
            return str(getattr(message, kind).caption)
    for kind, field in _CHOICES:
        if message.HasField(kind):
            return str(getattr(getattr(message, kind), field))
    return "" if any(message.HasField(kind) for kind in _SPOKEN) else None


def _is_persons(source: Any) -> bool:
    """Said in a chat with one person, by that person: no group, no channel, no own device."""
    return not source.IsGroup and not source.IsFromMe and source.Chat.Server in protocol.PEOPLE


def _chat(source: Any) -> Address:
    """The person behind it, by all that WhatsApp says: a LID's digits are never read as a number."""
    known = {one.Server: one.User for one in (source.SenderAlt, source.Sender, source.Chat)}
    return Address(wa_id=known.get(protocol.NUMBERS, ""), lid=known.get(protocol.LIDS, ""))


def moment(seconds: int) -> datetime:
    """Seconds since 1970 as an aware time."""
    return datetime.fromtimestamp(seconds, UTC)
