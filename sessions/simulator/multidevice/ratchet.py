"""Signal's sessions, version 3: how a simulated phone and a linked device read each other, and nobody else.

Source: Signal's "The X3DH Key Agreement Protocol" and "The Double Ratchet Algorithm"; the labels, the order of
what is authenticated and the numbers of the messages' fields are those of libsignal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from sessions.simulator.multidevice.curve import KeyPair, expand, mac, new_pair
from sessions.simulator.multidevice.protobuf import Malformed, pack, unpack
from sessions.simulator.multidevice.shapes import PRE_KEY_WHISPER, WHISPER

VERSION = b"\x33"
MAC_LENGTH = 8
MAX_AHEAD = 2000
MAX_CHAINS = 5
KEPT_EVERY = 500
ZEROS = bytes(32)


class Unreadable(Exception):
    """A message that this session can't decrypt; its sender has to be asked to send it again."""


@dataclass
class Chain:
    """The keys of one direction until the ratchet turns: the next one, and those that were passed over."""

    key: bytes
    count: int = 0
    passed: dict[int, bytes] = field(default_factory=dict)

    def next(self) -> bytes:
        """The seed of the next message."""
        seed, self.key = mac(self.key, b"\x01"), mac(self.key, b"\x02")
        self.count += 1
        return seed

    def at(self, count: int) -> bytes:
        """The seed of message `count`; Unreadable when it was used, or is too far ahead."""
        if count < self.count:
            if count not in self.passed:
                raise Unreadable("a key that was used already")
            return self.passed.pop(count)
        if count - self.count > MAX_AHEAD:
            raise Unreadable("too far ahead")
        while (here := self.count) < count:
            self.passed[here] = self.next()
        return self.next()


@dataclass
class Session:
    """One end of a session. `base` is the public key that began it, `opening` what must be told until they answer.

    `changed` is said when it is new, when its ratchet turned, or KEPT_EVERY messages later: it should be kept then.
    """

    ours: bytes
    theirs: bytes
    base: bytes
    root: bytes
    ratchet: KeyPair
    sending: Chain
    receiving: dict[bytes, Chain] = field(default_factory=dict)
    previous: int = 0
    opening: dict[str, Any] | None = None
    changed: bool = True

    def encrypt(self, plain: bytes) -> tuple[str, bytes]:
        """What goes into an `enc` node: its type (pkmsg until they have answered, then msg) and its bytes."""
        count = self.sending.count
        cipher_key, mac_key, iv = _message_keys(self.sending.next())
        body = {
            "ratchet_key": self.ratchet.typed,
            "counter": count,
            "previous_counter": self.previous,
            "ciphertext": cbc(cipher_key, iv, plain),
        }
        raw = VERSION + pack(WHISPER, body)
        message = raw + mac(mac_key, self.ours + self.theirs + raw)[:MAC_LENGTH]
        if self.opening is None:
            return "msg", message
        return "pkmsg", VERSION + pack(PRE_KEY_WHISPER, self.opening | {"message": message})

    def decrypt(self, message: bytes) -> bytes:
        """The reverse, for a message without its opening; Unreadable otherwise, and nothing has changed then."""
        raw, tag = message[:-MAC_LENGTH], message[-MAC_LENGTH:]
        try:
            body = unpack(WHISPER, raw[1:])
            ratchet_key, count = body["ratchet_key"], body["counter"]
        except (Malformed, KeyError) as error:
            raise Unreadable("no message") from error
        known = self.receiving.get(ratchet_key)
        turned = None if known is not None else self._turned(ratchet_key)
        chain = turned[1] if turned is not None else known
        assert chain is not None
        trial = Chain(chain.key, chain.count, dict(chain.passed))
        cipher_key, mac_key, iv = _message_keys(trial.at(count))
        if mac(mac_key, self.theirs + self.ours + raw)[:MAC_LENGTH] != tag:
            raise Unreadable("another session's message")
        if turned is not None:
            self._turn(turned[0], ratchet_key)
        self.receiving[ratchet_key] = trial
        self.changed = self.changed or turned is not None or trial.count % KEPT_EVERY == 0
        self.opening = None
        return cbc(cipher_key, iv, body.get("ciphertext", b""), back=True)

    def _turned(self, ratchet_key: bytes) -> tuple[bytes, Chain]:
        try:
            root, key = _root_step(self.root, self.ratchet.agree(ratchet_key))
        except ValueError as error:
            raise Unreadable("no key") from error
        return root, Chain(key)

    def _turn(self, root: bytes, ratchet_key: bytes) -> None:
        """They have a new ratchet key: take one as well."""
        self.previous = self.sending.count
        self.ratchet = new_pair()
        self.root, key = _root_step(root, self.ratchet.agree(ratchet_key))
        self.sending = Chain(key)
        for old in list(self.receiving)[: 1 - MAX_CHAINS]:
            del self.receiving[old]


