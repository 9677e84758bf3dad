"""Phones: the calls by which they scan, type codes, write and unlink, and the pages a person clicks.

POST /phones/<phone>/scan {ref} · /code {code} · /say {to, text} · /unlink {device}. A call with a
JSON body answers JSON; a form goes back to the phone's page.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from aiohttp import web

from sessions.simulator import numbers
from sessions.simulator.entities import Device, iso
from sessions.simulator.parts import body, parts, text_of
from sessions.simulator.phones_html import WORDS, list_page, phone_page
from sessions.simulator.state import Refused


def phone_of(request: web.Request) -> str:
    """The canonical digits of the phone in the address; 404 when it can't be a phone."""
    number = numbers.canonical(request.match_info["phone"])
    if not number or not numbers.is_possible(number):
        raise web.HTTPNotFound(text="Este número de telefone não existe.")
    return number


def from_form(request: web.Request) -> bool:
    """Whether a person's form sent this, rather than a program."""
    return request.content_type == "application/x-www-form-urlencoded"


def answer(request: web.Request, values: dict[str, Any], note: str) -> web.Response:
    """JSON for a program; for a person, back to the phone with a note."""
    if not from_form(request):
        return web.json_response(values)
    number = request.match_info["phone"]
    raise web.HTTPSeeOther(f"/phones/{quote(number)}?note={note}")


def linked(device: Device) -> dict[str, Any]:
    """A device as the calls answer it."""
    return {
        "device": device.id,
        "account": f"+{device.account}",
        "name": device.name,
        "linked_at": iso(device.linked_at),
    }


async def scan(request: web.Request) -> web.Response:
    """The phone's camera sees a QR code."""
    hub, number = parts(request), phone_of(request)
    ref = text_of(await body(request), "ref")
    try:
        device = await hub.pairing.scan(number, ref)
    except Refused as refusal:
        if from_form(request):
            return answer(request, {}, refusal.reason)
        raise
    return answer(request, linked(device), "linked")


async def code(request: web.Request) -> web.Response:
    """The phone's owner types the eight characters that the page shows."""
    hub, number = parts(request), phone_of(request)
    typed = text_of(await body(request), "code")
    try:
        device = await hub.pairing.enter_code(number, typed)
    except Refused as refusal:
        if from_form(request):
            return answer(request, {}, refusal.reason)
        raise
    return answer(request, linked(device), "linked")


async def say(request: web.Request) -> web.Response:
    """The phone's owner writes to an account."""
    values = await body(request)
    reply = await parts(request).world.say(
        phone_of(request), text_of(values, "to"), text_of(values, "text")
    )
    return answer(request, reply.truth(), "said")


async def write(request: web.Request) -> web.Response:
    """The account's owner writes to somebody from the phone; with "at", at an earlier time."""
    values = await body(request)
    at = values.get("at")
    message = await parts(request).world.write(
        phone_of(request),
        text_of(values, "to"),
        text_of(values, "text"),
        at=float(at) if isinstance(at, int | float) else None,
    )
    return answer(request, message.truth(), "said")


async def unlink(request: web.Request) -> web.Response:
    """The phone's owner takes a linked device off; without "device", all of them."""
    world, number = parts(request).world, phone_of(request)
    wanted = (await body(request)).get("device")
    devices = [one for one in world.account(number).linked_devices() if wanted in (None, one.id)]
    if wanted is not None and not devices:
        raise Refused("unknown_device", 404)
    for device in devices:
        await world.unlink(device)
    return answer(request, {"unlinked": [device.id for device in devices]}, "unlinked")


async def show(request: web.Request) -> web.Response:
    """What is on this phone: conversations, linked devices, and codes it could scan."""
    hub, number = parts(request), phone_of(request)
    if request.query.get("format") == "json":
        return web.json_response(
            {
                "phone": f"+{number}",
                "devices": [
                    linked(device) for device in hub.world.account(number).linked_devices()
                ],
                "received": [message.truth() for message in hub.world.received.get(number, ())],
                "wrote": [reply.truth() for reply in hub.world.wrote.get(number, ())],
            }
        )
    note = WORDS.get(request.query.get("note", ""), "")
    return page(phone_page(hub, number, note))


async def index(request: web.Request) -> web.Response:
    """All phones worth a look."""
    wanted = request.query.get("numero", "")
    number = numbers.canonical(wanted)
    if wanted and not number.startswith(numbers.BRAZIL) and len(numbers.digits(wanted)) in (10, 11):
        number = numbers.canonical(numbers.BRAZIL + number)
    if number and numbers.is_possible(number):
        raise web.HTTPSeeOther(f"/phones/{quote('+' + number)}")
    return page(list_page(parts(request), WORDS["no_phone"] if wanted else ""))


def page(text: str) -> web.Response:
    """An HTML page that may only load what is ours."""
    headers = {
        "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'",
        "Cache-Control": "no-store",
    }
    return web.Response(text=text, content_type="text/html", headers=headers)


def routes() -> list[web.RouteDef]:
    """The routes of this file."""
    return [
        web.get("/phones", index),
        web.get("/phones/", index),
        web.get("/phones/{phone}", show),
        web.get("/phones/{phone}/", show),
        web.post("/phones/{phone}/scan", scan),
        web.post("/phones/{phone}/code", code),
        web.post("/phones/{phone}/say", say),
        web.post("/phones/{phone}/write", write),
        web.post("/phones/{phone}/unlink", unlink),
    ]
