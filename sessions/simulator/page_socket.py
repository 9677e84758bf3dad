"""The WebSocket between the WhatsApp Web page and the server: linking, then everything online.

The server opens with a challenge. A page with credentials answers with its device and an HMAC made
by a key it can't read; a page without them asks to be paired. One page per device: a second
one displaces the first, which then shows the conflict dialog.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from contextlib import suppress
from typing import Any

from aiohttp import WSMsgType, web

from sessions.simulator import delivery, feed, identity, numbers, page_questions
from sessions.simulator.entities import Device, Entry
from sessions.simulator.faults import played
from sessions.simulator.hub import Hub, hub_of
from sessions.simulator.page_questions import Question
from sessions.simulator.pairing import Offer, shown
from sessions.simulator.state import Refused

HEED_SECONDS = 20.0
MAX_FRAME = 24 * 1024 * 1024


class PageLink:
    """One open page."""

    def __init__(self, hub: Hub, socket: web.WebSocketResponse, label: str) -> None:
        self._hub = hub
        self._socket = socket
        self._label = label
        self._nonce = secrets.token_hex(16)
        self._tasks: list[asyncio.Task[None]] = []
        self._told = 0
        self._silent = False
        self._lost = 0
        self._unheeded: dict[str, asyncio.Future[None]] = {}
        self.offer: Offer | None = None
        self.device: Device | None = None

    async def serve(self, device: Device | None) -> None:
        """Talk until the page goes away. `device`: whom the page says to be, unproven.

        A network that is cut without a word lets nothing through, nor the first frame of a new connection.
        """
        if device is not None and "silent_cut" in self._hub.world.faults.of(
            device.account, device.id
        ):
            self.device, self._silent = device, True
        await self._tell("challenge", nonce=self._nonce)
        async for frame in self._socket:
            if frame.type is WSMsgType.TEXT and not self._silent:
                await self._hear(json.loads(frame.data))

    def leave(self) -> None:
        """Forget the page: its refs become invalid."""
        for task in self._tasks:
            task.cancel()
        for change in list(self._unheeded):
            self._heeded(change)
        if self.offer is not None:
            self._hub.pairing.close(self.offer)

    async def _hear(self, said: dict[str, Any]) -> None:
        handler = getattr(self, f"_op_{said.get('op')}", None)
        question = page_questions.ALL.get(str(said.get("op")))
        try:
            if handler is not None:
                await handler(said)
            elif question is not None:
                await self._answer(question, said)
        except Refused as refusal:
            await self._tell("refused", rid=said.get("rid"), reason=refusal.reason)

    async def _answer(self, question: Question, said: dict[str, Any]) -> None:
        if self.device is None:
            raise Refused("logged_out")
        values = await question(self._hub, self.device.account, said)
        await self._tell("answer", rid=said["rid"], **values)

    async def _tell(self, op: str, **values: Any) -> None:
        if not self._socket.closed and not self._silent:
            await self._socket.send_json({"op": op, **values})

    def _start(self, coroutine: Any) -> None:
        self._tasks.append(asyncio.get_running_loop().create_task(coroutine))

    # Linking

    async def _op_pair(self, said: dict[str, Any]) -> None:
        if self.offer is None:
            self.offer = self._hub.pairing.open(kind="page", label=self._label)
            self._start(self._show_offer(self.offer))

    async def _op_reload_refs(self, said: dict[str, Any]) -> None:
        if self.offer is not None:
            self._hub.pairing.reload(self.offer)

    async def _op_ask_code(self, said: dict[str, Any]) -> None:
        if self._hub.linking.screen == "too_many_attempts":
            raise Refused("too_many_attempts", 429)
        if self.offer is not None:
            self._hub.pairing.ask_code(self.offer, str(said.get("phone", "")))

    async def _op_passkey(self, said: dict[str, Any]) -> None:
        """The browser's authenticator confirmed who it is."""
        if self.offer is not None:
            await self._hub.pairing.pass_key(self.offer)

    async def _show_offer(self, offer: Offer) -> None:
        seen = 0
        while offer.device is None:
            if offer.version > seen:
                seen = offer.version
                await self._tell("offer", **shown(offer))
            await offer.change(seen, 60)
        self.offer = None
        device = offer.device
        await self._tell(
            "linked",
            device=device.id,
            secret=device.secret,
            account=device.account,
            **self._hub.own(device.account),
        )

    # Online

    async def _op_resume(self, said: dict[str, Any]) -> None:
        device = self._hub.world.device(str(said.get("device", "")))
        if device is None or not self._proves(device, str(said.get("proof", ""))):
            await self._tell("logout")
            return
        self.device = device
        faults = self._faults()
        if "offline" in faults:
            await self._tell("conditions", conditions=faults)
            await self.part()
            return
        for other in [
            page for page in self._hub.pages if page.device is device and page is not self
        ]:
            await other.displace()
        device.holder = self._nonce
        if "lost_writes" in faults:
            self._lost = len(self._hub.world.account(device.account).log)
        await self._tell(
            "welcome",
            account=device.account,
            pretty=numbers.pretty(device.account),
            conditions=faults,
        )
        self._told = device.cursor
        self._start(self._follow(device))

    def _proves(self, device: Device, proof: str) -> bool:
        expected = hmac.new(
            bytes.fromhex(device.secret), self._nonce.encode(), "sha256"
        ).hexdigest()
        return hmac.compare_digest(expected, proof)

    async def displace(self) -> None:
        """Another page took the device: this one shows the conflict and hears nothing more."""
        self.device = None
        for task in self._tasks:
            task.cancel()
        await self._tell("conflict")

    async def part(self) -> None:
        """The server goes down: end the connection."""
        await self._socket.close(drain=False)

    async def heed(self) -> None:
        """The faults of the page's account changed: tell it, or fall silent, or part from it.

        Returns once the page plays them, or is gone; Refused when it does neither for too long.
        A connection that was cut stays dead when the network is back: the page makes a new one.
        """
        if self.device is None:
            return
        faults = self._faults()
        if self._silent:
            if "silent_cut" not in faults:
                await self.part()
        elif "silent_cut" in faults and "offline" not in faults:
            self._silent = True
        else:
            await self._tell_faults(faults)
            if "offline" in faults:
                await self.part()

    async def _tell_faults(self, faults: dict[str, dict[str, Any]]) -> None:
        if self not in self._hub.pages:
            return
        change = secrets.token_hex(8)
        heard = self._unheeded[change] = asyncio.get_running_loop().create_future()
        with suppress(ConnectionError):
            await self._tell("conditions", change=change, conditions=faults)
        try:
            async with asyncio.timeout(HEED_SECONDS):
                await heard
        except TimeoutError as error:
            raise Refused("page_heeds_nothing", 504) from error
        finally:
            self._unheeded.pop(change, None)

    async def _op_heeded(self, said: dict[str, Any]) -> None:
        self._heeded(str(said.get("change", "")))

    def _heeded(self, change: str) -> None:
        heard = self._unheeded.pop(change, None)
        if heard is not None and not heard.done():
            heard.set_result(None)

    def _faults(self) -> dict[str, dict[str, Any]]:
        device = self.device
        return self._hub.world.faults.of(device.account, device.id) if device else {}

    async def _op_played(self, said: dict[str, Any]) -> None:
        """The page has played a fault once; it asks before it dies of one."""
        name = str(said.get("fault", ""))
        faults = self._faults()
        if self.device is not None and name in faults:
            event = played(self.device.account, name, faults[name])
            if event is not None:
                self._hub.world.commit(event)
                await self._hub.world.settled()
        await self._tell("answer", rid=said["rid"], conditions=self._faults())

    async def _follow(self, device: Device) -> None:
        world = self._hub.world
        while True:
            if not device.linked:
                await self._tell("logout")
                return
            fresh = [one for one in feed.fresh(world, device) if one[0] > self._told]
            if fresh:
                self._told = fresh[-1][0]
                await self._tell_events(device, fresh)
            device.news.clear()
            if (
                self._told >= len(world.account(device.account).log)
                or self._told >= device.cursor + feed.BATCH
            ):
                await device.news.wait()

    async def _tell_events(self, device: Device, fresh: list[tuple[int, Entry]]) -> None:
        """Tell them, but never again the device's own messages that its disk has just lost."""
        told = [
            feed.for_page(self._hub.world, device.account, entry, seq)
            for seq, entry in fresh
            if seq > self._lost or not entry.is_from(device.id)
        ]
        if told:
            await self._tell("events", events=told)
        else:
            self._hub.world.taken(device, fresh[-1][0])

    async def _op_taken(self, said: dict[str, Any]) -> None:
        if self.device is not None:
            self._hub.world.taken(self.device, int(said["seq"]))
            self.device.news.set()

    async def _op_send(self, said: dict[str, Any]) -> None:
        if self.device is None or not self.device.linked:
            raise Refused("logged_out")
        delivery.refuse_new_chat(self._hub, self.device, said["to"])
        self._start(self._take(self.device, said))

    async def _take(self, device: Device, said: dict[str, Any]) -> None:
        try:
            message = await delivery.take(
                self._hub,
                device,
                message_id=said["id"],
                to=said["to"],
                text=said["text"],
                attachment=said.get("attachment"),
            )
        except Refused as refusal:
            await self._tell("refused", rid=said["rid"], reason=refusal.reason)
            return
        except delivery.Silence:
            return
        await self._tell("answer", rid=said["rid"], at=message.at, ack=identity.ACKS[message.tick])

    async def _op_ping(self, said: dict[str, Any]) -> None:
        await self._tell("answer", rid=said["rid"])


async def page_socket(request: web.Request) -> web.WebSocketResponse:
    """GET /page/socket."""
    socket = web.WebSocketResponse(heartbeat=30, max_msg_size=MAX_FRAME)
    await socket.prepare(request)
    link = PageLink(hub_of(request), socket, "WhatsApp Web")
    hub_of(request).pages.add(link)
    try:
        await link.serve(hub_of(request).world.device(request.query.get("device", "")))
    finally:
        hub_of(request).pages.discard(link)
        link.leave()
    return socket


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [web.get("/page/socket", page_socket)]
