"""Curve25519 as WhatsApp uses it: one key pair that agrees (X25519) and signs (XEdDSA).

A pair is made from an Ed25519 seed, so that OpenSSL does both: the scalar of the seed is the X25519 key, and
an Ed25519 signature with the sign of its public key in the last bit is an XEdDSA signature. Source: Signal's
"The XEdDSA and VXEdDSA Signature Schemes", section 2.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PRIME = 2**255 - 19
SIGN_BIT = 0x80
KEY_TYPE = b"\x05"  # Signal's word for Curve25519, before a public key of 32 bytes


@dataclass(frozen=True)
class KeyPair:
    """A key pair; `public` is the 32 bytes of its Montgomery form."""

    seed: bytes
    public: bytes = field(init=False)
    _agreeing: X25519PrivateKey = field(init=False, repr=False)

    def __post_init__(self) -> None:
        scalar = hashlib.sha512(self.seed).digest()[:32]
        object.__setattr__(self, "_agreeing", X25519PrivateKey.from_private_bytes(scalar))
        object.__setattr__(self, "public", self._agreeing.public_key().public_bytes_raw())

    @property
    def typed(self) -> bytes:
        """The public key as Signal's messages carry it."""
        return KEY_TYPE + self.public

    def agree(self, public: bytes) -> bytes:
        """The secret shared with the holder of a public key, typed or not."""
        return self._agreeing.exchange(X25519PublicKey.from_public_bytes(public[-32:]))

    def sign(self, message: bytes) -> bytes:
        """64 bytes."""
        signing = Ed25519PrivateKey.from_private_bytes(self.seed)
        signature = bytearray(signing.sign(message))
        signature[63] |= signing.public_key().public_bytes_raw()[31] & SIGN_BIT
        return bytes(signature)


def new_pair() -> KeyPair:
    """A fresh pair."""
    return KeyPair(secrets.token_bytes(32))


def derived_pair(secret: bytes, *names: str | int) -> KeyPair:
    """The pair that belongs to these names; always the same for one secret."""
    return KeyPair(derived(secret, *names))


def derived(secret: bytes, *names: str | int) -> bytes:
    """32 bytes that belong to these names; always the same for one secret."""
    return mac(secret, "/".join(str(name) for name in names).encode())


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the holder of a public key signed this message."""
    u = int.from_bytes(public[-32:], "little") % PRIME
    if len(signature) != 64 or u == PRIME - 1:
        return False
    edwards = bytearray(((u - 1) * pow(u + 1, -1, PRIME) % PRIME).to_bytes(32, "little"))
    edwards[31] |= signature[63] & SIGN_BIT
    plain = signature[:63] + bytes([signature[63] & ~SIGN_BIT])
    try:
        Ed25519PublicKey.from_public_bytes(bytes(edwards)).verify(plain, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def mac(key: bytes, data: bytes) -> bytes:
    """HMAC-SHA256."""
    return hmac.digest(key, data, "sha256")


def expand(secret: bytes, length: int, *, salt: bytes | None = None, info: bytes = b"") -> bytes:
    """HKDF-SHA256."""
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)
