"""The thin protocol of the `simulated` transport: JSON over keep-alive HTTP, under /wire/.

open {name} → {link, token, phone} · pair {name[, phone]} → offer · pair/<id> (long poll) · lookup ·
send · poll {after, timeout} · close. A session is known by its name; a newer `open` of the same
name displaces the older one, whose calls then answer 409 conflict. An event is told again until a
poll's `after` says that it was dealt with.
"""

from __future__ import annotations

import secrets
import time
from typing import Any

from aiohttp import web

from sessions.simulator import delivery, feed, numbers
from sessions.simulator.entities import Device
from sessions.simulator.hub import Hub, body, hub_of, text_of
from sessions.simulator.pairing import Offer
from sessions.simulator.state import Refused

MAX_WAIT = 25.0


def named(hub: Hub, name: str) -> Device | None:
    """The newest device that a simulated session of this name linked, if any."""
    found = [
        device
        for device in hub.world.devices.values()
        if device.kind == "wire" and device.name == name
    ]
    return found[-1] if found else None


def held(hub: Hub, token: str) -> Device:
    """The device behind a token; Refused when it was unlinked or someone newer holds it."""
    device = hub.world.devices.get(hub.holders.get(token, ""))
    if device is None:
        raise Refused("unknown_token", 401)
    if not device.linked:
        raise Refused("logged_out", 401)
    delivery.refuse_silence(hub, device)
    if device.holder != token or "conflict" in hub.world.faults.of(device.account):
        raise Refused("conflict")
    return device


async def open_session(request: web.Request) -> web.Response:
    """Open a session by name: online with a token, needs_pairing, or logged_out."""
    hub = hub_of(request)
    device = named(hub, text_of(await body(request), "name"))
    if device is None:
        return web.json_response({"link": "needs_pairing"})
    if not device.linked:
        return web.json_response({"link": "logged_out"})
    delivery.refuse_silence(hub, device)
    return web.json_response(take_device(hub, device))


def take_device(hub: Hub, device: Device) -> dict[str, Any]:
    """Hold a device: its earlier holder is displaced, and gets a conflict from `held`."""
    device.holder = secrets.token_hex(12)
    hub.holders[device.holder] = device.id
    device.news.set()
    return {
        "link": "online",
        "token": device.holder,
        "phone": f"+{device.account}",
        "opened_at": time.time(),
    }


async def start_pairing(request: web.Request) -> web.Response:
    """Offer a session for linking, by QR or, with a phone, by code."""
    hub, values = hub_of(request), await body(request)
    hub.pairing.sweep()
    offer = hub.pairing.open(kind="wire", label=text_of(values, "name"))
    if values.get("phone"):
        try:
            hub.pairing.ask_code(offer, str(values["phone"]))
        except Refused:
            hub.pairing.close(offer)
            raise
    return web.json_response(offered(hub, offer))


async def follow_pairing(request: web.Request) -> web.Response:
    """Long poll: answers when the offer shows something newer than `seen`, or was taken."""
    hub = hub_of(request)
    offer = hub.pairing.find(request.match_info["offer"])
    if offer is None:
        raise Refused("unknown_pairing", 404)
    offer.touched_at = time.monotonic()
    await offer.change(
        int(request.query.get("seen", "0")), min(float(request.query.get("timeout", "0")), MAX_WAIT)
    )
    if offer.expired:
        hub.pairing.reload(offer)
    return web.json_response(offered(hub, offer))


async def stop_pairing(request: web.Request) -> web.Response:
    """Take an offer back."""
    hub = hub_of(request)
    offer = hub.pairing.find(request.match_info["offer"])
    if offer is not None:
        hub.pairing.close(offer)
    return web.json_response({})


def offered(hub: Hub, offer: Offer) -> dict[str, Any]:
    """What an offer shows now, or the opened session once a phone took it."""
    if offer.device is not None:
        return take_device(hub, offer.device)
    kind = "code" if offer.code else "qr"
    return {
        "link": "needs_pairing",
        "pairing": offer.id,
        "kind": kind,
        "value": offer.code or offer.ref,
        "version": offer.version,
    }


async def lookup(request: web.Request) -> web.Response:
    """Is a number on WhatsApp, and under which id: {wa_id} or {wa_id: null}."""
    hub, values = hub_of(request), await body(request)
    held(hub, text_of(values, "token"))
    return web.json_response({"wa_id": hub.world.wa_id(text_of(values, "phone"))})


async def send(request: web.Request) -> web.Response:
    """Take one message; the answer is the server's ack, given after the disk has it."""
    hub, values = hub_of(request), await body(request)
    device = held(hub, text_of(values, "token"))
    message = await delivery.take(
        hub,
        device,
        message_id=text_of(values, "id"),
        to=text_of(values, "to"),
        text=str(values.get("text", "")),
    )
    return web.json_response(
        {"id": message.id, "at": message.at, "tick": message.tick, "wa_id": message.wa_id}
    )


async def history(request: web.Request) -> web.Response:
    """What this account has written in one chat, oldest first, as the chat itself would show it."""
    hub, values = hub_of(request), await body(request)
    device = held(hub, text_of(values, "token"))
    chat = hub.world.received.get(numbers.canonical(text_of(values, "to")), [])
    rows = [
        {"id": message.id, "at": message.at, "tick": message.tick, "text": message.text}
        for message in chat
        if message.account == device.account and not message.held
    ]
    return web.json_response({"messages": rows})


async def poll(request: web.Request) -> web.Response:
    """Long poll for what the session must hear, after the entries it has dealt with."""
    hub, values = hub_of(request), await body(request)
    token = text_of(values, "token")
    device = held(hub, token)
    hub.world.taken(device, int(values.get("after", 0)))
    seconds = min(float(values.get("timeout", 0)), MAX_WAIT)
    if seconds > 0:
        await feed.wait(hub.world, device, seconds)
        held(hub, token)
    events = feed.pending(hub.world, device)
    more = device.cursor + feed.BATCH < len(hub.world.account(device.account).log)
    return web.json_response({"events": events, "more": more})


async def close_session(request: web.Request) -> web.Response:
    """Let go of a session; what it says it has heard is remembered."""
    hub, values = hub_of(request), await body(request)
    token = text_of(values, "token")
    device = hub.world.devices.get(hub.holders.pop(token, ""))
    if device is not None and device.holder == token:
        device.holder = ""
        hub.world.taken(device, int(values.get("after", 0)))
    return web.json_response({})


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [
        web.post("/wire/open", open_session),
        web.post("/wire/pair", start_pairing),
        web.get("/wire/pair/{offer}", follow_pairing),
        web.delete("/wire/pair/{offer}", stop_pairing),
        web.post("/wire/lookup", lookup),
        web.post("/wire/send", send),
        web.post("/wire/history", history),
        web.post("/wire/poll", poll),
        web.post("/wire/close", close_session),
    ]
