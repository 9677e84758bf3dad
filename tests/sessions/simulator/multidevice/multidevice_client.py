"""A multi-device client of our own, for tests: it links, logs in, writes and reads, hangs up at a last word, and does nothing else by itself.

async with served(folder) as simulator, Client(simulator) as client:
    await client.link(OWNER)
    ack = await client.send(await client.look_up(PERSON), "Oi")
"""

from __future__ import annotations

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any, Self

import aiohttp
from aiohttp import web
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sessions.simulator import delivery, faults, server
from sessions.simulator.hub import Hub
from sessions.simulator.multidevice.adv import BY_ACCOUNT, BY_DEVICE
from sessions.simulator.multidevice.code_pairing import BUNDLE_KEY, under
from sessions.simulator.multidevice.curve import KeyPair, expand, is_signed, mac, new_pair
from sessions.simulator.multidevice.frames import HEADER, Frames, framed
from sessions.simulator.multidevice.jids import SERVER, Jid
from sessions.simulator.multidevice.nodes import Attributes, Node, decode, encode
from sessions.simulator.multidevice.noise import OneWay, Symmetric
from sessions.simulator.multidevice.protobuf import Values, pack, unpack
from sessions.simulator.multidevice.ratchet import Bundle, Session, answered, begun, opened
from sessions.simulator.multidevice.server import Multidevice
from sessions.simulator.multidevice.shapes import (
    CERTIFICATE_CHAIN,
    CERTIFICATE_DETAILS,
    CLIENT_PAYLOAD,
    DEVICE_PROPS,
    HANDSHAKE,
    MESSAGE,
    SEALED_DEVICE_IDENTITY,
    SIGNED_DEVICE_IDENTITY,
)

SECONDS = 10.0
SIGNED_ID, PRE_KEYS = 1, 5


