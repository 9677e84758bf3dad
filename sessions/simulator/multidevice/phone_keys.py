"""The keys of simulated phones: every person has theirs, made from one secret of the data folder, so none is stored."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from sessions.simulator.multidevice.curve import KeyPair, derived, derived_pair
from sessions.simulator.multidevice.ratchet import Bundle

SIGNED_PRE_KEY_ID = 1
MAX_KEY_ID = 1 << 24
SECRET_FILE = "multidevice.secret"


def folder_secret(folder: Path) -> bytes:
    """The secret of a data folder, made on first use and safe on the disk before it is used."""
    path = folder / SECRET_FILE
    if not path.exists():
        draft = path.with_suffix(".new")
        with draft.open("wb") as file:
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    return path.read_bytes()


class PhoneKeys:
    """The keys of any phone, by its canonical digits."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._identities: dict[str, KeyPair] = {}

    def identity(self, number: str) -> KeyPair:
        """The identity key of a phone."""
        if number not in self._identities:
            self._identities[number] = derived_pair(self._secret, "identity", number)
        return self._identities[number]

    def signed_pre_key(self, number: str) -> KeyPair:
        """The signed pre-key of a phone."""
        return derived_pair(self._secret, "signed pre-key", number)

    def pre_key(self, number: str, key_id: int) -> KeyPair:
        """A one-time pre-key; the phone has one under every id."""
        return derived_pair(self._secret, "pre-key", number, key_id)

    def registration_id(self, number: str) -> int:
        """14 bits, as Signal has them."""
        return int.from_bytes(derived(self._secret, "registration", number)[:2], "big") % 16380 + 1

    def bundle(self, number: str) -> tuple[Bundle, bytes]:
        """The phone's bundle for a first message to it, with one fresh key, and the signature of the signed one."""
        identity, signed = self.identity(number), self.signed_pre_key(number)
        key_id = secrets.randbelow(MAX_KEY_ID - 1) + 1
        bundle = Bundle(
            identity.public,
            self.registration_id(number),
            SIGNED_PRE_KEY_ID,
            signed.public,
            key_id,
            self.pre_key(number, key_id).public,
        )
        return bundle, identity.sign(signed.typed)
