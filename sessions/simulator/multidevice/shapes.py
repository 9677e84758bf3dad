"""The messages of the protocol that we read or write, with WhatsApp's and Signal's field numbers."""

from __future__ import annotations

from sessions.simulator.multidevice.protobuf import Shape

# The handshake
CLIENT_HELLO: Shape = {"ephemeral": (1, "bytes"), "static": (2, "bytes"), "payload": (3, "bytes")}
SERVER_HELLO: Shape = {"ephemeral": (1, "bytes"), "static": (2, "bytes"), "payload": (3, "bytes")}
CLIENT_FINISH: Shape = {"static": (1, "bytes"), "payload": (2, "bytes")}
HANDSHAKE: Shape = {
    "client_hello": (2, CLIENT_HELLO),
    "server_hello": (3, SERVER_HELLO),
    "client_finish": (4, CLIENT_FINISH),
}

CERTIFICATE_DETAILS: Shape = {
    "serial": (1, "number"),
    "issuer_serial": (2, "number"),
    "key": (3, "bytes"),
    "not_before": (4, "number"),
    "not_after": (5, "number"),
}
CERTIFICATE: Shape = {"details": (1, "bytes"), "signature": (2, "bytes")}
CERTIFICATE_CHAIN: Shape = {"leaf": (1, CERTIFICATE), "intermediate": (2, CERTIFICATE)}

REGISTRATION: Shape = {
    "registration_id": (1, "bytes"),
    "key_type": (2, "bytes"),
    "identity": (3, "bytes"),
    "signed_pre_key_id": (4, "bytes"),
    "signed_pre_key": (5, "bytes"),
    "signed_pre_key_signature": (6, "bytes"),
    "build_hash": (7, "bytes"),
    "device_props": (8, "bytes"),
}
CLIENT_PAYLOAD: Shape = {
    "username": (1, "number"),
    "passive": (3, "number"),
    "push_name": (7, "text"),
    "device": (18, "number"),
    "registration": (19, REGISTRATION),
}
DEVICE_PROPS: Shape = {"os": (1, "text"), "platform": (3, "number")}

# A linked device's identity, signed by the phone
DEVICE_IDENTITY: Shape = {
    "raw_id": (1, "number"),
    "timestamp": (2, "number"),
    "key_index": (3, "number"),
}
SIGNED_DEVICE_IDENTITY: Shape = {
    "details": (1, "bytes"),
    "account_signature_key": (2, "bytes"),
    "account_signature": (3, "bytes"),
    "device_signature": (4, "bytes"),
}
SEALED_DEVICE_IDENTITY: Shape = {"details": (1, "bytes"), "hmac": (2, "bytes")}
KEY_INDEX_LIST: Shape = {
    "raw_id": (1, "number"),
    "timestamp": (2, "number"),
    "current_index": (3, "number"),
    "valid_indexes": [(4, "number")],
}
SIGNED_KEY_INDEX_LIST: Shape = {"details": (1, "bytes"), "account_signature": (2, "bytes")}

# Signal
WHISPER: Shape = {
    "ratchet_key": (1, "bytes"),
    "counter": (2, "number"),
    "previous_counter": (3, "number"),
    "ciphertext": (4, "bytes"),
}
PRE_KEY_WHISPER: Shape = {
    "pre_key_id": (1, "number"),
    "base_key": (2, "bytes"),
    "identity_key": (3, "bytes"),
    "message": (4, "bytes"),
    "registration_id": (5, "number"),
    "signed_pre_key_id": (6, "number"),
}

# What is written
MESSAGE_KEY: Shape = {
    "remote_jid": (1, "text"),
    "from_me": (2, "number"),
    "id": (3, "text"),
    "participant": (4, "text"),
}
MEDIA_IMAGE: Shape = {
    "url": (1, "text"),
    "mimetype": (2, "text"),
    "caption": (3, "text"),
    "digest": (4, "bytes"),
    "length": (5, "number"),
    "media_key": (8, "bytes"),
    "sealed_digest": (9, "bytes"),
    "direct_path": (11, "text"),
}
MEDIA_DOCUMENT: Shape = {
    "url": (1, "text"),
    "mimetype": (2, "text"),
    "title": (3, "text"),
    "digest": (4, "bytes"),
    "length": (5, "number"),
    "media_key": (7, "bytes"),
    "file_name": (8, "text"),
    "sealed_digest": (9, "bytes"),
    "direct_path": (10, "text"),
    "caption": (20, "text"),
}
MEDIA_AUDIO: Shape = {
    "url": (1, "text"),
    "mimetype": (2, "text"),
    "digest": (3, "bytes"),
    "length": (4, "number"),
    "seconds": (5, "number"),
    "voice": (6, "number"),
    "media_key": (7, "bytes"),
    "sealed_digest": (8, "bytes"),
    "direct_path": (9, "text"),
}
MEDIA_VIDEO: Shape = {
    "url": (1, "text"),
    "mimetype": (2, "text"),
    "digest": (3, "bytes"),
    "length": (4, "number"),
    "media_key": (6, "bytes"),
    "caption": (7, "text"),
    "sealed_digest": (11, "bytes"),
    "direct_path": (13, "text"),
}
MEDIA_STICKER: Shape = {
    "url": (1, "text"),
    "digest": (2, "bytes"),
    "sealed_digest": (3, "bytes"),
    "media_key": (4, "bytes"),
    "mimetype": (5, "text"),
    "direct_path": (8, "text"),
    "length": (9, "number"),
}
HISTORY_SYNC: Shape = {
    "sync_type": (6, "number"),
    "chunk_order": (7, "number"),
    "progress": (9, "number"),
    "inline_payload": (11, "bytes"),
}
REACTION: Shape = {"key": (1, MESSAGE_KEY), "text": (2, "text"), "sent_ms": (4, "number")}
MESSAGE: Shape = {
    "conversation": (1, "text"),
    "image": (3, MEDIA_IMAGE),
    "extended_text": (6, {"text": (1, "text")}),
    "document": (7, MEDIA_DOCUMENT),
    "audio": (8, MEDIA_AUDIO),
    "video": (9, MEDIA_VIDEO),
    "sticker": (26, MEDIA_STICKER),
}
PROTOCOL: Shape = {
    "key": (1, MESSAGE_KEY),
    "type": (2, "number"),
    "history_sync": (6, HISTORY_SYNC),
    "edited": (14, MESSAGE),
    "timestamp_ms": (15, "number"),
}
MESSAGE |= {
    "protocol": (12, PROTOCOL),
    "ephemeral": (40, {"message": (1, MESSAGE)}),
    "captioned": (53, {"message": (1, MESSAGE)}),
    "device_sent": (31, {"destination": (1, "text"), "message": (2, MESSAGE)}),
    "reaction": (46, REACTION),
}
REVOKE, HISTORY_SYNC_NOTIFICATION, MESSAGE_EDIT = 0, 5, 14
