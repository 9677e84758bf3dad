"""Replies, receipts and lookups from the wire, made into values that the database can store.

Nothing here fails, so that one event of somebody's making holds up no other. Of what can't be kept the
log has the length, never the words.
"""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import structlog
from django.utils import timezone

from sessions.events import Address, OfMessages, Receipt, Undelivered

log = structlog.get_logger()

ID_MOST = 80  # letters of a message's id; WhatsApp's have 32 at the most
BODY_MOST = 4_096
"""Letters of a reply that are kept. WhatsApp's apps let people write 65,536; whole, it stands on the phone."""
_LEFT_OUT, _END = "\n[…]\n", 1_000
_PHONE = re.compile(r"\+[0-9]{1,19}")
_WA_ID = re.compile(r"[0-9]{1,19}")
_LID = re.compile(r"[0-9]{1,40}")
_NAME_MOST = 64
_OLDEST = datetime(2009, 1, 1, tzinfo=UTC)  # before there was WhatsApp
_AHEAD = timedelta(days=1)


def storable_event(event: OfMessages) -> OfMessages:
    """The event with nothing in it that a row can't hold; equal events stay equal, others apart.

    Of two texts that differ in the middle of more than BODY_MOST letters nobody can tell any more that they do.
    """
    message_id, at = storable_id(event.message_id), _storable_time(event.at)
    if isinstance(event, Receipt):
        return replace(event, message_id=message_id, at=at, chat=storable_address(event.chat))
    if isinstance(event, Undelivered):
        return replace(event, message_id=message_id, at=at)
    content = replace(event.content, body=_shortened(storable_text(event.content.body)))
    chat = storable_address(event.chat)
    return replace(event, message_id=message_id, at=at, chat=chat, content=content)


def storable_address(address: Address) -> Address:
    """The address without those of its keys that WhatsApp can't have given to anybody."""
    name = address.username.lstrip("@").lower()
    return Address(
        _key("phone", address.phone, _PHONE.fullmatch(address.phone)),
        _key("wa_id", address.wa_id, _WA_ID.fullmatch(address.wa_id)),
        _key("lid", address.lid, _LID.fullmatch(address.lid)),
        _key("username", name, len(name) <= _NAME_MOST and storable_text(name) == name),
    )


def storable_id(message_id: str) -> str:
    """WhatsApp's id of a message; a digest of one that no row can hold, so that no two become one."""
    if len(message_id) <= ID_MOST and storable_text(message_id) == message_id:
        return message_id
    log.warning("odd_message_id", length=len(message_id))
    return "sha256:" + hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()


def storable_text(text: str) -> str:
    """A text with half letters (lone surrogates) replaced by � and without NUL, which PostgreSQL doesn't keep."""
    return (
        text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")
    )


def _shortened(text: str) -> str:
    """How a long text begins and ends: a wish stands at either."""
    if len(text) <= BODY_MOST:
        return text
    return text[: BODY_MOST - _END - len(_LEFT_OUT)] + _LEFT_OUT + text[-_END:]


def _key(name: str, value: str, is_one: object) -> str:
    if value and not is_one:
        log.warning("odd_address", key=name, length=len(value))
    return value if is_one else ""


def _storable_time(at: datetime) -> datetime:
    return min(max(at, _OLDEST), timezone.now() + _AHEAD)
