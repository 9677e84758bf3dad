"""The multi-device server beside the page: GET /ws/chat, over the same accounts, phones, people and faults."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from sessions.simulator import numbers
from sessions.simulator.entities import Device
from sessions.simulator.hub import Hub
from sessions.simulator.multidevice.code_pairing import WrongCode
from sessions.simulator.multidevice.connection import Connection, Stage, failure
from sessions.simulator.multidevice.frames import NotTheProtocol
from sessions.simulator.multidevice.line import Shared
from sessions.simulator.multidevice.linked import Linked
from sessions.simulator.multidevice.noise import HandshakeFailed
from sessions.simulator.multidevice.protobuf import Values
from sessions.simulator.multidevice.registration import Registration, Scanned, scanned
from sessions.simulator.state import Refused

LOGGED_OUT = 401


class Multidevice(Shared):
    """All of them. `waiting` holds the clients that a phone may link, `connections` whoever has a socket."""

    def __init__(self, hub: Hub, folder: Path) -> None:
        super().__init__(hub, folder)
        self.folder, self.copying = folder, asyncio.Lock()
        self.waiting: set[Registration] = set()
        self.connections: set[Connection] = set()
        self._stages: set[Stage] = set()
        hub.on_faults.append(self.heed)

    # Phones

    def shows(self, text: str) -> Scanned | None:
        """What a QR code says when a client that waits to be linked shows it; None otherwise."""
        code = scanned(text)
        return code if code is not None and self._waiting(code) is not None else None

    async def scan(self, phone: str, code: Scanned) -> Device:
        """A phone scans it; Refused when it may not link, or the client is gone."""
        self._refuse_passkey(phone)
        registration = self._waiting(code)
        if registration is None:
            raise Refused("stale_ref", 410)
        return await registration.link(phone, code.adv_secret)

    def _waiting(self, code: Scanned) -> Registration | None:
        return next(
            (
                one
                for one in self.waiting
                if code.ref in one.refs and (code.noise, code.identity) == (one.noise, one.identity)
            ),
            None,
        )

    def waits_for(self, phone: str) -> Registration | None:
        """The newest client that shows a code for this number."""
        number = numbers.canonical(phone)
        found = [one for one in self.waiting if one.code and one.code.number == number]
        return found[-1] if found else None

    async def enter_code(self, phone: str, registration: Registration, typed: str) -> Device:
        """The phone's owner types the characters that the client shows; Refused wrong_code."""
        self._refuse_passkey(phone)
        asked, number = registration.code, numbers.canonical(phone)
        code = "".join(letter for letter in typed.upper() if letter.isalnum())
        identity = self.phones.identity(number)
        assert asked is not None
        ephemeral, hello = asked.hello(code, identity)
        await registration.connection.send(hello)
        try:
            secret = await asked.secret(code, identity, ephemeral, registration.identity)
        except WrongCode as error:
            raise Refused("wrong_code", 400) from error
        return await registration.link(number, secret)

    def _refuse_passkey(self, phone: str) -> None:
        if "passkey" in self.hub.world.faults.of(phone):
            raise Refused("passkey_required", 403)

    # Connections

    async def serve(self, connection: Connection) -> None:
        """A client from its first byte to its last."""
        try:
            noise, payload = await connection.shake_hands()
        except (HandshakeFailed, NotTheProtocol):
            return await connection.end()
        stage = self._stage(connection, noise, payload)
        if stage is None:
            stranger = numbers.canonical(str(payload.get("username", "")))
            self.logins.append((time.time(), stranger, False))
            return await connection.end(failure(LOGGED_OUT))
        self._stages.add(stage)
        try:
            await stage.begin()
            async for node in connection.nodes():
                await stage.take(node)
        finally:
            stage.leave()
            self._stages.discard(stage)
        return None

    def _stage(self, connection: Connection, noise: bytes, payload: Values) -> Stage | None:
        """The stage of a client: to be linked, or a linked device. None for an unknown one."""
        if "registration" in payload:
            return Registration(self, self.waiting, connection, noise, payload["registration"])
        account = numbers.canonical(str(payload.get("username", "")))
        for keys in self.store.of_account(account):
            device = self.hub.world.device(keys.device)
            if keys.index == payload.get("device") and keys.noise == noise and device is not None:
                return Linked(self, connection, device, keys)
        return None

    async def heed(self, account: str) -> None:
        """The faults of an account changed: its connections play them."""
        for stage in list(self._stages):
            if isinstance(stage, Linked) and stage.account == account and stage.is_online:
                await stage.heed()

    async def part(self) -> None:
        """The server goes down."""
        await self.media.stop()
        await asyncio.gather(*(connection.part() for connection in self.connections))
