"""A linked device's identity: the phone signs it, the device signs back, and the phone tells which are valid."""

from __future__ import annotations

import time

from sessions.simulator.multidevice.curve import KeyPair, derived, is_signed, mac
from sessions.simulator.multidevice.protobuf import Malformed, pack, unpack
from sessions.simulator.multidevice.shapes import (
    DEVICE_IDENTITY,
    KEY_INDEX_LIST,
    SEALED_DEVICE_IDENTITY,
    SIGNED_DEVICE_IDENTITY,
    SIGNED_KEY_INDEX_LIST,
)

BY_ACCOUNT, BY_DEVICE, KEY_INDEXES = b"\x06\x00", b"\x06\x01", b"\x06\x02"


def raw_id(phone: KeyPair) -> int:
    """The number of the phone's present set of linked devices."""
    return int.from_bytes(derived(phone.seed, "raw id")[:4], "big")


def signed_identity(phone: KeyPair, companion: bytes, key_index: int) -> bytes:
    """The identity of a new device, signed by the phone."""
    details = pack(
        DEVICE_IDENTITY,
        {"raw_id": raw_id(phone), "timestamp": int(time.time()), "key_index": key_index},
    )
    signed = {
        "details": details,
        "account_signature_key": phone.public,
        "account_signature": phone.sign(BY_ACCOUNT + details + companion),
    }
    return pack(SIGNED_DEVICE_IDENTITY, signed)


def sealed(identity: bytes, adv_secret: bytes) -> bytes:
    """The same, authenticated with the secret that only the phone and the device share."""
    return pack(SEALED_DEVICE_IDENTITY, {"details": identity, "hmac": mac(adv_secret, identity)})


def is_countersigned(answer: bytes, phone: KeyPair, companion: bytes) -> bool:
    """Whether a device's answer carries its own signature over what the phone signed."""
    try:
        identity = unpack(SIGNED_DEVICE_IDENTITY, answer)
        details, signature = identity["details"], identity["device_signature"]
    except (Malformed, KeyError):
        return False
    return is_signed(companion, BY_DEVICE + details + companion + phone.public, signature)


def key_index_list(phone: KeyPair, indexes: list[int], at: int) -> bytes:
    """Which devices are valid, signed by the phone; without it some clients drop all but the phone."""
    details = pack(
        KEY_INDEX_LIST,
        {
            "raw_id": raw_id(phone),
            "timestamp": at,
            "current_index": max(indexes, default=0),
            "valid_indexes": [0, *indexes],
        },
    )
    signed = {"details": details, "account_signature": phone.sign(KEY_INDEXES + details)}
    return pack(SIGNED_KEY_INDEX_LIST, signed)
