"""One client's WebSocket: the handshake, then encrypted nodes both ways. What they mean is its stage's affair."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Protocol

from aiohttp import WSMsgType, web

from sessions.simulator.multidevice.certificates import ServerKeys
from sessions.simulator.multidevice.frames import HEADER, Frames, NotTheProtocol, framed
from sessions.simulator.multidevice.jids import SERVER
from sessions.simulator.multidevice.nodes import Attributes, Node, NoNode, decode, encode
from sessions.simulator.multidevice.noise import HandshakeFailed, OneWay, Responder
from sessions.simulator.multidevice.protobuf import Values

ANSWER_SECONDS = 20.0
LINGER = 5.0  # for a client that has got its last word
PARTING = 0.3


class Stage(Protocol):
    """What a connection is for: waiting to be linked, or linked."""

    async def begin(self) -> None:
        """The handshake is done."""

    async def take(self, node: Node) -> None:
        """The client said something."""

    def leave(self) -> None:
        """The client is gone."""


class Connection:
    """The encrypted line. `held` is said of a line that is cut without a sign: nothing goes either way."""

    def __init__(
        self,
        socket: web.WebSocketResponse,
        keys: ServerKeys,
        transport: asyncio.Transport | None,
    ) -> None:
        self._socket, self._keys, self._transport = socket, keys, transport
        self._frames, self._waiting = Frames(), list[bytes]()
        self._inward: OneWay | None = None
        self._outward: OneWay | None = None
        self._sending = asyncio.Lock()
        self._asked: dict[str, asyncio.Future[Node]] = {}
        self._is_read, self._gone = False, asyncio.Event()
        self.held = False

    async def shake_hands(self) -> tuple[bytes, Values]:
        """The client's static key and its payload; HandshakeFailed or NotTheProtocol otherwise."""
        responder = Responder(self._keys.static, self._keys.chain, HEADER)
        await self._socket.send_bytes(framed(responder.hello(await self._frame())))
        static, payload, self._inward, self._outward = responder.finish(await self._frame())
        return static, payload

    async def nodes(self) -> AsyncIterator[Node]:
        """What the client says, until it goes; answers to what we asked are taken out."""
        self._is_read = True
        while True:
            try:
                frame = await self._frame()
                assert self._inward is not None
                node = decode(self._inward.decrypt(frame))
            except (HandshakeFailed, NotTheProtocol, NoNode):
                return
            if self.held:
                continue
            asked = self._asked.pop(node.text("id"), None) if node.tag == "iq" else None
            if asked is None:
                yield node
            elif not asked.done():
                asked.set_result(node)

    async def _frame(self) -> bytes:
        """The next frame; HandshakeFailed when the client is gone."""
        while not self._waiting:
            said = await self._socket.receive()
            if said.type is not WSMsgType.BINARY:
                self._gone.set()
                raise HandshakeFailed("the client went away")
            self._waiting = self._frames.feed(said.data)
        return self._waiting.pop(0)

    async def send(self, node: Node) -> None:
        """Say something; nothing happens when the client is gone or the line is cut."""
        if self.held or self._outward is None:
            return
        async with self._sending:
            with suppress(ConnectionError, RuntimeError):
                await self._socket.send_bytes(framed(self._outward.encrypt(encode(node))))

    async def ask(self, node: Node) -> Node:
        """Send an iq and wait for its answer; TimeoutError when none comes."""
        answer: asyncio.Future[Node] = asyncio.get_running_loop().create_future()
        self._asked[node.text("id")] = answer
        await self.send(node)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await answer
        finally:
            self._asked.pop(node.text("id"), None)

    async def end(self, last: Node | None = None) -> None:
        """Say a last word and close once the client has hung up, or doesn't for a while.

        A busy client that finds a word together with the end forgets the word.
        """
        if last is not None:
            await self.send(last)
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER):
                    await self._hung_up()
        await self._socket.close(drain=False)

    async def _hung_up(self) -> None:
        if self._is_read:
            await self._gone.wait()
        while not self._gone.is_set():
            with suppress(HandshakeFailed, NotTheProtocol):
                await self._frame()

    async def part(self) -> None:
        """Close as the server goes down, without waiting for clients that don't answer."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PARTING):
                await self.end()
        self.drop()

    def drop(self) -> None:
        """Cut the line as a network does."""
        if self._transport is not None:
            self._transport.abort()


def request_id() -> str:
    """An id for what the server asks."""
    return f"{secrets.randbelow(10**9)}-{secrets.randbelow(1000)}"


def stream_error(code: int | None, *children: Node) -> Node:
    """The node that ends a stream."""
    return Node("stream:error", {"code": str(code)} if code else {}, list(children))


def failure(reason: int, **more: str) -> Node:
    """The node that refuses a login."""
    return Node("failure", {"reason": str(reason), "location": "sim", **more})


def result(iq: Node, *children: Node) -> Node:
    """The answer to an iq."""
    attrs: Attributes = {"from": SERVER, "id": iq.text("id"), "type": "result"}
    return Node("iq", attrs, list(children) if children else None)


def refusal(iq: Node, code: int, text: str, **more: str) -> Node:
    """The answer that says no."""
    error = Node("error", {"code": str(code), "text": text, **more})
    return Node("iq", {"from": SERVER, "id": iq.text("id"), "type": "error"}, [error])
