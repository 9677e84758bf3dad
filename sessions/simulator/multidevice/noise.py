"""Noise_XX_25519_AESGCM_SHA256 as WhatsApp's server answers it, and the two ciphers it ends in.

Source: noiseprotocol.org, revision 34, sections 5 and 7.5. WhatsApp's own: the prologue is the four bytes of its
header, the server's certificate chain is the payload of the second message, counters are big-endian.
"""

from __future__ import annotations

import hashlib
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sessions.simulator.multidevice.curve import KeyPair, expand, new_pair
from sessions.simulator.multidevice.protobuf import Malformed, Values, pack, unpack
from sessions.simulator.multidevice.shapes import CLIENT_PAYLOAD, HANDSHAKE

PATTERN = b"Noise_XX_25519_AESGCM_SHA256\x00\x00\x00\x00"


class HandshakeFailed(Exception):
    """The other end does not speak the protocol, or holds other keys."""


class Symmetric:
    """Noise's symmetric state, the same on both ends."""

    def __init__(self, prologue: bytes) -> None:
        self._hash = self._salt = PATTERN
        self._cipher, self._count = AESGCM(PATTERN), 0
        self.mix_hash(prologue)

    def mix_hash(self, data: bytes) -> None:
        """All that is seen in the clear binds the rest."""
        self._hash = hashlib.sha256(self._hash + data).digest()

    def mix_key(self, secret: bytes) -> None:
        """A shared secret changes the key from here on."""
        both = expand(secret, 64, salt=self._salt)
        self._salt, self._cipher, self._count = both[:32], AESGCM(both[32:]), 0

    def encrypt(self, plain: bytes) -> bytes:
        """Encrypt and bind."""
        sealed = self._cipher.encrypt(self._nonce(), plain, self._hash)
        self.mix_hash(sealed)
        return sealed

    def decrypt(self, sealed: bytes) -> bytes:
        """The reverse; HandshakeFailed for another key."""
        try:
            plain = self._cipher.decrypt(self._nonce(), sealed, self._hash)
        except (InvalidTag, ValueError) as error:
            raise HandshakeFailed("a part of the handshake was sealed with another key") from error
        self.mix_hash(sealed)
        return plain

    def split(self) -> tuple[OneWay, OneWay]:
        """From the client to the server, and back."""
        both = expand(b"", 64, salt=self._salt)
        return OneWay(both[:32]), OneWay(both[32:])

    def _nonce(self) -> bytes:
        self._count += 1
        return (self._count - 1).to_bytes(12, "big")


class OneWay:
    """The cipher of one direction once the handshake is done."""

    def __init__(self, key: bytes) -> None:
        self._cipher, self._count = AESGCM(key), 0

    def encrypt(self, plain: bytes) -> bytes:
        """The next frame."""
        return self._cipher.encrypt(self._nonce(), plain, None)

    def decrypt(self, sealed: bytes) -> bytes:
        """The next frame; HandshakeFailed for a frame that isn't it."""
        try:
            return self._cipher.decrypt(self._nonce(), sealed, None)
        except (InvalidTag, ValueError) as error:
            raise HandshakeFailed("a frame is not the next one") from error

    def _nonce(self) -> bytes:
        self._count += 1
        return (self._count - 1).to_bytes(12, "big")


class Responder:
    """The server's side of one handshake: `hello`, then `finish`."""

    def __init__(self, static: KeyPair, chain: bytes, header: bytes) -> None:
        self._static, self._chain = static, chain
        self._ephemeral = new_pair()
        self._state = Symmetric(header)

    def hello(self, frame: bytes) -> bytes:
        """The answer to the client's first message."""
        theirs = _part(frame, "client_hello").get("ephemeral", b"")
        if len(theirs) != 32:
            raise HandshakeFailed("the client hello has no key")
        state, ours = self._state, self._ephemeral
        state.mix_hash(theirs)
        state.mix_hash(ours.public)
        state.mix_key(ours.agree(theirs))
        static = state.encrypt(self._static.public)
        state.mix_key(self._static.agree(theirs))
        answer = {"ephemeral": ours.public, "static": static, "payload": state.encrypt(self._chain)}
        return pack(HANDSHAKE, {"server_hello": answer})

    def finish(self, frame: bytes) -> tuple[bytes, Values, OneWay, OneWay]:
        """The client's static key, what it says of itself, and the ciphers from and to it."""
        part = _part(frame, "client_finish")
        static = self._state.decrypt(part.get("static", b""))
        self._state.mix_key(self._ephemeral.agree(static))
        payload = unpack(CLIENT_PAYLOAD, self._state.decrypt(part.get("payload", b"")))
        return static, payload, *self._state.split()


def _part(frame: bytes, name: str) -> Any:
    try:
        return unpack(HANDSHAKE, frame)[name]
    except (Malformed, KeyError) as error:
        raise HandshakeFailed(f"no {name.replace('_', ' ')}") from error
