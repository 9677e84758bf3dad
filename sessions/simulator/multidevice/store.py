"""What the record keeps of multi-device clients: their keys, the sessions phones have with them, LIDs told.

Every change is an event {"kind": "multidevice", "what": …}; bytes are written as hex.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sessions.simulator.chats import lid_of
from sessions.simulator.multidevice.curve import KeyPair
from sessions.simulator.multidevice.ratchet import Bundle, Chain, Session

Event = dict[str, Any]

MAX_SESSIONS = 4  # both ends may begin one at once; an older one may still be written in


@dataclass
class LinkedKeys:
    """One linked device as the server knows it. `index` is its number in addresses, and its key index."""

    device: str
    account: str
    index: int
    noise: bytes
    identity: bytes
    registration_id: int
    signed_pre_key: tuple[int, bytes, bytes]
    pre_keys: dict[int, bytes] = field(default_factory=dict)

    def bundle(self) -> Bundle:
        """The bundle for a first message to it, with the oldest of its one-time keys, if any is left."""
        key_id = next(iter(self.pre_keys), None)
        return Bundle(
            self.identity,
            self.registration_id,
            self.signed_pre_key[0],
            self.signed_pre_key[1],
            key_id,
            self.pre_keys[key_id] if key_id is not None else b"",
        )


class Store:
    """All of it, rebuilt from the record; LIDs go to those that the world knows."""

    def __init__(self, lids: dict[str, str]) -> None:
        self._lids = lids
        self.keys: dict[str, LinkedKeys] = {}
        self.sessions: dict[tuple[str, str], list[Session]] = {}
        self.writes_to_lid: set[tuple[str, str]] = set()

    def of_account(self, account: str) -> list[LinkedKeys]:
        """The keys of an account's devices, linked or not."""
        return [keys for keys in self.keys.values() if keys.account == account]

    def apply(self, event: Event) -> None:
        """Something happened, now or when it is replayed."""
        what = event["what"]
        if what == "lid":
            self._lids[lid_of(event["phone"])] = event["phone"]
        elif what == "linked":
            self.keys[event["device"]] = _keys_of(event)
        elif what == "session":
            self._on_session(event)
        elif what == "pre_keys":
            self._on_pre_keys(event)
        elif what == "pre_key_taken":
            self.keys[event["device"]].pre_keys.pop(event["id"], None)

    def _on_pre_keys(self, event: Event) -> None:
        keys = self.keys[event["device"]]
        if event["signed"]:
            keys.signed_pre_key = _signed_of(event["signed"])
        keys.pre_keys |= {key_id: bytes.fromhex(key) for key_id, key in event["keys"]}

    def _on_session(self, event: Event) -> None:
        pair = (event["device"], event["phone"])
        self.in_use(pair, session_of(event["state"]), lid=event["lid"])

    def in_use(self, pair: tuple[str, str], session: Session, *, lid: bool) -> None:
        """The session in which a device and a phone write to each other now, and by which address."""
        others = [one for one in self.sessions.get(pair, ()) if one.base != session.base]
        self.sessions[pair] = [session, *others][:MAX_SESSIONS]
        if lid:
            self.writes_to_lid.add(pair)
        else:
            self.writes_to_lid.discard(pair)


def linked_event(keys: LinkedKeys) -> Event:
    """The event of a new device."""
    return {
        "kind": "multidevice",
        "what": "linked",
        "device": keys.device,
        "account": keys.account,
        "index": keys.index,
        "noise": keys.noise.hex(),
        "identity": keys.identity.hex(),
        "registration_id": keys.registration_id,
        "signed": signed_values(keys.signed_pre_key),
    }


def signed_values(key: tuple[int, bytes, bytes]) -> list[Any]:
    """A signed pre-key (id, key, signature) for an event."""
    return [key[0], key[1].hex(), key[2].hex()]


def _signed_of(values: list[Any]) -> tuple[int, bytes, bytes]:
    return values[0], bytes.fromhex(values[1]), bytes.fromhex(values[2])


def _keys_of(event: Event) -> LinkedKeys:
    return LinkedKeys(
        event["device"],
        event["account"],
        event["index"],
        bytes.fromhex(event["noise"]),
        bytes.fromhex(event["identity"]),
        event["registration_id"],
        _signed_of(event["signed"]),
    )


def state_of(session: Session) -> dict[str, Any]:
    """A session for an event."""
    opening = session.opening and {
        name: value.hex() if isinstance(value, bytes) else value
        for name, value in session.opening.items()
    }
    return {
        "ours": session.ours.hex(),
        "theirs": session.theirs.hex(),
        "base": session.base.hex(),
        "root": session.root.hex(),
        "ratchet": session.ratchet.seed.hex(),
        "sending": [session.sending.key.hex(), session.sending.count],
        "receiving": [
            [key.hex(), chain.key.hex(), chain.count] for key, chain in session.receiving.items()
        ],
        "previous": session.previous,
        "opening": opening,
    }


def session_of(state: dict[str, Any]) -> Session:
    """The reverse. Keys that were passed over are lost: what comes late under one of them is asked for anew."""
    opening = state["opening"] and {
        name: bytes.fromhex(value) if isinstance(value, str) else value
        for name, value in state["opening"].items()
    }
    return Session(
        bytes.fromhex(state["ours"]),
        bytes.fromhex(state["theirs"]),
        bytes.fromhex(state["base"]),
        bytes.fromhex(state["root"]),
        KeyPair(bytes.fromhex(state["ratchet"])),
        Chain(bytes.fromhex(state["sending"][0]), state["sending"][1]),
        {
            bytes.fromhex(key): Chain(bytes.fromhex(chain), count)
            for key, chain, count in state["receiving"]
        },
        state["previous"],
        opening,
    )
