"""A client that waits to be linked: it gets refs for its QR code, or a phone's owner types its eight characters."""

from __future__ import annotations

import asyncio
import base64
import binascii
import secrets
from dataclasses import dataclass
from typing import Any

from sessions.simulator import numbers
from sessions.simulator.chats import lid_of
from sessions.simulator.entities import Device
from sessions.simulator.multidevice import adv, code_pairing
from sessions.simulator.multidevice.connection import (
    Connection,
    refusal,
    request_id,
    result,
    stream_error,
)
from sessions.simulator.multidevice.jids import LIDS, SERVER, Jid
from sessions.simulator.multidevice.nodes import Attributes, Node
from sessions.simulator.multidevice.protobuf import Malformed, Values, unpack
from sessions.simulator.multidevice.shapes import DEVICE_PROPS
from sessions.simulator.multidevice.store import LinkedKeys, linked_event
from sessions.simulator.multidevice.switchboard import Switchboard
from sessions.simulator.pairing import REF_PREFIX
from sessions.simulator.state import Refused

REFS = 6
REFS_LIVE = 160.0  # a minute for the first, 20 s for each of the others; the clients count, so it is not scaled
RESTART = 515
PLATFORMS = {1: "Chrome", 2: "Firefox", 3: "IE", 4: "Opera", 5: "Safari", 6: "Edge", 7: "Desktop"}


@dataclass(frozen=True)
class Scanned:
    """What a QR code says: which server's ref, and the keys of who shows it."""

    ref: str
    noise: bytes
    identity: bytes
    adv_secret: bytes


def scanned(text: str) -> Scanned | None:
    """A QR code of a multi-device client; None for any other."""
    fields = text.strip().removeprefix(REF_PREFIX).split(",")
    try:
        keys = [base64.b64decode(field, validate=True) for field in fields[1:4]]
    except binascii.Error:
        return None
    if len(keys) != 3 or any(len(key) != 32 for key in keys):
        return None
    return Scanned(fields[0], *keys)


class Registration:
    """The stage of a client without a device; it is in `waiting` as long as a phone may take it on."""

    def __init__(
        self,
        board: Switchboard,
        waiting: set[Registration],
        connection: Connection,
        noise: bytes,
        said: Values,
    ) -> None:
        self._board, self._waiting, self.connection = board, waiting, connection
        self.noise, self.said = noise, said
        self.identity: bytes = said.get("identity", b"")
        self.refs = [f"2@{secrets.token_urlsafe(66)}" for _ref in range(REFS)]
        self.code: code_pairing.Asked | None = None
        self._expiry: asyncio.TimerHandle | None = None

    @property
    def label(self) -> str:
        """What the phone shows of the device."""
        try:
            props = unpack(DEVICE_PROPS, self.said.get("device_props", b""))
        except Malformed:
            return "?"
        platform = PLATFORMS.get(props.get("platform", 0), "")
        return f"{platform} ({props.get('os', '?')})" if platform else str(props.get("os", "?"))

    async def begin(self) -> None:
        """Offer the refs. When all have run out the server ends the connection."""
        self._waiting.add(self)
        loop = asyncio.get_running_loop()
        self._expiry = loop.call_later(REFS_LIVE, lambda: loop.create_task(self.connection.end()))
        refs = [Node("ref", {}, ref.encode()) for ref in self.refs]
        attrs: Attributes = {"from": SERVER, "type": "set", "id": request_id(), "xmlns": "md"}
        await self.connection.send(Node("iq", attrs, [Node("pair-device", {}, refs)]))

    async def take(self, node: Node) -> None:
        """Only the steps of linking by code mean anything before there is a device."""
        asked = node.child("link_code_companion_reg") if node.tag == "iq" else None
        if asked is not None and asked.text("stage") == "companion_hello":
            await self._ask_code(node, asked)
        elif asked is not None and asked.text("stage") == "companion_finish":
            await self.connection.send(result(node))
            if self.code is not None:
                self.code.finish(asked)
        elif node.tag == "iq" and node.text("type") in ("get", "set"):
            await self.connection.send(result(node))

    async def _ask_code(self, iq: Node, asked: Node) -> None:
        jid = asked.jid("jid")
        number = numbers.canonical(jid.user) if jid is not None else ""
        if self._board.hub.world.wa_id(number) is None:
            await self.connection.send(refusal(iq, 400, "bad-request"))
            return
        self.code = code_pairing.Asked(number, asked)
        ref = Node("link_code_pairing_ref", {}, self.code.ref)
        answer = Node("link_code_companion_reg", {"stage": "companion_hello"}, [ref])
        await self.connection.send(result(iq, answer))

    def leave(self) -> None:
        """Its refs are worth nothing any more."""
        self._waiting.discard(self)
        if self._expiry is not None:
            self._expiry.cancel()

    async def link(self, phone: str, adv_secret: bytes) -> Device:
        """The phone takes the client on; Refused when the phone can't, or the client doesn't sign."""
        self._waiting.discard(self)
        hub, number = self._board.hub, numbers.canonical(phone)
        try:
            device = await hub.world.link(number, kind="multidevice", name=self.label)
        except Refused:
            self._waiting.add(self)
            raise
        keys = self._keys(device)
        identity = self._board.phones.identity(number)
        signed = adv.signed_identity(identity, keys.identity, keys.index)
        try:
            answer = await self.connection.ask(self._success(keys, adv.sealed(signed, adv_secret)))
        except TimeoutError:
            answer = Node("iq")
        signature = answer.child("pair-device-sign")
        countersigned = signature.data("device-identity") if signature is not None else b""
        if not adv.is_countersigned(countersigned, identity, keys.identity):
            await hub.world.unlink(device)
            raise Refused("not_signed")
        hub.world.commit(linked_event(keys))
        await hub.world.settled()
        self._board.newly_linked.add(device.id)
        hub.later(0, self.connection.end(stream_error(RESTART)))
        return device

    def _keys(self, device: Device) -> LinkedKeys:
        said = self.said
        signed_id = int.from_bytes(said.get("signed_pre_key_id", b""), "big")
        return LinkedKeys(
            device.id,
            device.account,
            len(self._board.store.of_account(device.account)) + 1,
            self.noise,
            self.identity,
            int.from_bytes(said.get("registration_id", b""), "big"),
            (signed_id, said.get("signed_pre_key", b""), said.get("signed_pre_key_signature", b"")),
        )

    def _success(self, keys: LinkedKeys, identity: bytes) -> Node:
        wa_id = self._board.hub.world.wa_id(keys.account) or keys.account
        device: dict[str, Any] = {
            "jid": Jid(wa_id, device=keys.index),
            "lid": Jid(lid_of(keys.account), LIDS, keys.index),
        }
        success = [
            Node("device-identity", {}, identity),
            Node("device", device),
            Node("platform", {"name": "android"}),
        ]
        attrs: Attributes = {"from": SERVER, "type": "set", "id": request_id(), "xmlns": "md"}
        return Node("iq", {**attrs, "t": self._board.now()}, [Node("pair-success", {}, success)])
