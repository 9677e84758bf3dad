"""What simulated phones and linked devices write to each other, sealed so that only the other end reads it."""

from __future__ import annotations

import secrets

from sessions.simulator.multidevice.bundles import take_bundle
from sessions.simulator.multidevice.nodes import Node
from sessions.simulator.multidevice.phone_keys import SIGNED_PRE_KEY_ID
from sessions.simulator.multidevice.protobuf import Malformed, Values, pack, unpack
from sessions.simulator.multidevice.ratchet import Session, Unreadable, answered, begun, opened
from sessions.simulator.multidevice.shapes import MESSAGE
from sessions.simulator.multidevice.store import state_of
from sessions.simulator.multidevice.switchboard import Switchboard

MAX_PADDING = 16


class Sealing:
    """The sessions of every simulated phone with every linked device.

    A session is written down when its ratchet turns, not with every message: from there a restarted simulator
    finds the keys of what comes next.
    """

    def __init__(self, board: Switchboard) -> None:
        self._board = board

    def read(self, device: str, phone: str, enc: Node, *, lid: bool) -> Values:
        """What a linked device wrote to a phone; Unreadable when the phone has to ask for it anew."""
        kind, data = enc.text("type"), enc.data()
        if kind == "pkmsg":
            session, plain = self._read_first(device, phone, data)
        elif kind == "msg":
            session, plain = self._read_next(device, phone, data)
        else:
            raise Unreadable(f"{kind} is nothing between two")
        if session.changed or ((device, phone) in self._board.store.writes_to_lid) is not lid:
            self._keep(device, phone, session, lid=lid)
        try:
            return unpack(MESSAGE, plain[: -plain[-1]])
        except (Malformed, IndexError) as error:
            raise Unreadable("no message within") from error

    def _read_first(self, device: str, phone: str, data: bytes) -> tuple[Session, bytes]:
        opening, phones = opened(data), self._board.phones
        known = self._sessions(device, phone)
        for session in known:
            if session.base == opening["base_key"]:
                return session, session.decrypt(opening["message"])
        if opening["signed_pre_key_id"] != SIGNED_PRE_KEY_ID:
            raise Unreadable("a key that the phone never had")
        pre_key = opening.get("pre_key_id")
        session = answered(
            phones.identity(phone),
            phones.signed_pre_key(phone),
            phones.pre_key(phone, pre_key) if pre_key is not None else None,
            opening,
        )
        return session, session.decrypt(opening["message"])

    def _read_next(self, device: str, phone: str, data: bytes) -> tuple[Session, bytes]:
        last = Unreadable("no session")
        for session in self._sessions(device, phone):
            try:
                return session, session.decrypt(data)
            except Unreadable as error:
                last = error
        raise last

    def write(self, device: str, phone: str, message: Values) -> Node:
        """An `enc` node from a phone to a linked device."""
        known = self._sessions(device, phone)
        if not known:
            identity = self._board.phones.identity(phone)
            registration_id = self._board.phones.registration_id(phone)
            known.append(begun(identity, registration_id, take_bundle(self._board, device)))
        padding = secrets.randbelow(MAX_PADDING) + 1
        plain = pack(MESSAGE, message) + bytes([padding]) * padding
        kind, sealed = known[0].encrypt(plain)
        lid = (device, phone) in self._board.store.writes_to_lid
        self._keep(device, phone, known[0], lid=lid)
        return Node("enc", {"v": "2", "type": kind}, sealed)

    def forget(self, device: str, phone: str) -> None:
        """The device can't read what this phone wrote: the next word begins a new session."""
        self._board.store.sessions.pop((device, phone), None)

    def _sessions(self, device: str, phone: str) -> list[Session]:
        return self._board.store.sessions.setdefault((device, phone), [])

    def _keep(self, device: str, phone: str, session: Session, *, lid: bool) -> None:
        """Write a session down. The store holds this very one, so nothing is applied."""
        event = {"what": "session", "device": device, "phone": phone, "lid": lid}
        self._board.hub.world.record.append(
            {"kind": "multidevice", **event, "state": state_of(session)}
        )
        self._board.store.in_use((device, phone), session, lid=lid)
        session.changed = False