class Served:
    """A simulator in this process: its parts, its address, and what phones and people do."""

    def __init__(self, hub: Hub, multidevice: Multidevice, port: int) -> None:
        self.hub, self.multidevice, self.port = hub, multidevice, port

    async def post(self, path: str, **values: Any) -> Any:
        """A call to it; the answer, or {"error": …}."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{self.port}{path}", json=values) as answer,
        ):
            return await answer.json()

    async def page(self, path: str) -> str:
        """A page as a person sees it."""
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.port}{path}") as answer,
        ):
            return await answer.text()

    async def fill_in(self, path: str, **fields: str) -> str:
        """A person sends a form; the page that they see then."""
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"http://127.0.0.1:{self.port}{path}", data=fields) as answer,
        ):
            return await answer.text()

    async def fault(self, account: str, name: str, **values: Any) -> None:
        """Put an account under a fault."""
        self.hub.world.commit(faults.started(account, name, faults.KNOWN[name] | values))
        await delivery.settle(self.hub, account.lstrip("+"))

    async def clear(self, account: str) -> None:
        """End its faults."""
        self.hub.world.commit(faults.ended(account))
        await delivery.settle(self.hub, account.lstrip("+"))

    def texts(self, person: str) -> list[str]:
        """What a person has received."""
        return [message.text for message in self.hub.world.received[person.lstrip("+")]]


@asynccontextmanager
async def served(folder: Path, scale: float = 0.01) -> AsyncIterator[Served]:
    """A simulator over a folder; nobody answers by themselves. Entered again over the same folder, it was restarted."""
    hub = Hub(folder, scale)
    multidevice = Multidevice(hub, folder)
    hub.world.rebuild()
    hub.recipients.change({"reply_share": 0, "read_share": 1})
    runner = web.AppRunner(
        server.application(hub, multidevice), access_log=None, shutdown_timeout=0.1
    )
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield Served(hub, multidevice, int(runner.addresses[0][1]))
    finally:
        await runner.cleanup()
        hub.world.record.close()


class Client:
    """One client. Its keys live as long as the object: `connect` again after a restart or a 515."""

    def __init__(self, simulator: Served, *, root: bytes | None = None) -> None:
        self._simulator = simulator
        self.root = root or simulator.multidevice.keys.root.public
        self.noise, self.identity, self.signed_pre_key = new_pair(), new_pair(), new_pair()
        self.adv_secret = secrets.token_bytes(32)
        self.pre_keys = {key_id: new_pair() for key_id in range(1, PRE_KEYS + 1)}
        self.jid: Jid | None = None
        self.lid: Jid | None = None
        self.sessions: dict[str, Session] = {}
        self.phone = b""
        self.account = b""
        self._ids = count(1)
        self._asked: dict[str, asyncio.Future[Node]] = {}
        self._heard: list[Node] = []
        self._news = asyncio.Event()
        self._http = aiohttp.ClientSession()
        self._reading: asyncio.Task[None] | None = None
        self.over = asyncio.Event()
        self.hangs_up = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.leave()
        await self._http.close()

    async def leave(self) -> None:
        """Go away without a word."""
        if self._reading is not None:
            self._reading.cancel()
            await self._socket.close()
            self._reading = None

    # The handshake

    async def connect(self, simulator: Served | None = None) -> None:
        """Shake hands, as a new client or with the device; what is wrong with the server's chain is an AssertionError."""
        self._simulator = simulator or self._simulator
        self._heard, self.over = [], asyncio.Event()
        self._socket = await self._http.ws_connect(f"ws://127.0.0.1:{self._simulator.port}/ws/chat")
        frames, state, ephemeral = Frames(), Symmetric(HEADER), new_pair()
        frames.feed(HEADER)
        state.mix_hash(ephemeral.public)
        hello = pack(HANDSHAKE, {"client_hello": {"ephemeral": ephemeral.public}})
        await self._socket.send_bytes(HEADER + framed(hello))
        said = unpack(HANDSHAKE, frames.feed(await self._socket.receive_bytes())[0])["server_hello"]
        state.mix_hash(said["ephemeral"])
        state.mix_key(ephemeral.agree(said["ephemeral"]))
        static = state.decrypt(said["static"])
        state.mix_key(ephemeral.agree(static))
        self._check(state.decrypt(said["payload"]), static)
        finish = {"static": state.encrypt(self.noise.public)}
        state.mix_key(self.noise.agree(said["ephemeral"]))
        finish["payload"] = state.encrypt(pack(CLIENT_PAYLOAD, self._payload()))
        await self._socket.send_bytes(framed(pack(HANDSHAKE, {"client_finish": finish})))
        self._outward, inward = state.split()
        self._reading = asyncio.get_running_loop().create_task(self._read(frames, inward))

    def _check(self, chain: bytes, static: bytes) -> None:
        links = unpack(CERTIFICATE_CHAIN, chain)
        leaf, between = links["leaf"], links["intermediate"]
        issuer = unpack(CERTIFICATE_DETAILS, between["details"])
        assert is_signed(self.root, between["details"], between["signature"])
        assert is_signed(issuer["key"], leaf["details"], leaf["signature"])
        assert unpack(CERTIFICATE_DETAILS, leaf["details"])["key"] == static

    def _payload(self) -> Values:
        if self.jid is not None:
            return {"username": int(self.jid.user), "device": self.jid.device, "passive": True}
        signature = self.identity.sign(self.signed_pre_key.typed)
        registration = {
            "registration_id": (77).to_bytes(4, "big"),
            "key_type": b"\x05",
            "identity": self.identity.public,
            "signed_pre_key_id": SIGNED_ID.to_bytes(3, "big"),
            "signed_pre_key": self.signed_pre_key.public,
            "signed_pre_key_signature": signature,
            "device_props": pack(DEVICE_PROPS, {"os": "Tests", "platform": 1}),
        }
        return {"registration": registration}

    # Nodes

    async def _read(self, frames: Frames, inward: OneWay) -> None:
        async for said in self._socket:
            for frame in frames.feed(said.data):
                node = decode(inward.decrypt(frame))
                asked = (
                    self._asked.pop(node.text("id"), None) if node.tag in ("iq", "ack") else None
                )
                if asked is not None:
                    asked.set_result(node)
                else:
                    self._heard.append(node)
                    self._news.set()
                    if self.hangs_up and node.tag in ("stream:error", "failure"):
                        await self._socket.close()
        self.over.set()

    async def say(self, node: Node) -> None:
        """Send a node."""
        await self._socket.send_bytes(framed(self._outward.encrypt(encode(node))))

    async def answer(self, node: Node) -> Node:
        """Send a node and wait for what answers its id."""
        future: asyncio.Future[Node] = asyncio.get_running_loop().create_future()
        self._asked[node.text("id")] = future
        await self.say(node)
        async with asyncio.timeout(SECONDS):
            return await future

    async def ask(self, xmlns: str, kind: str, *children: Node) -> Node:
        """Ask the server something."""
        attrs: Attributes = {"id": self._id(), "to": SERVER, "type": kind, "xmlns": xmlns}
        return await self.answer(Node("iq", attrs, list(children)))

    def _id(self) -> str:
        return f"T{next(self._ids)}"

    async def hear(self, tag: str, child: str = "", **attrs: str) -> Node:
        """The next node of this tag, with such a child and attributes; what is heard before it stays."""
        async with asyncio.timeout(SECONDS):
            while True:
                for node in self._heard:
                    fits = all(node.text(name) == value for name, value in attrs.items())
                    if node.tag == tag and fits and (not child or node.child(child) is not None):
                        self._heard.remove(node)
                        return node
                self._news.clear()
                await self._news.wait()

    # Linking

    async def ref(self) -> str:
        """Connect without a device; the first ref of the QR code."""
        await self.connect()
        offered = await self.hear("iq", "pair-device")
        await self.say(Node("iq", {"id": offered.text("id"), "to": SERVER, "type": "result"}))
        return offered.children("pair-device")[0].children("ref")[0].data().decode()

    def qr(self, ref: str) -> str:
        """The text of the QR code."""
        keys = [self.noise.public, self.identity.public, self.adv_secret]
        return ",".join([ref, *(base64.b64encode(key).decode() for key in keys), "1"])

    async def link(self, owner: str) -> None:
        """Show a QR code that the owner scans, and come back logged in."""
        ref = await self.ref()
        scanning = asyncio.create_task(
            self._simulator.post(f"/phones/{owner}/scan", ref=self.qr(ref))
        )
        await self.sign(await self.hear("iq", "pair-success"))
        assert "device" in await scanning
        await self.hear("stream:error", code="515")
        await self.leave()
        await self.log_in()

    async def ask_code(self, owner: str) -> str:
        """Connect without a device and ask to be linked by code; the eight characters that the owner must type."""
        await self.ref()
        code, self._pairing = "ABCD1234", new_pair()
        salt, iv = secrets.token_bytes(32), secrets.token_bytes(16)
        wrapped = salt + iv + under(code, salt, iv, self._pairing.public)
        hello = Node("link_code_pairing_wrapped_companion_ephemeral_pub", {}, wrapped)
        attrs: Attributes = {"jid": Jid(owner[1:]), "stage": "companion_hello"}
        answer = await self.ask("md", "set", Node("link_code_companion_reg", attrs, [hello]))
        self._attempt = answer.children()[0].data("link_code_pairing_ref")
        return code

    async def finish_code(self, code: str) -> None:
        """Answer the phone, whose owner has typed something, under the code that we show."""
        said = (await self.hear("notification", "link_code_companion_reg")).children()[0]
        assert said.data("link_code_pairing_ref") == self._attempt
        wrapped = said.data("link_code_pairing_wrapped_primary_ephemeral_pub")
        phone, chance = said.data("primary_identity_pub"), secrets.token_bytes(32)
        shared = self._pairing.agree(under(code, wrapped[:32], wrapped[32:48], wrapped[48:]))
        salt, nonce = secrets.token_bytes(32), secrets.token_bytes(12)
        bundle = self.identity.public + phone + chance
        sealed = AESGCM(expand(shared, 32, salt=salt, info=BUNDLE_KEY)).encrypt(nonce, bundle, None)
        self.adv_secret = expand(
            shared + self.identity.agree(phone) + chance, 32, info=b"adv_secret"
        )
        answer = Node("link_code_pairing_wrapped_key_bundle", {}, salt + nonce + sealed)
        attrs = {"stage": "companion_finish"}
        await self.ask("md", "set", Node("link_code_companion_reg", attrs, [answer]))

    async def sign(self, success: Node) -> None:
        """Check the phone's signature on our identity, and sign back."""
        told = success.children("pair-success")[0]
        sealed = unpack(SEALED_DEVICE_IDENTITY, told.data("device-identity"))
        assert mac(self.adv_secret, sealed["details"]) == sealed["hmac"]
        signed = unpack(SIGNED_DEVICE_IDENTITY, sealed["details"])
        self.phone = signed["account_signature_key"]
        assert is_signed(
            self.phone,
            BY_ACCOUNT + signed["details"] + self.identity.public,
            signed["account_signature"],
        )
        signed["device_signature"] = self.identity.sign(
            BY_DEVICE + signed["details"] + self.identity.public + self.phone
        )
        device = told.children("device")[0]
        self.jid, self.lid = device.jid("jid"), device.jid("lid")
        self.account = pack(SIGNED_DEVICE_IDENTITY, signed)
        identity = Node("device-identity", {"key-index": "1"}, self.account)
        attrs: Attributes = {"id": success.text("id"), "to": SERVER, "type": "result"}
        await self.say(Node("iq", attrs, [Node("pair-device-sign", {}, [identity])]))

    async def log_in(self, simulator: Served | None = None) -> None:
        """Connect with the device, and wait until the server has told what was missed."""
        await self.connect(simulator)
        await self.hear("success")
        await self.hear("ib", "offline")

    async def upload(self) -> Node:
        """Upload the one-time keys."""
        signature = self.identity.sign(self.signed_pre_key.typed)
        return await self.ask(
            "encrypt",
            "set",
            Node("registration", {}, (77).to_bytes(4, "big")),
            Node("type", {}, b"\x05"),
            Node("identity", {}, self.identity.public),
            Node("list", {}, [_key("key", key_id, pair) for key_id, pair in self.pre_keys.items()]),
            _key("skey", SIGNED_ID, self.signed_pre_key, signature),
        )

    # Writing and reading

    async def look_up(self, phone: str, *protocols: str) -> Node:
        """What usync says of a number that somebody typed."""
        query = Node("query", {}, [Node(name) for name in ("contact", "lid", *protocols)])
        users = Node("list", {}, [Node("user", {}, [Node("contact", {}, phone.encode())])])
        attrs = {"sid": "1", "mode": "query", "context": "interactive"}
        answer = await self.ask("usync", "get", Node("usync", attrs, [query, users]))
        return answer.children("usync")[0].children("list")[0].children("user")[0]

    async def session(self, jid: Jid) -> Session:
        """The session with a phone or device, begun from its bundle where there is none yet."""
        name = str(jid)
        if name not in self.sessions:
            user = Node("user", {"jid": jid})
            told = await self.ask("encrypt", "get", Node("key", {}, [user]))
            found = told.children("list")[0].children("user")[0]
            self.sessions[name] = begun(self.identity, 77, _bundle(found))
        return self.sessions[name]

    async def send(self, to: Jid, text: str, *, message_id: str = "") -> Node:
        """Write to a chat's phone and wait for the ack."""
        return await self.send_to_all(to, [to], text, message_id or self._id())

    async def send_to_all(self, to: Jid, devices: list[Jid], text: str, message_id: str) -> Node:
        """Write to a chat, sealed for these devices, and wait for the ack."""
        return await self.answer(await self.sealed(to, devices, text, message_id))

    async def send_content(self, to: Jid, content: Values) -> Node:
        """Write something else than a text."""
        return await self.answer(await self.sealed(to, [to], content, self._id()))

    async def sealed(
        self, to: Jid, devices: list[Jid], said: str | Values, message_id: str
    ) -> Node:
        """A message to a chat, not yet sent."""
        content = {"conversation": said} if isinstance(said, str) else said
        sealed = []
        for device in devices:
            session = await self.session(device)
            kind, data = session.encrypt(pack(MESSAGE, content) + b"\x01")
            enc = Node("enc", {"v": "2", "type": kind}, data)
            sealed.append(Node("to", {"jid": device}, [enc]))
        attrs: Attributes = {"id": message_id, "to": to, "type": "text"}
        return Node("message", attrs, [Node("participants", {}, sealed)])

    def read(self, message: Node) -> Values:
        """What a message to us says."""
        sender = message.jid("participant") or message.jid("from")
        enc = message.children("enc")[0]
        name, data = str(sender), enc.data()
        if enc.text("type") == "pkmsg":
            opening = opened(data)
            key_id = opening.get("pre_key_id")
            pre_key = self.pre_keys[key_id] if key_id is not None else None
            known = self.sessions.get(name)
            if known is None or known.base != opening["base_key"]:
                self.sessions[name] = answered(self.identity, self.signed_pre_key, pre_key, opening)
            data = opening["message"]
        plain = self.sessions[name].decrypt(data)
        return unpack(MESSAGE, plain[: -plain[-1]])

    async def received(self, message: Node) -> None:
        """Say that we have it."""
        attrs: Attributes = {"id": message.text("id"), "to": message.attrs["from"]}
        await self.say(Node("receipt", attrs))
        await self.hear("ack", **{"id": message.text("id"), "class": "receipt"})


def _key(tag: str, key_id: int, pair: KeyPair, signature: bytes = b"") -> Node:
    content = [Node("id", {}, key_id.to_bytes(3, "big")), Node("value", {}, pair.public)]
    return Node(tag, {}, content + ([Node("signature", {}, signature)] if signature else []))


def _bundle(user: Node) -> Bundle:
    skey, key = user.children("skey")[0], user.child("key")
    assert is_signed(user.data("identity"), b"\x05" + skey.data("value"), skey.data("signature"))
    return Bundle(
        user.data("identity"),
        int.from_bytes(user.data("registration"), "big"),
        int.from_bytes(skey.data("id"), "big"),
        skey.data("value"),
        int.from_bytes(key.data("id"), "big") if key else None,
        key.data("value") if key else b"",
    )