@dataclass(frozen=True)
class Bundle:
    """What is known of a phone or device before the first word to it. Ids are None where there is no such key."""

    identity: bytes
    registration_id: int
    signed_pre_key_id: int
    signed_pre_key: bytes
    pre_key_id: int | None = None
    pre_key: bytes = b""


def begun(identity: KeyPair, registration_id: int, bundle: Bundle) -> Session:
    """A session that we begin, from what their bundle says."""
    base = new_pair()
    secrets = [
        identity.agree(bundle.signed_pre_key),
        base.agree(bundle.identity),
        base.agree(bundle.signed_pre_key),
    ]
    if bundle.pre_key_id is not None:
        secrets.append(base.agree(bundle.pre_key))
    root, first = _agreed(secrets)
    ratchet = new_pair()
    theirs = _typed(bundle.signed_pre_key)
    root, key = _root_step(root, ratchet.agree(theirs))
    opening = {
        "pre_key_id": bundle.pre_key_id,
        "base_key": base.typed,
        "identity_key": identity.typed,
        "registration_id": registration_id,
        "signed_pre_key_id": bundle.signed_pre_key_id,
    }
    return Session(
        identity.typed,
        _typed(bundle.identity),
        base.typed,
        root,
        ratchet,
        Chain(key),
        {theirs: Chain(first)},
        opening=opening,
    )


def answered(
    identity: KeyPair, signed_pre_key: KeyPair, pre_key: KeyPair | None, opening: dict[str, Any]
) -> Session:
    """The session that a first message, unpacked, opens with us; Unreadable when its keys are none."""
    theirs, base = opening["identity_key"], opening["base_key"]
    try:
        secrets = [signed_pre_key.agree(theirs), identity.agree(base), signed_pre_key.agree(base)]
        if pre_key is not None:
            secrets.append(pre_key.agree(base))
    except ValueError as error:
        raise Unreadable("no keys") from error
    root, key = _agreed(secrets)
    return Session(identity.typed, theirs, base, root, signed_pre_key, Chain(key))


def opened(data: bytes) -> dict[str, Any]:
    """A first message: base_key, identity_key, message, and the ids of our keys that it used; Unreadable otherwise."""
    try:
        opening = unpack(PRE_KEY_WHISPER, data[1:])
    except Malformed as error:
        raise Unreadable("no first message") from error
    if not {"base_key", "identity_key", "message", "signed_pre_key_id"} <= opening.keys():
        raise Unreadable("a first message lacks its keys")
    return opening


def _agreed(secrets: list[bytes]) -> tuple[bytes, bytes]:
    both = expand(b"\xff" * 32 + b"".join(secrets), 64, salt=ZEROS, info=b"WhisperText")
    return both[:32], both[32:]


def _root_step(root: bytes, secret: bytes) -> tuple[bytes, bytes]:
    both = expand(secret, 64, salt=root, info=b"WhisperRatchet")
    return both[:32], both[32:]


def _message_keys(seed: bytes) -> tuple[bytes, bytes, bytes]:
    keys = expand(seed, 80, salt=ZEROS, info=b"WhisperMessageKeys")
    return keys[:32], keys[32:64], keys[64:]


def cbc(key: bytes, iv: bytes, data: bytes, *, back: bool = False) -> bytes:
    """AES-CBC with padding, or `back`; Unreadable when that isn't what it is."""
    cipher, padding = Cipher(AES(key), CBC(iv)), PKCS7(128)
    if not back:
        padder, encryptor = padding.padder(), cipher.encryptor()
        return encryptor.update(padder.update(data) + padder.finalize()) + encryptor.finalize()
    decryptor, unpadder = cipher.decryptor(), padding.unpadder()
    try:
        plain = decryptor.update(data) + decryptor.finalize()
        return unpadder.update(plain) + unpadder.finalize()
    except ValueError as error:
        raise Unreadable("its padding is broken") from error


def _typed(public: bytes) -> bytes:
    return b"\x05" + public[-32:]
