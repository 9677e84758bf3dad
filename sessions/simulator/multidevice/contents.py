"""What a phone writes to a linked device: texts, pictures, documents and the like, and what became of them."""

from __future__ import annotations

import base64
import hashlib

from sessions.simulator.entities import Entry, Message, Reply
from sessions.simulator.multidevice.media import MediaHost
from sessions.simulator.multidevice.protobuf import Values
from sessions.simulator.multidevice.shapes import MESSAGE_EDIT, REVOKE

# The smallest PNG: one white pixel.
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
)
# Kind of `messages.KINDS`: field of the message, MIME type, whether a text stands under it.
CARRIED = {
    "image": ("image", "image/png", True),
    "video": ("video", "video/mp4", True),
    "document": ("document", "application/octet-stream", True),
    "voice": ("audio", "audio/ogg; codecs=opus", False),
    "sticker": ("sticker", "image/webp", False),
}


def content_of(item: Message | Reply, entry: Entry, media: MediaHost, *, from_me: bool) -> Values:
    """What a message says, or what became of it."""
    if entry.kind != "changed":
        return _carried(item, media) if item.kind in CARRIED else _text(item)
    key = {"id": item.id, "from_me": from_me, "remote_jid": "" if from_me else None}
    if item.deleted:
        return {"protocol": {"key": key, "type": REVOKE}}
    return {"protocol": {"key": key, "type": MESSAGE_EDIT, "edited": _text(item)}}


def _text(item: Message | Reply) -> Values:
    return {"conversation": item.text or item.title}


def _carried(item: Message | Reply, media: MediaHost) -> Values:
    """A picture or the like, uploaded under a key of its own; sent again it is the same upload."""
    field, mimetype, has_caption = CARRIED[item.kind]
    key = hashlib.sha256(f"media {item.id}".encode()).digest()
    carried = media.sealed(field, bytes_of(item), key) | {"mimetype": mimetype}
    if has_caption and item.text:
        carried["caption"] = item.text
    if item.kind == "voice":
        carried["voice"] = 1
    if item.kind == "document":
        carried |= {"file_name": item.title, "title": item.title}
        if item.text:
            return {"captioned": {"message": {field: carried}}}
    return {field: carried}


def bytes_of(item: Message | Reply) -> bytes:
    """The content of a document: its name, since only its digest is compared."""
    return PIXEL if item.kind in ("image", "sticker") else (item.title or item.kind).encode()
